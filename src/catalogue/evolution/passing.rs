//! Whether a trigger still fills the command that it emits.

use super::Comparison;
use super::change::Party;
use super::fits::fits;
use crate::catalogue::{Catalogue, EventType, Kind};
use crate::ids::TypeId;
use crate::schema::{Additional, Field, Presence};
use crate::trigger::Trigger;

/// A trigger in its catalogue.
#[derive(Clone, Copy)]
pub(super) struct Row<'c> {
    pub(super) catalogue: &'c Catalogue,
    pub(super) fact: &'c EventType,
    pub(super) trigger: &'c Trigger,
}

impl<'c> Row<'c> {
    pub(super) fn target(&self) -> &'c EventType {
        self.catalogue.event_type(self.trigger.emit)
    }

    /// The party that it is.
    pub(super) fn party(&self) -> Party {
        Party::Trigger {
            fact: self.fact.name.to_string(),
            id: self.trigger.id.to_string(),
            command: self.target().name.to_string(),
        }
    }

    /// Whether a field of the command, under any of its names, may be missing or of another type. What an expression
    /// gives is not known here.
    fn lacks(&self, field: &Field) -> bool {
        let goes_by = |name: &str| *field.name == *name || field.aliases.iter().any(|alias| **alias == *name);
        if self.trigger.map.iter().any(|mapping| goes_by(&mapping.field)) {
            return false;
        }
        let source = self.fact.contract.fields.iter().find(|source| goes_by(&source.name) && self.keeps(&source.name));
        match source {
            None => field.presence == Presence::Required,
            Some(source) => {
                let absent = field.presence == Presence::Required && source.presence == Presence::Optional;
                absent || !fits(&source.ty, &field.ty)
            }
        }
    }

    /// Whether the command refuses what passes under a name.
    fn is_refused(&self, name: &str) -> bool {
        let contract = &self.target().contract;
        let mapped = self.trigger.map.iter().any(|mapping| *mapping.field == *name);
        let passes = self.fact.contract.position(name).is_some() && self.keeps(name);
        contract.additional == Additional::Refuse && (mapped || passes) && contract.find(name, 0).is_none()
    }

    fn keeps(&self, name: &str) -> bool {
        self.trigger.keep.as_ref().is_none_or(|keep| keep.iter().any(|kept| **kept == *name))
    }

    /// Whether the command would be refused for what goes by a name: it is missing, of another type, or too much.
    fn fails_at(&self, name: &str) -> bool {
        let contract = &self.target().contract;
        let lacking = contract.find(name, 0).is_some_and(|(index, _)| self.lacks(&contract.fields[index]));
        lacking || self.is_refused(name)
    }

    /// Every name that is part of what passes or of what is wanted.
    fn names(&self) -> impl Iterator<Item = &'c str> {
        let wanted = self.target().contract.fields.iter().map(|field| &*field.name);
        let passing = self.fact.contract.fields.iter().map(|field| &*field.name);
        wanted.chain(passing).chain(self.trigger.map.iter().map(|mapping| &*mapping.field))
    }
}

/// A trigger before and after.
#[derive(Clone, Copy)]
pub(super) struct Rows<'c> {
    pub(super) old: Row<'c>,
    pub(super) new: Row<'c>,
}

impl Rows<'_> {
    /// Whether it fails now for what goes by one of these names, and did not before.
    pub(super) fn broke_at(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.new.fails_at(name)) && !names.iter().any(|name| self.old.fails_at(name))
    }

    /// Whether it fails now for any name at which it did not before.
    pub(super) fn broke(&self) -> bool {
        self.new.names().any(|name| self.broke_at(&[name]))
    }
}

/// The triggers that were there before: of the same id, or else alone with their command.
pub(super) fn rows<'c>(comparison: &Comparison<'c>) -> Vec<Rows<'c>> {
    let (old, new) = (comparison.old, comparison.new);
    let same = |old: &Trigger, new: &Trigger| comparison.became.get(&old.emit) == Some(&new.emit);
    let alone =
        |trigger: &Trigger, among: &[Trigger]| among.iter().filter(|other| other.emit == trigger.emit).count() == 1;
    let mut rows = Vec::new();
    for (id, is, present) in new.facts() {
        let Some(was) = comparison.was.get(&id).map(|was| old.event_type(*was)) else { continue };
        let Kind::Fact(former) = &was.kind else { continue };
        for trigger in &present.triggers {
            let exact = former.triggers.iter().find(|old| same(old, trigger) && old.id == trigger.id);
            let by_command = || {
                let old = former.triggers.iter().find(|old| same(old, trigger))?;
                (alone(old, &former.triggers) && alone(trigger, &present.triggers)).then_some(old)
            };
            if let Some(found) = exact.or_else(by_command) {
                rows.push(Rows {
                    old: Row { catalogue: old, fact: was, trigger: found },
                    new: Row { catalogue: new, fact: is, trigger },
                });
            }
        }
    }
    rows
}

impl<'c> Comparison<'c> {
    /// The triggers of a fact that were there before.
    pub(super) fn rows_of(&self, fact: &EventType) -> Vec<Rows<'c>> {
        self.rows.iter().filter(|rows| std::ptr::eq(rows.new.fact, fact)).copied().collect()
    }

    /// The triggers that emit a command, now and before.
    pub(super) fn senders(&self, command: TypeId) -> Vec<Rows<'c>> {
        self.rows.iter().filter(|rows| rows.new.trigger.emit == command).copied().collect()
    }
}
