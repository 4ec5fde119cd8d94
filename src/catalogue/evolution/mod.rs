//! What a change of the catalogue does, and to whom.
//!
//! A contract is a set of values. A change breaks those who write where a value that was good no longer is, and those
//! who read where a value may now come that could not come before; so both sides may move at their own time. It breaks
//! only who is there: the owner of a fact, the modules that subscribe to it, the triggers that pass or name the field,
//! the handler of a command, and, where it has a reply, those who request it. What Avro's rules of resolution say is
//! asked of the Avro library, and named where they are stricter.

mod avro;
mod change;
mod fields;
mod fits;
mod names;
mod passing;
mod settings;
#[cfg(test)]
mod tests;
mod topic;
mod triggers;
mod types;

pub use avro::compare_schemas;
pub use change::{Change, Party};

use super::{Catalogue, EventType, Kind};
use crate::ids::TypeId;

/// Everything that differs between a former catalogue and the present one, as far as it matters to somebody.
#[must_use]
pub fn compare(old: &Catalogue, new: &Catalogue) -> Vec<Change> {
    let comparison = Comparison { old, new, pairs: pairs(old, new) };
    let mut out = Vec::new();
    settings::compare(&comparison, &mut out);
    types::compare(&comparison, &mut out);
    out
}

/// Two catalogues, and which event types are the same in both.
struct Comparison<'c> {
    old: &'c Catalogue,
    new: &'c Catalogue,
    pairs: Vec<(TypeId, TypeId)>,
}

impl<'c> Comparison<'c> {
    /// What became of a former event type.
    fn became(&self, old: TypeId) -> Option<TypeId> {
        self.pairs.iter().find(|(was, _)| *was == old).map(|(_, is)| *is)
    }

    /// What an event type was.
    fn was(&self, new: TypeId) -> Option<TypeId> {
        self.pairs.iter().find(|(_, is)| *is == new).map(|(was, _)| *was)
    }

    fn pair(&self, (old, new): (TypeId, TypeId)) -> Pair<'c> {
        Pair { ids: (old, new), old: self.old.event_type(old), new: self.new.event_type(new) }
    }
}

/// One event type, before and after.
#[derive(Clone, Copy)]
struct Pair<'c> {
    ids: (TypeId, TypeId),
    old: &'c EventType,
    new: &'c EventType,
}

/// An event type is the same where it has the same name, or where one's name is the other's alias; facts stay facts.
fn pairs(old: &Catalogue, new: &Catalogue) -> Vec<(TypeId, TypeId)> {
    let mut pairs: Vec<(TypeId, TypeId)> = Vec::new();
    let same_kind = |was: TypeId, is: TypeId| {
        let fact = |event_type: &EventType| matches!(event_type.kind, Kind::Fact(_));
        fact(old.event_type(was)) == fact(new.event_type(is))
    };
    let exact = |is: &EventType| old.types.iter().position(|was| was.name == is.name);
    let renamed = |is: &EventType| {
        let mut names = std::iter::once(&is.name).chain(&is.aliases);
        names.find_map(|name| old.resolve(name)).map(|found| found.id().index())
    };
    let rules: [&dyn Fn(&EventType) -> Option<usize>; 2] = [&exact, &renamed];
    for rule in rules {
        for (is, event_type) in new.iter() {
            let was = rule(event_type).and_then(|index| u32::try_from(index).ok()).map(TypeId);
            if let Some(was) = was.filter(|was| same_kind(*was, is))
                && !pairs.iter().any(|(old, new)| *old == was || *new == is)
            {
                pairs.push((was, is));
            }
        }
    }
    pairs.sort_by_key(|(_, is)| *is);
    pairs
}
