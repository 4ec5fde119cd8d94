//! By update and version: each change that is audited wrote one value or tombstone, and nothing else did.

use super::{Damage, Entry, Out, Pile, Scope, Topics, What, Write, digest};

/// The most changes of one update to one version that are told apart: more than one there is only where an update was
/// sent again beyond the duplicate window.
const MOST_CHANGES: usize = 64;

/// Judges the pile [`Pile::Values`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: u128,
    changes: Vec<Entry>,
    values: Vec<Entry>,
}

/// What a value and the audit record of its change have in common: the update, the version, whether it deletes.
#[must_use]
pub fn group(cause: u64, write: Write) -> u128 {
    digest(&[&cause.to_be_bytes(), &write.pack().to_be_bytes()])
}

/// The change that an audit record tells of; the key of its entity is that of its update, where that is still there.
pub(super) fn change(audit: &Entry, update: Option<&Entry>, topics: &Topics) -> Entry {
    let group = group(audit.cause, Write::unpack(audit.more));
    let key = update.map_or(0, |update| update.more);
    Entry { group, what: What::Change, cause: key, on: topics.state(), ..*audit }
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: 0, changes: Vec::new(), values: Vec::new() }
    }

    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group {
            self.close(out);
            self.group = entry.group;
        }
        let kind = if entry.what == What::Value { &mut self.values } else { &mut self.changes };
        if kind.len() < MOST_CHANGES {
            kind.push(*entry);
        } else if entry.what == What::Value {
            self.surplus(entry, (MOST_CHANGES + 1, self.changes.len()), out);
        }
    }

    /// Judges what is left.
    pub fn close(&mut self, out: &mut impl Out) {
        let (mut changes, mut values) = (std::mem::take(&mut self.changes), std::mem::take(&mut self.values));
        let (there, all) = (values.len(), changes.len());
        // One transaction writes both, and they bear its time. Where the log gives them another, they come in one order.
        values.retain(|value| {
            let own = changes.iter().position(|change| change.time == value.time);
            own.map(|own| self.there(value, &changes.remove(own), out)).is_none()
        });
        let mut left = changes.into_iter();
        for value in &values {
            match left.next() {
                Some(change) => self.there(value, &change, out),
                None if all == 0 => self.unaudited(value, out),
                None => self.surplus(value, (there, all), out),
            }
        }
        left.for_each(|change| self.absent(change, out));
    }

    fn there(&self, value: &Entry, change: &Entry, out: &mut impl Out) {
        out.put(Pile::Entities, Entry { source: change.source, ..value.of_entity() });
        let key = value.source.offset.cast_unsigned();
        if change.source.partition != value.place.partition {
            self.find(value, Damage::Torn, "does not stand on the partition number of its update", out);
        } else if change.cause != 0 && change.cause != key {
            let sentence = "stands under another key than that of the entity in its update";
            self.find(value, Damage::Torn, sentence, out);
        }
    }

    fn unaudited(&self, value: &Entry, out: &mut impl Out) {
        out.put(Pile::Causes, Entry { group: value.cause.into(), what: What::Unaudited, ..*value });
        out.put(Pile::Entities, value.of_entity());
        self.find(value, Damage::Torn, "no audit record tells of this change", out);
    }

    fn surplus(&self, value: &Entry, (there, changes): (usize, usize), out: &mut impl Out) {
        self.find(value, Damage::Duplicated, &format!("is there {there} times, for {changes} changes"), out);
    }

    /// Whether a value that is not there was compacted is seen by its entity.
    fn absent(&self, change: Entry, out: &mut impl Out) {
        let due = self.scope.judges(change.time, change.on) && self.scope.consumed(change.source);
        if due && change.cause != 0 {
            out.put(Pile::Entities, Entry { group: change.cause.into(), what: What::Absent, ..change });
        }
    }

    fn find(&self, value: &Entry, damage: Damage, sentence: &str, out: &mut impl Out) {
        if self.scope.judges(value.time, self.scope.topics.audit()) {
            out.find(self.scope.topics.finding(damage, value.place, None, sentence.to_owned()));
        }
    }
}

impl Entry {
    /// A value as its entity sees it.
    pub(super) fn of_entity(&self) -> Self {
        Self { group: self.source.offset.cast_unsigned().into(), source: super::Place::NONE, ..*self }
    }
}
