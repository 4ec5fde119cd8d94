//! The graph as a flowchart of Mermaid, which GitHub and many wikis draw where it stands.

use std::fmt::Write as _;

use super::{RED, emission_label, reader_label};
use crate::catalogue::graph::{EventKind, Graph, Trigger};

/// Writes the flowchart. Modules are `m0`…, events `e0`…, what reads for a module `r0`…, entity types `s0`….
pub(super) fn mermaid(graph: &Graph) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for at in 0..graph.modules.len() {
        module(graph, at, &mut out);
    }
    let red = links(graph, &mut out);
    let events: Vec<String> =
        (0..).zip(&graph.events).filter(|(_, event)| event.problem.is_some()).map(|(at, _)| format!("e{at}")).collect();
    if !events.is_empty() {
        let _ = writeln!(out, "    classDef problem stroke:{RED},stroke-width:3px");
        let _ = writeln!(out, "    class {} problem", events.join(","));
    }
    if !red.is_empty() {
        let _ = writeln!(out, "    linkStyle {} stroke:{RED},stroke-width:2px", red.join(","));
    }
    out
}

fn module(graph: &Graph, at: usize, out: &mut String) {
    let title = escape(&graph.modules[at].title);
    let reader = graph.reader(at).map(|patterns| escape(&reader_label(&patterns)));
    let mut inside = String::new();
    for (number, event) in graph.events_of(at, EventKind::Fact) {
        let _ = writeln!(inside, "        e{number}([\"{}\"])", escape(&event.name));
    }
    if let Some(reader) = reader {
        let _ = writeln!(inside, "        r{at}>\"{reader}\"]");
    }
    for (number, event) in graph.events_of(at, EventKind::Command) {
        let _ = writeln!(inside, "        e{number}{{{{\"{}\"}}}}", escape(&event.name));
    }
    for (number, entity) in graph.entities_of(at) {
        let _ = writeln!(inside, "        s{number}[(\"{}\")]", escape(&entity.name));
    }
    // A subgraph without nodes is drawn badly, or not at all.
    let _ = if inside.is_empty() {
        writeln!(out, "    m{at}[\"{title}\"]")
    } else {
        writeln!(out, "    subgraph m{at}[\"{title}\"]\n{inside}    end")
    };
}

/// Writes the edges, and gives the numbers of those that are to be red.
fn links(graph: &Graph, out: &mut String) -> Vec<String> {
    let mut red = Vec::new();
    let mut number = 0_usize;
    let mut add = |line: String, problem: bool| {
        let _ = writeln!(out, "    {line}");
        if problem {
            red.push(number.to_string());
        }
        number += 1;
    };
    for trigger @ Trigger { fact, command, when, .. } in &graph.triggers {
        let condition = when.as_ref().map(|when| format!("|\"{}\"|", escape(when))).unwrap_or_default();
        add(format!("e{fact} -->{condition} e{command}"), trigger.cycle || trigger.id.is_none());
    }
    for answer in &graph.answers {
        add(format!("e{} -.->|\"may emit\"| e{}", answer.command, answer.fact), answer.cycle);
    }
    for reading in graph.readings.iter().filter(|reading| !reading.is_wildcard()) {
        add(format!("e{} -.-> r{}", reading.event, reading.module), graph.is_undeclared(reading.event));
    }
    for emission in &graph.emissions {
        let label = emission_label(emission);
        let label = if label.is_empty() { label } else { format!("|\"{}\"|", escape(&label)) };
        add(format!("s{} ==>{label} e{}", emission.entity, emission.fact), false);
    }
    red
}

/// A text within quotes: what means something to Mermaid or to HTML becomes an entity.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '#' | ';' | '`' | '\\' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
