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
    there: usize,
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
        Self { scope, group: 0, changes: Vec::new(), there: 0 }
    }

    /// Takes the next entry: of one group, the changes come first.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group {
            self.close(out);
            self.group = entry.group;
        }
        if entry.what == What::Value {
            self.there(entry, out);
        } else if self.changes.len() < MOST_CHANGES {
            self.changes.push(*entry);
        }
    }

    fn there(&mut self, value: &Entry, out: &mut impl Out) {
        let change = self.changes.get(self.there);
        self.there += 1;
        let judged = self.scope.judges(value.time, self.scope.topics.audit());
        let (damage, sentence) = match change {
            None if self.changes.is_empty() => {
                out.put(Pile::Causes, Entry { group: value.cause.into(), what: What::Unaudited, ..*value });
                out.put(Pile::Entities, value.of_entity());
                (Damage::Torn, Some("no audit record tells of this change".to_owned()))
            }
            None => {
                let changes = self.changes.len();
                (Damage::Duplicated, Some(format!("is there {} times, for {changes} changes", self.there)))
            }
            Some(change) => {
                out.put(Pile::Entities, Entry { source: change.source, ..value.of_entity() });
                let key = value.source.offset.cast_unsigned();
                let sentence = if change.source.partition != value.place.partition {
                    Some("does not stand on the partition number of its update")
                } else if change.cause != 0 && change.cause != key {
                    Some("stands under another key than that of the entity in its update")
                } else {
                    None
                };
                (Damage::Torn, sentence.map(str::to_owned))
            }
        };
        if let Some(sentence) = sentence.filter(|_| judged) {
            out.find(self.scope.topics.finding(damage, value.place, None, sentence));
        }
    }

    /// Judges what is left: whether a value that is not there was compacted is seen by its entity.
    pub fn close(&mut self, out: &mut impl Out) {
        for change in self.changes.drain(..).skip(std::mem::take(&mut self.there)) {
            let due = self.scope.judges(change.time, change.on) && self.scope.consumed(change.source);
            if due && change.cause != 0 {
                out.put(Pile::Entities, Entry { group: change.cause.into(), what: What::Absent, ..change });
            }
        }
    }
}

impl Entry {
    /// A value as its entity sees it.
    pub(super) fn of_entity(&self) -> Self {
        Self { group: self.source.offset.cast_unsigned().into(), source: super::Place::NONE, ..*self }
    }
}
