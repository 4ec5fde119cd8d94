//! What subscriptions and triggers add up to: notes, none of which is a mistake by itself (decisions 6, 9, 10, 78), and
//! cycles (decision 28).

mod shapes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::drafts::Drafts;
use super::fields::list;
use super::graph::{Cycle, Graph, Problem, cycles};
use super::report::Report;
use super::{EntityType, Kind, codes, subscriptions, triggers};
use crate::ids::{ModuleId, TypeId};

/// The rows of the file, by id of fact and of module.
pub(super) struct Usage<'u, 'n> {
    pub(super) drafts: &'u Drafts<'n>,
    pub(super) triggers: &'u [Vec<triggers::Placed>],
    pub(super) inbound: &'u [Vec<subscriptions::Placed>],
    pub(super) emitted: &'u [Vec<subscriptions::Emitted>],
    /// In the order of the file.
    pub(super) entity_types: &'u [EntityType],
}

impl Usage<'_, '_> {
    /// Adds all notes, and gives the graph that some of them come of.
    pub(super) fn note(&self, report: &mut Report<'_>) -> Graph {
        let mut graph = Graph::of(self);
        self.triggered_only(report);
        self.subscribed_only(report);
        self.double_delivery(report);
        self.silent_modules(report);
        self.unused(report, &graph);
        shapes::two_shapes(self, report);
        self.same_command(report);
        self.covered_twice(report);
        for cycle in cycles(&mut graph) {
            self.cycle(report, &graph, &cycle);
        }
        graph
    }

    fn modules(&self) -> impl Iterator<Item = (ModuleId, &str)> {
        (0..).map(ModuleId).zip(self.drafts.modules.iter().map(|draft| &*draft.module.name))
    }

    fn name(&self, id: TypeId) -> &str {
        &self.drafts.event_type(id).name
    }

    /// The rows of a fact.
    fn rows(&self, fact: TypeId) -> impl Iterator<Item = &triggers::Placed> {
        self.triggers.get(fact.index()).into_iter().flatten()
    }

    /// Pairs of a fact and a module that only `triggers` brings together.
    fn triggered_only(&self, report: &mut Report<'_>) {
        let subscribed: BTreeSet<(TypeId, usize)> = (0..)
            .zip(self.inbound)
            .flat_map(|(module, rows)| {
                rows.iter().flat_map(move |row| row.subscription.types.iter().map(move |id| (*id, module)))
            })
            .collect();
        for (fact, draft) in self.drafts.iter() {
            let mut said = BTreeSet::new();
            for placed in self.rows(fact) {
                let Some(module) = placed.into else { continue };
                let own = module == draft.event_type.module;
                if own || subscribed.contains(&(fact, module.index())) || !said.insert(module) {
                    continue;
                }
                let (name, module) = (&draft.event_type.name, self.drafts.module_name(module));
                let message = format!("`{name}` triggers into `{module}`, whose `inbound` does not list it");
                report.note(codes::ONE_SIDED, &placed.at, message).hint("it gets the command all the same");
            }
        }
    }

    /// Pairs of a fact and a module that only `inbound` brings together, wildcards aside.
    fn subscribed_only(&self, report: &mut Report<'_>) {
        for (module, name) in self.modules() {
            for row in self.inbound[module.index()].iter().filter(|row| !row.wildcard) {
                let alone = row
                    .subscription
                    .types
                    .iter()
                    .find(|fact| !self.rows(**fact).any(|placed| placed.into == Some(module)));
                if let Some(fact) = alone.filter(|fact| matches!(self.drafts.event_type(**fact).kind, Kind::Fact(_))) {
                    let message =
                        format!("`{name}` subscribes to `{}`, which triggers none of its actions", self.name(*fact));
                    report.note(codes::ONE_SIDED, &row.at, message).hint("it reads the topic itself");
                }
            }
        }
    }

    fn double_delivery(&self, report: &mut Report<'_>) {
        for (module, name) in self.modules() {
            for row in self.inbound[module.index()].iter().filter(|row| row.wildcard) {
                let covered = row.subscription.types.iter();
                let commands: BTreeSet<&str> = covered
                    .flat_map(|fact| self.rows(*fact))
                    .filter(|placed| placed.into == Some(module))
                    .map(|placed| placed.emit.as_str())
                    .collect();
                if !commands.is_empty() {
                    let pattern = &row.subscription.pattern;
                    let message = format!("`{name}` gets facts twice: through `{pattern}`, and as {}", list(commands));
                    report.note(codes::DOUBLE_DELIVERY, &row.at, message).hint("the two have the same `root_id`");
                }
            }
        }
    }

