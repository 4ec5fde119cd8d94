//! Where everything lies. Labels are set in a font whose characters are all of one width, so that the place they take
//! is known.

use super::order::order;
use crate::catalogue::graph::{EventKind, Graph};
use crate::cli::graph::reader_label;

/// Between the edge of a box and what is in it.
pub(super) const PAD: f64 = 12.0;
/// The height of a node.
const NODE: f64 = 24.0;
/// Between two nodes of a column, and between two bands.
const GAP: f64 = 8.0;
const BAND_GAP: f64 = 14.0;
/// The part of a band that has the module's name.
const HEADER: f64 = 28.0;
/// Between the columns: room for the edges.
const EDGES: f64 = 340.0;
/// The width of a character of a label; of a wide one, twice that. A little more than any font takes at this size.
pub(super) const CHARACTER: f64 = 7.4;
/// Around the label of a node.
pub(super) const LABEL_PAD: f64 = 28.0;
/// The longest label, in characters.
const LONGEST: usize = 64;
/// Above the first band: the legend.
const TOP: f64 = 64.0;
/// The narrowest column, so that the legend has room.
const NARROWEST: f64 = 230.0;

/// A rectangle.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Place {
    /// As the attributes of a `rect`.
    pub(super) fn corner(&self) -> String {
        format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", self.x, self.y, self.width, self.height)
    }
}

/// Where modules, events, readers and entity types lie, by their numbers.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) bands: Vec<Place>,
    pub(super) events: Vec<Place>,
    /// What reads for a module, where it reads.
    pub(super) readers: Vec<Option<Place>>,
    pub(super) entities: Vec<Place>,
}

/// A node of a column.
#[derive(Clone, Copy)]
enum Node {
    Event(usize),
    Reader(usize),
    Entity(usize),
}

impl Layout {
    pub(super) fn of(graph: &Graph) -> Self {
        let modules = graph.modules.len();
        let widest = |labels: &mut dyn Iterator<Item = f64>| labels.fold(NARROWEST, f64::max).ceil();
        let of_kind = |kind: EventKind| graph.events.iter().filter(move |event| event.kind == kind);
        let titles = graph.modules.iter().map(|module| width(&module.title));
        let left = widest(&mut of_kind(EventKind::Fact).map(|event| width(&event.name)).chain(titles));
        let readers = (0..modules).filter_map(|at| graph.reader(at)).map(|patterns| width(&reader_label(&patterns)));
        let entities = graph.entities.iter().map(|entity| width(&entity.name));
        let right =
            widest(&mut of_kind(EventKind::Command).map(|event| width(&event.name)).chain(readers).chain(entities));
        let mut layout = Self {
            width: 4.0 * PAD + left + EDGES + right,
            height: TOP,
            bands: vec![Place::default(); modules],
            events: vec![Place::default(); graph.events.len()],
            readers: vec![None; modules],
            entities: vec![Place::default(); graph.entities.len()],
        };
        for at in order(graph) {
            layout.band(graph, at, (left, right));
        }
        layout
    }

    /// Lays a module below those that lie already.
    fn band(&mut self, graph: &Graph, at: usize, (left, right): (f64, f64)) {
        let [facts, accepted] = columns(graph, at);
        let tall = column(facts.len()).max(column(accepted.len()));
        let height = if tall == 0.0 { HEADER } else { HEADER + tall + PAD };
        let top = self.height;
        self.bands[at] = Place { x: PAD, y: top, width: self.width - 2.0 * PAD, height };
        self.height += height + BAND_GAP;
        for (nodes, x, width) in [(facts, 2.0 * PAD, left), (accepted, 2.0 * PAD + left + EDGES, right)] {
            let mut y = top + HEADER + (tall - column(nodes.len())) / 2.0;
            for node in nodes {
                let place = Place { x, y, width, height: NODE };
                match node {
                    Node::Event(event) => self.events[event] = place,
                    Node::Reader(module) => self.readers[module] = Some(place),
                    Node::Entity(entity) => self.entities[entity] = place,
                }
                y += NODE + GAP;
            }
        }
    }
}

/// What stands in the two columns of a module.
fn columns(graph: &Graph, module: usize) -> [Vec<Node>; 2] {
    let events = |kind: EventKind| graph.events_of(module, kind).map(|(at, _)| Node::Event(at));
    let reader = graph.reader(module).map(|_| Node::Reader(module));
    let entities = graph.entities_of(module).map(|(at, _)| Node::Entity(at));
    let right = reader.into_iter().chain(events(EventKind::Command)).chain(entities);
    [events(EventKind::Fact).collect(), right.collect()]
}

/// How tall the columns of a module are.
pub(super) fn heights(graph: &Graph, module: usize) -> [f64; 2] {
    columns(graph, module).map(|nodes| column(nodes.len()))
}

#[allow(clippy::cast_precision_loss, reason = "a catalogue has some thousands of events")]
fn column(nodes: usize) -> f64 {
    if nodes == 0 { 0.0 } else { nodes as f64 * (NODE + GAP) - GAP }
}

/// A label that is not too long.
pub(super) fn cut(label: &str) -> String {
    let mut cut: String = label.chars().take(LONGEST).collect();
    if label.chars().nth(LONGEST).is_some() {
        cut.push('…');
    }
    cut
}

/// The width of a node with this label.
fn width(label: &str) -> f64 {
    let of = |c: char| if c.is_ascii() || c == '…' { CHARACTER } else { 2.0 * CHARACTER };
    cut(label).chars().map(of).sum::<f64>() + LABEL_PAD
}
