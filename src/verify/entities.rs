//! By entity: its versions are 1, 2, 3 … within a life, in the order of the log (ST-1), and of its changes the log holds
//! the newest.
//!
//! Compaction takes values from the front alone: of one entity, what is left is always the end of its history. So a
//! change without a value is no damage where it lies before the first value that is left, and neither is one before a
//! tombstone that is old enough to be gone itself.

use super::{Damage, Entry, Out, Scope, What, Write};

/// The most changes of one entity that are reported as missing.
const MOST_MISSING: usize = 64;
/// What else may be the reason.
const UNLESS: &str = "(unless it was compacted while this was read: then another verification does not find it)";

/// Judges the pile [`super::Pile::Entities`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: Option<u128>,
    last: Option<Write>,
    /// The first update whose value is there.
    first: Option<i64>,
    missing: Vec<Entry>,
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: None, last: None, first: None, missing: Vec::new() }
    }

    /// Takes the next entry: the values in the order of the log, then the changes without one in that of the updates.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if self.group != Some(entry.group) {
            self.close(out);
            self.group = Some(entry.group);
        }
        if entry.what == What::Value {
            self.value(entry, out);
        } else if self.may_be_gone(entry) {
            self.missing.clear();
        } else if self.missing.len() < MOST_MISSING {
            self.missing.push(*entry);
        }
    }

    fn value(&mut self, value: &Entry, out: &mut impl Out) {
        let Write { version, deletes } = Write::unpack(value.more);
        if value.source.offset >= 0 {
            self.first = Some(self.first.map_or(value.source.offset, |first| first.min(value.source.offset)));
        }
        let Some(last) = self.last.replace(Write { version, deletes }) else { return };
        let next = if last.deletes { 1 } else { last.version + 1 };
        if version == next || value.time < self.scope.since {
            return;
        }
        let before = if last.deletes { "the end of a life".to_owned() } else { format!("version {}", last.version) };
        let (damage, more) = match version {
            same if same == last.version => (Damage::Duplicated, String::new()),
            skipped if skipped > next => (Damage::OutOfOrder, format!(" {UNLESS}")),
            _ => (Damage::OutOfOrder, String::new()),
        };
        let sentence = format!("has version {version} behind {before} of the same entity, and not {next}{more}");
        out.find(self.scope.topics.finding(damage, value.place, None, sentence));
    }

    /// Whether a change without a value lies before all that the log still holds.
    fn may_be_gone(&self, change: &Entry) -> bool {
        let before = self.first.is_some_and(|first| change.source.offset < first);
        before || (Write::unpack(change.more).deletes && change.time < self.scope.buried)
    }

    /// Judges what is left.
    pub fn close(&mut self, out: &mut impl Out) {
        (self.last, self.first) = (None, None);
        for change in self.missing.drain(..) {
            let topics = &self.scope.topics;
            let (source, version) = (topics.place(change.source), Write::unpack(change.more).version);
            let on = topics.name(change.on);
            let sentence = format!("audits {source} as a change to version {version}, which is not on {on} {UNLESS}");
            out.find(topics.finding(Damage::Torn, change.place, None, sentence));
        }
    }
}
