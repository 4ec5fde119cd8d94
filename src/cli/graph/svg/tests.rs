use proptest::prelude::*;

use super::layout::{CHARACTER, LABEL_PAD};
use super::svg;
use crate::catalogue::Changes;
use crate::catalogue::graph as compiled;
use crate::catalogue::graph::{Answer, Emission, Entity, Event, EventKind, Graph, Module, Reading, Trigger};

/// A node or a band as it stands in the picture.
#[derive(Debug)]
struct Drawn {
    node: bool,
    label: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// Reads the boxes out of the picture's text.
fn drawn(svg: &str) -> Vec<Drawn> {
    let groups =
        svg.lines().filter(|line| line.starts_with("<g class=\"node") || line.starts_with("<g class=\"module"));
    groups.map(read).collect()
}

fn read(line: &str) -> Drawn {
    let attribute = |name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let label = line.rsplit_once("</text>").unwrap().0.rsplit('>').next().unwrap();
    let label = label.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let (left, top, right, bottom) = match line.split_once("points=\"") {
        Some((_, points)) => {
            let points = points.split('"').next().unwrap().split([' ', ',']).map(|n| n.parse::<f64>().unwrap());
            let points: Vec<f64> = points.collect();
            let least = |from: usize| points.iter().skip(from).step_by(2).copied().fold(f64::INFINITY, f64::min);
            let most = |from: usize| points.iter().skip(from).step_by(2).copied().fold(0.0, f64::max);
            (least(0), least(1), most(0), most(1))
        }
        None => {
            let (x, y) = (attribute("x"), attribute("y"));
            (x, y, x + attribute("width"), y + attribute("height"))
        }
    };
    Drawn { node: line.starts_with("<g class=\"node"), label, left, top, right, bottom }
}

/// No two boxes overlap but a band and its nodes, every label fits into its box, and all lies within the picture.
fn holds(graph: &Graph) {
    let picture = svg(graph);
    let all = drawn(&picture);
    let readers = (0..graph.modules.len()).filter(|at| graph.reader(*at).is_some()).count();
    assert_eq!(all.len(), graph.modules.len() + graph.events.len() + graph.entities.len() + readers);
    let size: Vec<f64> = picture
        .split("viewBox=\"0 0 ")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    for (at, one) in all.iter().enumerate() {
        assert!(one.left >= 0.0 && one.top >= 64.0 && one.right <= size[0] && one.bottom <= size[1], "{one:?}");
        let takes: f64 =
            one.label.chars().map(|c| if c.is_ascii() || c == '…' { CHARACTER } else { 2.0 * CHARACTER }).sum();
        assert!(takes + LABEL_PAD <= one.right - one.left + 0.001, "{one:?}");
        for other in &all[at + 1..] {
            let apart = one.right <= other.left
                || other.right <= one.left
                || one.bottom <= other.top
                || other.bottom <= one.top;
            let inside = one.node != other.node && {
                let (band, node) = if one.node { (other, one) } else { (one, other) };
                band.left < node.left && node.right < band.right && band.top < node.top && node.bottom < band.bottom
            };
            assert!(apart || inside, "{one:?} and {other:?}");
        }
    }
    edges_keep_to_the_gap(&picture, &all);
}

/// A curve lies within the hull of its four points: where all of them are in the gap between the columns, no label is
/// crossed.
fn edges_keep_to_the_gap(picture: &str, all: &[Drawn]) {
    for path in picture.lines().filter(|line| line.starts_with("<path class=\"edge") && !line.contains(" H")) {
        let numbers = path.split(" d=\"M").nth(1).unwrap().split('"').next().unwrap().replace('C', "");
        let numbers: Vec<f64> = numbers.split([' ', ',']).map(|n| n.parse().unwrap()).collect();
        for x in numbers.iter().step_by(2) {
            let clear = all.iter().filter(|one| one.node).all(|one| *x <= one.left || *x >= one.right);
            assert!(clear, "{path}");
        }
    }
}

#[test]
fn in_the_shipped_catalogue_nothing_overlaps_and_every_label_fits() {
    holds(&compiled("topics.yaml", include_str!("../../../../topics.yaml")).0.unwrap());
}

#[test]
fn nor_in_one_with_errors() {
    holds(&compiled("topics.yaml", include_str!("../../../../tests/catalogue/source_document.yaml")).0.unwrap());
}

/// The order of the bands is there to keep edges short: what belongs together lies together.
#[test]
fn modules_that_belong_together_lie_together() {
    let mut graph = Graph::default();
    for module in 0..6 {
        graph.modules.push(Module { name: format!("m{module}").into(), title: "M".into(), declared: true });
        for (name, kind) in [("done", EventKind::Fact), ("do", EventKind::Command)] {
            let name = format!("m{module}.{name}").into();
            graph.events.push(Event { name, aliases: Vec::new(), module, kind, problem: None });
        }
    }
    // 0 with 3, 1 with 4, 2 with 5.
    for (from, to) in [(0, 3), (3, 0), (1, 4), (4, 1), (2, 5), (5, 2)] {
        graph.triggers.push(Trigger { fact: 2 * from, command: 2 * to + 1, id: None, when: None, cycle: false });
    }
    let order = super::order::order(&graph);
    let place = |module: usize| order.iter().position(|one| *one == module).unwrap();
    assert!((0..3).all(|at| place(at).abs_diff(place(at + 3)) == 1), "{order:?}");
}

fn any_graph() -> impl Strategy<Value = Graph> {
    let events = prop::collection::vec((0..12_usize, any::<bool>(), "[a-z_.<&\"é日]{0,90}"), 1..60);
    let pairs = || prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..80);
    (1..12_usize, events, pairs(), pairs(), pairs()).prop_map(|(modules, events, triggers, answers, readings)| {
        let mut graph = Graph::default();
        for at in 0..modules {
            let name: std::sync::Arc<str> = format!("m{at}").into();
            graph.modules.push(Module { name: name.clone(), title: name, declared: at % 5 != 0 });
        }
        for (module, fact, name) in events {
            let kind = if fact { EventKind::Fact } else { EventKind::Command };
            graph.events.push(Event {
                name: name.into(),
                aliases: Vec::new(),
                module: module % modules,
                kind,
                problem: None,
            });
        }
        let of =
            |kind: EventKind| (0..graph.events.len()).filter(|at| graph.events[*at].kind == kind).collect::<Vec<_>>();
        for (at, event) in graph.events.iter().enumerate().step_by(3) {
            let (name, module) = (event.name.clone(), event.module);
            if event.kind == EventKind::Fact {
                let (entity, on) = (graph.entities.len(), Changes::default());
                graph.emissions.push(Emission { entity, fact: at, on, when: None });
            }
            graph.entities.push(Entity { path: name.clone(), name, module });
        }
        let (facts, commands) = (of(EventKind::Fact), of(EventKind::Command));
        if !facts.is_empty() && !commands.is_empty() {
            graph.triggers = triggers
                .iter()
                .map(|(a, b)| Trigger {
                    fact: *a.get(&facts),
                    command: *b.get(&commands),
                    id: None,
                    when: None,
                    cycle: false,
                })
                .collect();
            graph.answers = answers
                .iter()
                .map(|(a, b)| Answer { command: *a.get(&commands), fact: *b.get(&facts), cycle: true })
                .collect();
        }
        let all: Vec<usize> = (0..graph.events.len()).collect();
        graph.readings = readings
            .iter()
            .map(|(a, b)| Reading { event: *a.get(&all), module: b.index(modules), pattern: "a.b".into() })
            .collect();
        graph
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nor_in_any_other(graph in any_graph()) {
        holds(&graph);
    }
}
