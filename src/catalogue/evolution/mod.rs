//! What a change of the catalogue does, and to whom.
//!
//! A contract is a set of values. A change breaks those who write where a value that was good no longer is, and those
//! who read where a value may now come that could not come before; so both sides may move at their own time. It breaks
//! only who is there: the owner of a fact, the modules that subscribe to it, the triggers that pass or name the field,
//! the handler of a command, and, where it has a reply, those who request it. What Avro's rules of resolution say is
//! asked of the Avro library, and named where they are stricter.
//!
//! What moves without a contract's doing is a change too: what comes less often or is kept for less time breaks whoever
//! counts on it.

mod avro;
mod change;
mod emissions;
mod fields;
mod fits;
mod names;
mod passing;
mod settings;
mod state;
mod subscriptions;
#[cfg(test)]
mod tests;
mod topic;
mod triggers;
mod types;

use std::collections::HashMap;

pub use avro::compare_schemas;
pub use change::{Change, Party};

use self::passing::Rows;
use super::{Catalogue, EventType, Kind, TypeName};
use crate::ids::TypeId;

/// Everything that differs between a former catalogue and the present one, as far as it matters to somebody.
#[must_use]
pub fn compare(old: &Catalogue, new: &Catalogue) -> Vec<Change> {
    let comparison = Comparison::of(old, new);
    let mut out = Vec::new();
    settings::compare(&comparison, &mut out);
    types::compare(&comparison, &mut out);
    subscriptions::compare(&comparison, &mut out);
    state::compare(&comparison, &mut out);
    out
}

/// Two catalogues, and what is the same in both.
struct Comparison<'c> {
    old: &'c Catalogue,
    new: &'c Catalogue,
    /// The present type of a former one.
    became: HashMap<TypeId, TypeId>,
    /// The former type of a present one.
    was: HashMap<TypeId, TypeId>,
    /// The triggers that are in both.
    rows: Vec<Rows<'c>>,
    /// The modules that subscribe to a type, before and after.
    subscribers: [HashMap<TypeId, Vec<&'c str>>; 2],
}

impl<'c> Comparison<'c> {
    fn of(old: &'c Catalogue, new: &'c Catalogue) -> Self {
        let subscribers = [old, new].map(subscribers);
        let mut comparison =
            Self { old, new, became: HashMap::new(), was: HashMap::new(), rows: Vec::new(), subscribers };
        // Names count before aliases, wherever they stand.
        for (is, event_type) in new.iter() {
            let exact = old.resolve(&event_type.name).filter(|found| matches!(found, TypeName::Canonical(_)));
            comparison.pair(exact, is);
        }
        for (is, event_type) in new.iter() {
            let mut names = std::iter::once(&event_type.name).chain(&event_type.aliases);
            comparison.pair(names.find_map(|name| old.resolve(name)), is);
        }
        comparison.rows = passing::rows(&comparison);
        comparison
    }

    /// A fact does not become a command, and each type is paired once.
    fn pair(&mut self, was: Option<TypeName>, is: TypeId) {
        let Some(was) = was.map(TypeName::id) else { return };
        let fact = |event_type: &EventType| matches!(event_type.kind, Kind::Fact(_));
        let same_kind = fact(self.old.event_type(was)) == fact(self.new.event_type(is));
        if same_kind && !self.became.contains_key(&was) && !self.was.contains_key(&is) {
            self.became.insert(was, is);
            self.was.insert(is, was);
        }
    }
}

fn subscribers(catalogue: &Catalogue) -> HashMap<TypeId, Vec<&str>> {
    let mut subscribers: HashMap<TypeId, Vec<&str>> = HashMap::new();
    for module in &catalogue.modules {
        for id in module.inbound.iter().flat_map(|row| &row.types) {
            let modules = subscribers.entry(*id).or_default();
            if modules.last() != Some(&&*module.name) {
                modules.push(&module.name);
            }
        }
    }
    subscribers
}

/// One event type, before and after.
#[derive(Clone, Copy)]
struct Pair<'c> {
    old: &'c EventType,
    new: &'c EventType,
    /// Its present id.
    id: TypeId,
}
