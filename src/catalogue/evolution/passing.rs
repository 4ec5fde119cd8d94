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

impl<'c> Comparison<'c> {
    /// The triggers of a fact that were there before: of the same id, or else alone with their command.
    pub(super) fn rows(&self, (old, new): (TypeId, TypeId)) -> Vec<Rows<'c>> {
        let (was, is) = (self.old.event_type(old), self.new.event_type(new));
        let (Kind::Fact(former), Kind::Fact(present)) = (&was.kind, &is.kind) else { return Vec::new() };
        let same = |old: &Trigger, new: &Trigger| self.became(old.emit) == Some(new.emit);
        let alone =
            |trigger: &Trigger, among: &[Trigger]| among.iter().filter(|other| other.emit == trigger.emit).count() == 1;
        let mut rows = Vec::new();
        for trigger in &present.triggers {
            let exact = former.triggers.iter().find(|old| same(old, trigger) && old.id == trigger.id);
            let by_command = || {
                let old = former.triggers.iter().find(|old| same(old, trigger))?;
                (alone(old, &former.triggers) && alone(trigger, &present.triggers)).then_some(old)
            };
            if let Some(old) = exact.or_else(by_command) {
                rows.push(Rows {
                    old: Row { catalogue: self.old, fact: was, trigger: old },
                    new: Row { catalogue: self.new, fact: is, trigger },
                });
            }
        }
        rows
    }

    /// The triggers that emit a command, now and before.
    pub(super) fn senders(&self, command: TypeId) -> Vec<Rows<'c>> {
        let rows = self.pairs.iter().flat_map(|pair| self.rows(*pair));
        rows.filter(|rows| rows.new.trigger.emit == command).collect()
    }
}
