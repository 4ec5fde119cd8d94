//! By event and source partition: what is audited as a duplicate was decided on before (decisions 39 and 61).

use super::{Count, Damage, Entry, Out, Place, Scope, What, digest};

/// Judges the pile [`super::Pile::Repeats`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: u128,
    /// The first audit record that fills the ledger.
    first: Option<Place>,
}

/// What the ledger against duplicates takes for one event: the same id on the same partition.
pub(super) fn group(cause: u64, source: Place) -> u128 {
    digest(&[&cause.to_be_bytes(), &source.topic.to_be_bytes(), &source.partition.to_be_bytes()])
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: 0, first: None }
    }

    /// Takes the next entry: of one event what was settled comes first, in the order of the audit.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group {
            (self.group, self.first) = (entry.group, None);
        }
        if entry.what == What::Settled {
            self.first.get_or_insert(entry.place);
        } else if self.first.is_none_or(|first| first > entry.place) && entry.time >= self.scope.since {
            if self.scope.remembers(entry.time) {
                let sentence = "is audited as a duplicate, and its event was not decided on before".to_owned();
                out.find(self.scope.topics.finding(Damage::Lost, entry.source, None, sentence));
            } else {
                out.count(Count::UnseenFirst, 1);
            }
        }
    }
}