    fn silent_modules(&self, report: &mut Report<'_>) {
        let owners = |wanted: fn(&Kind) -> bool| -> BTreeSet<usize> {
            let types = self.drafts.types.iter().map(|draft| &draft.event_type);
            types.filter(|event_type| wanted(&event_type.kind)).map(|event_type| event_type.module.index()).collect()
        };
        let facts = owners(|kind| matches!(kind, Kind::Fact(_)));
        let commands = owners(|kind| matches!(kind, Kind::Command(_)));
        for (at, draft) in self.drafts.modules.iter().enumerate() {
            let name = &draft.module.name;
            let message = match (facts.contains(&at), commands.contains(&at), draft.inbound.is_some()) {
                (false, false, _) if draft.state.is_some() => continue,
                (false, false, false) => format!("the module `{name}` has no events"),
                (false, false, true) => format!("the module `{name}` has no events of its own"),
                (true, false, false) => format!("nothing reaches the module `{name}`: no `actions`, no `inbound`"),
                (_, true, _) | (true, _, true) => continue,
            };
            report.note(codes::SILENT_MODULE, draft.at, message);
        }
    }

    fn unused(&self, report: &mut Report<'_>, graph: &Graph) {
        for (draft, event) in self.drafts.types.iter().zip(&graph.events) {
            let name = &event.name;
            match event.problem {
                Some(Problem::Unheard) => {
                    report.note(codes::UNHEARD_FACT, draft.at, format!("nobody consumes the fact `{name}`"));
                }
                Some(Problem::Unsent) => report
                    .note(codes::UNSENT_COMMAND, draft.at, format!("nobody sends the command `{name}`"))
                    .hint("emit it in a trigger, or give it a `reply` so that it can be requested"),
                Some(Problem::Undeclared | Problem::Cycle) | None => {}
            }
        }
    }

    /// Rows that fire together with one that always fires.
    fn same_command(&self, report: &mut Report<'_>) {
        for (fact, draft) in self.drafts.iter() {
            let rows = || self.rows(fact).filter_map(|row| Some((&row.at, row.trigger.as_ref()?)));
            let mut always: BTreeMap<TypeId, (&Range<usize>, &str)> = BTreeMap::new();
            for (at, trigger) in rows().filter(|(_, trigger)| trigger.when.is_none()) {
                always.entry(trigger.emit).or_insert((at, &trigger.id));
            }
            for (at, trigger) in rows() {
                let Some((first, _)) = always.get(&trigger.emit).filter(|(_, id)| **id != *trigger.id) else {
                    continue; // it is that row, or has the same id, which is an error of its own
                };
                let (name, command) = (&draft.event_type.name, self.name(trigger.emit));
                let line = report.line(first.start);
                if trigger.when.is_none() {
                    let message =
                        format!("each `{name}` is sent to `{command}` twice: also by the trigger in line {line}");
                    report.note(codes::SAME_COMMAND, at, message).hint("give each a condition, or drop one of them");
                } else {
                    let message = format!(
                        "where the condition holds, `{name}` is sent to `{command}` twice: the trigger in line {line} always fires"
                    );
                    report
                        .note(codes::COMMAND_AGAIN, at, message)
                        .hint("give that one a condition too, or drop this one");
                }
            }
        }
    }

    fn covered_twice(&self, report: &mut Report<'_>) {
        for (module, name) in self.modules() {
            let mut seen: BTreeMap<TypeId, &subscriptions::Placed> = BTreeMap::new();
            for row in &self.inbound[module.index()] {
                let twice = row.subscription.types.iter().find_map(|id| Some((*id, *seen.get(id)?)));
                if let Some((id, first)) = twice {
                    let (event, other) = (self.name(id), &first.subscription.pattern);
                    let message = format!("`{name}` reads `{event}` twice: `{other}` covers it too");
                    report.note(codes::COVERED_TWICE, &row.at, message).hint("it still gets each record once");
                }
                seen.extend(row.subscription.types.iter().map(|id| (*id, row)));
            }
        }
    }

    fn cycle(&self, report: &mut Report<'_>, graph: &Graph, cycle: &Cycle) {
        let answer = &graph.answers[cycle.answer];
        let before = graph.answers[..cycle.answer].iter().rev().take_while(|one| one.command == answer.command).count();
        let Some(emitted) = self.emitted[answer.command].get(before) else { return };
        let name = |event: &usize| &*graph.events[*event].name;
        let (command, fact) = (name(&answer.command), name(&answer.fact));
        let way = way(cycle.path.iter().map(name).collect());
        let message = format!("`{command}` may emit `{fact}`, which leads back to it: {way}");
        report
            .warning(codes::CYCLE, &emitted.at, message)
            .hint("past `max_hops` its events are dead letters: let a condition end it, or drop what is never emitted");
    }
}

/// How many names of a way are shown at its beginning, and at its end.
const SHOWN: usize = 20;

fn way(names: Vec<&str>) -> String {
    if names.len() <= 2 * SHOWN {
        return names.join(" → ");
    }
    let (start, end) = (names[..SHOWN].join(" → "), names[names.len() - SHOWN..].join(" → "));
    format!("{start} → … {} more … → {end}", names.len() - 2 * SHOWN)
}
