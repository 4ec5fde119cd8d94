//! The graph in the language of Graphviz.

use std::fmt::Write as _;

use super::{RED, emission_label, reader_label};
use crate::catalogue::graph::{Event, EventKind, Graph};

/// Writes the digraph. Modules are `cluster_0`…, events `e0`…, what reads for a module `r0`…, entity types `s0`….
pub(super) fn dot(graph: &Graph) -> String {
    let mut out = "digraph revbus {\n    rankdir=LR;\n    bgcolor=\"transparent\";\n    \
                   graph [fontname=\"Helvetica\", color=\"#808080\", fontcolor=\"#808080\", style=\"rounded\"];\n    \
                   node [fontname=\"Helvetica\", fontsize=11, style=\"filled\", fillcolor=\"white\"];\n    \
                   edge [color=\"#808080\", fontcolor=\"#808080\", fontname=\"Helvetica\", fontsize=9];\n"
        .to_owned();
    for at in 0..graph.modules.len() {
        module(graph, at, &mut out);
    }
    for trigger in &graph.triggers {
        let mut attributes = Vec::new();
        attributes.extend(trigger.when.as_ref().map(|when| format!("label=\"{}\"", escape(when))));
        edge(&mut out, ('e', trigger.fact), ('e', trigger.command), attributes, trigger.cycle || trigger.id.is_none());
    }
    for answer in &graph.answers {
        let attributes = vec!["label=\"may emit\"".to_owned(), "style=\"dotted\"".to_owned()];
        edge(&mut out, ('e', answer.command), ('e', answer.fact), attributes, answer.cycle);
    }
    for reading in graph.readings.iter().filter(|reading| !reading.is_wildcard()) {
        edge(
            &mut out,
            ('e', reading.event),
            ('r', reading.module),
            vec!["style=\"dashed\"".to_owned()],
            graph.is_undeclared(reading.event),
        );
    }
    for emission in &graph.emissions {
        let label = format!("label=\"{}\"", escape(&emission_label(emission)));
        let attributes = vec![label, "style=\"bold\"".to_owned()];
        edge(&mut out, ('s', emission.entity), ('e', emission.fact), attributes, false);
    }
    out.push_str("}\n");
    out
}

fn module(graph: &Graph, at: usize, out: &mut String) {
    let module = &graph.modules[at];
    let colour = if module.declared { String::new() } else { format!(" color=\"{RED}\";") };
    let _ = writeln!(out, "    subgraph cluster_{at} {{\n        label=\"{}\";{colour}", escape(&module.title));
    let mut empty = true;
    for (number, event) in graph.events_of(at, EventKind::Fact).chain(graph.events_of(at, EventKind::Command)) {
        node(out, number, event);
        empty = false;
    }
    if let Some(patterns) = graph.reader(at) {
        let _ = writeln!(out, "        r{at} [label=\"{}\", shape=\"note\"];", escape(&reader_label(&patterns)));
        empty = false;
    }
    for (number, entity) in graph.entities_of(at) {
        let _ = writeln!(out, "        s{number} [label=\"{}\", shape=\"cylinder\"];", escape(&entity.name));
        empty = false;
    }
    // A cluster without nodes is not drawn.
    if empty {
        let _ = writeln!(out, "        m{at} [label=\"no events\", shape=\"plaintext\", fillcolor=\"transparent\"];");
    }
    out.push_str("    }\n");
}

fn node(out: &mut String, number: usize, event: &Event) {
    let shape = match event.kind {
        EventKind::Fact => "shape=\"box\", style=\"filled,rounded\"",
        EventKind::Command => "shape=\"hexagon\"",
    };
    let problem = event.problem.map(|problem| {
        format!(", color=\"{RED}\", fontcolor=\"{RED}\", penwidth=2, tooltip=\"{}\"", problem.sentence())
    });
    let (label, problem) = (escape(&event.name), problem.unwrap_or_default());
    let _ = writeln!(out, "        e{number} [label=\"{label}\", {shape}{problem}];");
}

/// An edge between two nodes, each a letter and a number.
fn edge(out: &mut String, from: (char, usize), to: (char, usize), mut attributes: Vec<String>, problem: bool) {
    if problem {
        attributes.push(format!("color=\"{RED}\", penwidth=2"));
    }
    let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
    let _ = writeln!(out, "    {}{} -> {}{}{attributes};", from.0, from.1, to.0, to.1);
}

/// A text within quotes.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
