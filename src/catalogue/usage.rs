//! What subscriptions and triggers add up to: notes, none of which is a mistake by itself (decisions 6, 9, 10, 78).

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Drafts;
use super::fields::list;
use super::report::Report;
use super::{Kind, codes, subscriptions, triggers};
use crate::ids::{ModuleId, TypeId};

/// The rows of the file, by id of fact and of module.
pub(super) struct Usage<'u, 'n> {
    pub(super) drafts: &'u Drafts<'n>,
    pub(super) triggers: &'u [Vec<triggers::Placed>],
    pub(super) inbound: &'u [Vec<subscriptions::Placed>],
}

impl Usage<'_, '_> {
    /// Adds all notes.
    pub(super) fn note(&self, report: &mut Report<'_>) {
        self.triggered_only(report);
        self.subscribed_only(report);
        self.double_delivery(report);
        self.silent_modules(report);
        self.unused(report);
        self.two_shapes(report);
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

    /// The declared commands that a fact triggers.
    fn targets(&self, fact: TypeId) -> impl Iterator<Item = TypeId> {
        self.rows(fact).filter_map(|row| row.trigger.as_ref()).map(|trigger| trigger.emit)
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
                (false, false, false) => format!("the module `{name}` has no events"),
                (false, false, true) => format!("the module `{name}` has no events of its own"),
                (true, false, false) => format!("nothing reaches the module `{name}`: no `actions`, no `inbound`"),
                (_, true, _) | (true, _, true) => continue,
            };
            report.note(codes::SILENT_MODULE, draft.at, message);
        }
    }

    fn unused(&self, report: &mut Report<'_>) {
        let rows = || self.inbound.iter().flatten().flat_map(|row| &row.subscription.types);
        let read: BTreeSet<TypeId> = rows().copied().collect();
        let sent: BTreeSet<TypeId> = self.drafts.iter().flat_map(|(fact, _)| self.targets(fact)).collect();
        for (id, draft) in self.drafts.iter() {
            let name = &draft.event_type.name;
            match &draft.event_type.kind {
                Kind::Fact(_) if self.rows(id).next().is_none() && !read.contains(&id) => {
                    report.note(codes::UNHEARD_FACT, draft.at, format!("nobody consumes the fact `{name}`"));
                }
                Kind::Command(command) if command.reply.is_none() && !sent.contains(&id) => {
                    report
                        .note(codes::UNSENT_COMMAND, draft.at, format!("nobody sends the command `{name}`"))
                        .hint("emit it in a trigger, or give it a `reply` so that it can be requested");
                }
                Kind::Fact(_) | Kind::Command(_) => {}
            }
        }
    }

    fn two_shapes(&self, report: &mut Report<'_>) {
        let mut sources: BTreeMap<TypeId, BTreeSet<TypeId>> = BTreeMap::new();
        for (fact, _) in self.drafts.iter() {
            for target in self.targets(fact) {
                sources.entry(target).or_default().insert(fact);
            }
        }
        let shape = |fact: &TypeId| -> BTreeSet<&str> {
            self.drafts.event_type(*fact).contract.fields.iter().map(|field| &*field.name).collect()
        };
        for (command, facts) in sources {
            let first = facts.first().map(shape);
            if facts.iter().all(|fact| Some(shape(fact)) == first) {
                continue;
            }
            let names = list(facts.iter().map(|fact| self.name(*fact)));
            let draft = &self.drafts.types[command.index()];
            let message = format!("facts of different shapes trigger `{}`: {names}", draft.event_type.name);
            report.note(codes::TWO_SHAPES, draft.at, message).hint("only fields that all of them have can be required");
        }
    }
}
