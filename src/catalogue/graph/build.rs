//! The graph of what a file says, declared or not.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Answer, Emission, Entity, Event, EventKind, Graph, Module, Problem, Reading, Trigger};
use crate::catalogue::Kind;
use crate::catalogue::names::shorten;
use crate::catalogue::usage::Usage;
use crate::ids::ModuleId;

impl Graph {
    /// The graph of a file. Cycles are not marked yet.
    pub(in crate::catalogue) fn of(usage: &Usage<'_, '_>) -> Self {
        let mut build = Build { graph: declared(usage), ghosts: HashMap::new(), strangers: HashMap::new() };
        build.triggers(usage);
        build.answers(usage);
        build.readings(usage);
        build.emissions(usage);
        let mut graph = build.graph;
        unused(&mut graph, usage);
        graph
    }
}

fn declared(usage: &Usage<'_, '_>) -> Graph {
    let modules = usage.drafts.modules.iter().map(|draft| Module {
        name: draft.module.name.clone(),
        title: draft.module.display_name.clone(),
        declared: true,
    });
    let events = usage.drafts.types.iter().map(|draft| Event {
        name: draft.event_type.name.clone(),
        aliases: draft.event_type.aliases.clone(),
        module: draft.event_type.module.index(),
        kind: match draft.event_type.kind {
            Kind::Fact(_) => EventKind::Fact,
            Kind::Command(_) => EventKind::Command,
        },
        problem: None,
    });
    Graph { modules: modules.collect(), events: events.collect(), ..Graph::default() }
}

struct Build {
    graph: Graph,
    /// Events that are named and not declared.
    ghosts: HashMap<(String, bool), usize>,
    /// Modules that are named and not declared.
    strangers: HashMap<String, usize>,
}

impl Build {
    fn triggers(&mut self, usage: &Usage<'_, '_>) {
        for (fact, rows) in usage.triggers.iter().enumerate() {
            for row in rows {
                let (command, id, when) = match &row.trigger {
                    Some(trigger) => {
                        let when = trigger.when.as_ref().map(|when| when.text().to_owned());
                        (trigger.emit.index(), Some(trigger.id.clone()), when)
                    }
                    None => (self.ghost(&row.emit, EventKind::Command, row.into), None, None),
                };
                self.graph.triggers.push(Trigger { fact, command, id, when, cycle: false });
            }
        }
    }

    fn answers(&mut self, usage: &Usage<'_, '_>) {
        let pairs = usage.emitted.iter().enumerate();
        let answers = pairs.flat_map(|(command, facts)| {
            facts.iter().map(move |emitted| Answer { command, fact: emitted.fact.index(), cycle: false })
        });
        self.graph.answers = answers.collect();
    }

    fn readings(&mut self, usage: &Usage<'_, '_>) {
        for (module, rows) in usage.inbound.iter().enumerate() {
            for row in rows {
                let pattern: Arc<str> = shorten(&row.subscription.pattern).into();
                let mut events: Vec<usize> = row.subscription.types.iter().map(|id| id.index()).collect();
                if events.is_empty() && !row.wildcard {
                    let owner = pattern.split_once('.').and_then(|(owner, _)| usage.drafts.module(owner));
                    events.push(self.ghost(&row.subscription.pattern, EventKind::Fact, owner));
                }
                let readings = events.into_iter().map(|event| Reading { event, module, pattern: pattern.clone() });
                self.graph.readings.extend(readings);
            }
        }
    }

    fn emissions(&mut self, usage: &Usage<'_, '_>) {
        for (entity, of) in usage.entity_types.iter().enumerate() {
            let module = of.module.index();
            let path = format!("{}/{}", self.graph.modules[module].name, of.name).into();
            self.graph.entities.push(Entity { name: of.name.clone(), path, module });
            let emissions = of.emits.iter().map(|one| {
                let when = one.when.as_ref().map(|when| when.text().to_owned());
                Emission { entity, fact: one.fact.index(), on: one.on, when }
            });
            self.graph.emissions.extend(emissions);
        }
    }

    /// An event that is declared nowhere, in its module, or in one that is made up too.
    fn ghost(&mut self, name: &str, kind: EventKind, module: Option<ModuleId>) -> usize {
        let name = shorten(name).into_owned();
        if let Some(at) = self.ghosts.get(&(name.clone(), kind == EventKind::Fact)) {
            return *at;
        }
        let module = module.map_or_else(|| self.stranger(&name), ModuleId::index);
        let at = self.graph.events.len();
        let problem = Some(Problem::Undeclared);
        self.graph.events.push(Event { name: name.as_str().into(), aliases: Vec::new(), module, kind, problem });
        self.ghosts.insert((name, kind == EventKind::Fact), at);
        at
    }

    fn stranger(&mut self, event: &str) -> usize {
        let name = event.split_once('.').map_or("?", |(module, _)| module);
        if let Some(at) = self.strangers.get(name) {
            return *at;
        }
        let at = self.graph.modules.len();
        self.graph.modules.push(Module { name: name.into(), title: name.into(), declared: false });
        self.strangers.insert(name.to_owned(), at);
        at
    }
}

/// Marks the facts that nobody consumes, and the commands that nobody sends: a request has a caller of its own.
fn unused(graph: &mut Graph, usage: &Usage<'_, '_>) {
    let consumed: BTreeSet<usize> = graph.triggers.iter().map(|trigger| trigger.fact).collect();
    let read: BTreeSet<usize> = graph.readings.iter().map(|reading| reading.event).collect();
    let sent: BTreeSet<usize> = graph.triggers.iter().map(|trigger| trigger.command).collect();
    for (id, draft) in usage.drafts.iter() {
        let at = id.index();
        graph.events[at].problem = match &draft.event_type.kind {
            Kind::Fact(_) if !consumed.contains(&at) && !read.contains(&at) => Some(Problem::Unheard),
            Kind::Command(command) if command.reply.is_none() && !sent.contains(&at) => Some(Problem::Unsent),
            Kind::Fact(_) | Kind::Command(_) => None,
        };
    }
}
