//! The graph as a picture that needs no other program.
//!
//! Each module is a band: its facts on the left, what it accepts and reads on the right, and between the two columns a
//! gap that belongs to the edges, so that no edge crosses a label. Which band lies where is for a library to say
//! (`order.rs`); `layout.rs` makes places of it, and this file the text.

mod layout;
mod order;
mod style;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use layout::{Layout, Place};

use super::{emission_label, reader_label};
use crate::catalogue::graph::{Event, EventKind, Graph};

/// Between the two lines around an entity type.
const INSET: f64 = 3.0;
/// How far a command's sides run out into a point.
const POINT: f64 = 9.0;

/// Draws the graph.
pub(super) fn svg(graph: &Graph) -> String {
    let layout = Layout::of(graph);
    let (width, height) = (layout.width, layout.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n{}<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
        style::STYLE
    );
    style::legend(&mut out);
    for (at, band) in layout.bands.iter().enumerate() {
        module(graph, at, band, &mut out);
    }
    edges(graph, &layout, &mut out);
    for (event, place) in graph.events.iter().zip(&layout.events) {
        node(event, place, &mut out);
    }
    for (entity, place) in graph.entities.iter().zip(&layout.entities) {
        let title = format!("{}: its state is kept", entity.path);
        shape_and_label(&mut out, "node entity", &doubled(place), (&entity.name, place), &title);
    }
    for (at, place) in layout.readers.iter().enumerate() {
        if let Some(place) = place {
            let label = reader_label(&graph.reader(at).unwrap_or_default());
            let shape = format!("<rect {}/>", place.corner());
            shape_and_label(&mut out, "node inbound", &shape, (&label, place), "reads these facts itself");
        }
    }
    out.push_str("</svg>\n");
    out
}

fn module(graph: &Graph, at: usize, band: &Place, out: &mut String) {
    let module = &graph.modules[at];
    let class = if module.declared { "module" } else { "module problem" };
    let title = escape(&layout::cut(&module.title));
    let (x, y) = (band.x + layout::PAD, band.y + 18.0);
    let _ = writeln!(
        out,
        "<g class=\"{class}\"><title>{}</title><rect rx=\"8\" {}/><text class=\"name\" x=\"{x}\" y=\"{y}\">{title}</text></g>",
        escape(&module.name),
        band.corner(),
    );
}

fn node(event: &Event, place: &Place, out: &mut String) {
    let (shape, kind) = match event.kind {
        EventKind::Fact => (format!("<rect rx=\"12\" {}/>", place.corner()), "fact"),
        EventKind::Command => (hexagon(place), "command"),
    };
    let class = format!("node {kind}{}", if event.problem.is_some() { " problem" } else { "" });
    let says = event.problem.map_or(kind, crate::catalogue::graph::Problem::sentence);
    shape_and_label(out, &class, &shape, (&event.name, place), &format!("{}: {says}", event.name));
}

fn hexagon(place: &Place) -> String {
    let Place { x, y, width, height } = *place;
    let (left, right, middle, bottom) = (x + POINT, x + width - POINT, y + height / 2.0, y + height);
    let end = x + width;
    format!("<polygon points=\"{x},{middle} {left},{y} {right},{y} {end},{middle} {right},{bottom} {left},{bottom}\"/>")
}

fn doubled(place: &Place) -> String {
    let Place { x, y, width, height } = *place;
    let inner = Place { x: x + INSET, y: y + INSET, width: width - 2.0 * INSET, height: height - 2.0 * INSET };
    format!("<rect rx=\"6\" {}/><rect rx=\"4\" {}/>", place.corner(), inner.corner())
}

fn shape_and_label(out: &mut String, class: &str, shape: &str, (label, place): (&str, &Place), title: &str) {
    let (x, y) = (place.x + place.width / 2.0, place.y + place.height / 2.0 + 4.0);
    let _ = writeln!(
        out,
        "<g class=\"{class}\"><title>{}</title>{shape}<text x=\"{x}\" y=\"{y}\">{}</text></g>",
        escape(title),
        escape(&layout::cut(label))
    );
}

/// All edges, each from the inner side of one column to that of the other.
fn edges(graph: &Graph, layout: &Layout, out: &mut String) {
    let name = |event: usize| &*graph.events[event].name;
    for reading in graph.readings.iter().filter(|reading| !reading.is_wildcard()) {
        let Some(reader) = &layout.readers[reading.module] else { continue };
        let title = format!("{} is read by {}", name(reading.event), graph.modules[reading.module].name);
        let owner = graph.events[reading.event].module;
        let class = if graph.is_undeclared(reading.event) { "reads problem" } else { "reads" };
        edge(out, class, owner, (&layout.events[reading.event], reader), &title);
    }
    for trigger in &graph.triggers {
        let class = if trigger.cycle || trigger.id.is_none() { "triggers problem" } else { "triggers" };
        let when = trigger.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        let title = format!("{} triggers {}{when}", name(trigger.fact), name(trigger.command));
        let ends = (&layout.events[trigger.fact], &layout.events[trigger.command]);
        edge(out, class, graph.events[trigger.fact].module, ends, &title);
    }
    for answer in &graph.answers {
        let class = if answer.cycle { "answers problem" } else { "answers" };
        let title = format!("{} may emit {}", name(answer.command), name(answer.fact));
        let ends = (&layout.events[answer.command], &layout.events[answer.fact]);
        edge(out, class, graph.events[answer.command].module, ends, &title);
    }
    for emission in &graph.emissions {
        let entity = &graph.entities[emission.entity];
        let label = emission_label(emission);
        let when = if label.is_empty() { label } else { format!(" ({label})") };
        let title = format!("a change of {} emits {}{when}", entity.path, name(emission.fact));
        edge(out, "changes", entity.module, (&layout.entities[emission.entity], &layout.events[emission.fact]), &title);
    }
}

/// A curve whose colour is that of a module.
fn edge(out: &mut String, class: &str, module: usize, (from, to): (&Place, &Place), title: &str) {
    // What is read through `include_commands` stands in the same column as its reader.
    let leaves = |place: &Place, other: &Place| if place.x > other.x { place.x } else { place.x + place.width };
    let (start, end) = if from.x == to.x { (from.x, to.x) } else { (leaves(from, to), leaves(to, from)) };
    let bend = if start == end { -60.0 } else { (end - start) / 2.0 };
    let (top, bottom) = (from.y + from.height / 2.0, to.y + to.height / 2.0);
    let (first, second) = (start + bend, if start == end { end + bend } else { end - bend });
    let colour = module % style::COLOURS;
    let arrow = if class.ends_with("problem") { "problem".to_owned() } else { colour.to_string() };
    let _ = writeln!(
        out,
        "<path class=\"edge {class} c{colour}\" marker-end=\"url(#arrow-{arrow})\" \
         d=\"M{start},{top} C{first},{top} {second},{bottom} {end},{bottom}\"><title>{}</title></path>",
        escape(title)
    );
}

/// A text within an element.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // XML has no name for most control characters, nor for what is no character.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
