//! The graph for programs.

use serde::Serialize;

use crate::catalogue::graph::{EventKind, Graph, Problem};

#[derive(Serialize)]
struct Drawn<'g> {
    modules: Vec<Module<'g>>,
    events: Vec<Event<'g>>,
    entities: Vec<Entity<'g>>,
    edges: Vec<Edge<'g>>,
}

#[derive(Serialize)]
struct Module<'g> {
    name: &'g str,
    title: &'g str,
    declared: bool,
}

#[derive(Serialize)]
struct Event<'g> {
    name: &'g str,
    kind: &'static str,
    module: &'g str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

#[derive(Serialize)]
struct Entity<'g> {
    /// `module/name`, as edges call it.
    name: &'g str,
    module: &'g str,
}

/// Every edge runs the way the records do: `accepts` ends at the module, `subscribes` too.
#[derive(Serialize)]
struct Edge<'g> {
    kind: &'static str,
    from: &'g str,
    to: &'g str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trigger: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

impl<'g> Edge<'g> {
    const fn new(kind: &'static str, from: &'g str, to: &'g str) -> Self {
        Self { kind, from, to, trigger: None, on: None, when: None, pattern: None, problem: None }
    }
}

/// Writes modules, events and edges.
///
/// # Errors
/// None that a graph can cause.
pub(super) fn json(graph: &Graph) -> anyhow::Result<String> {
    let module = |at: usize| &*graph.modules[at].name;
    let modules = graph.modules.iter().map(|module| Module {
        name: &module.name,
        title: &module.title,
        declared: module.declared,
    });
    let events = graph.events.iter().map(|event| Event {
        name: &event.name,
        kind: match event.kind {
            EventKind::Fact => "fact",
            EventKind::Command => "command",
        },
        module: module(event.module),
        problem: event.problem.map(problem),
    });
    let entities = graph.entities.iter().map(|entity| Entity { name: &entity.path, module: module(entity.module) });
    let drawn = Drawn {
        modules: modules.collect(),
        events: events.collect(),
        entities: entities.collect(),
        edges: edges(graph),
    };
    let mut text = serde_json::to_string_pretty(&drawn)?;
    text.push('\n');
    Ok(text)
}

fn edges(graph: &Graph) -> Vec<Edge<'_>> {
    let (event, module) = (|at: usize| &*graph.events[at].name, |at: usize| &*graph.modules[at].name);
    let cycle = |cycle: bool| cycle.then(|| problem(Problem::Cycle));
    let owned = graph.events.iter().map(|event| match event.kind {
        EventKind::Fact => Edge::new("emits", module(event.module), &event.name),
        EventKind::Command => Edge::new("accepts", &event.name, module(event.module)),
    });
    let triggers = graph.triggers.iter().map(|trigger| Edge {
        trigger: trigger.id.as_deref(),
        when: trigger.when.as_deref(),
        problem: cycle(trigger.cycle).or(graph.events[trigger.command].problem.and_then(undeclared)),
        ..Edge::new("triggers", event(trigger.fact), event(trigger.command))
    });
    let answers = graph.answers.iter().map(|answer| Edge {
        problem: cycle(answer.cycle),
        ..Edge::new("may_emit", event(answer.command), event(answer.fact))
    });
    let readings = graph.readings.iter().map(|reading| Edge {
        pattern: Some(&reading.pattern),
        problem: graph.events[reading.event].problem.and_then(undeclared),
        ..Edge::new("subscribes", event(reading.event), module(reading.module))
    });
    let kept = graph.entities.iter().map(|entity| Edge::new("keeps", module(entity.module), &entity.path));
    let emissions = graph.emissions.iter().map(|emission| Edge {
        on: Some(emission.on.names().collect()),
        when: emission.when.as_deref(),
        ..Edge::new("change_emits", &graph.entities[emission.entity].path, event(emission.fact))
    });
    owned.chain(triggers).chain(answers).chain(readings).chain(kept).chain(emissions).collect()
}

fn undeclared(found: Problem) -> Option<&'static str> {
    (found == Problem::Undeclared).then(|| problem(found))
}

const fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::Undeclared => "undeclared",
        Problem::Cycle => "cycle",
        Problem::Unheard => "unheard",
        Problem::Unsent => "unsent",
    }
}
