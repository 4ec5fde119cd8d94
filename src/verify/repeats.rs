//! By event and source partition: what is audited as a duplicate was decided on before, and within the duplicate window
//! nothing is decided on twice (decisions 39 and 61).

use super::{Count, Damage, Entry, MARGIN, Out, Place, Scope, What, digest};

/// Judges the pile [`super::Pile::Repeats`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: u128,
    /// The first audit record that fills the ledger.
    first: Option<Place>,
    /// The last one.
    last: Option<Entry>,
}

/// What the ledger against duplicates takes for one event: the same id on the same partition.
pub(super) fn group(cause: u64, source: Place) -> u128 {
    digest(&[&cause.to_be_bytes(), &source.topic.to_be_bytes(), &source.partition.to_be_bytes()])
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: 0, first: None, last: None }
    }

    /// Takes the next entry: of one event what was settled comes first, in the order of the audit.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group {
            (self.group, self.first, self.last) = (entry.group, None, None);
        }
        if entry.what == What::Settled {
            self.first.get_or_insert(entry.place);
            if let Some(last) = self.last.replace(*entry) {
                self.again(entry, &last, out);
            }
        } else if self.first.is_none_or(|first| first > entry.place) && entry.time >= self.scope.since {
            // An entity remembers its last update for as long as it lives.
            let for_good = entry.source.topic == self.scope.topics.updates() && !self.scope.is_whole();
            if self.scope.remembers(entry.time) && !for_good {
                let sentence = "is audited as a duplicate, and its event was not decided on before".to_owned();
                out.find(self.scope.topics.finding(Damage::Lost, entry.source, None, sentence));
            } else {
                out.count(Count::UnseenFirst, 1);
            }
        }
    }

    /// A fact that is decided on again: its first should have been remembered. Where both were decided on by the catalogue at
    /// hand, whose window that is, and well within it.
    fn again(&self, entry: &Entry, last: &Entry, out: &mut impl Out) {
        let is_fact = entry.source.topic != self.scope.topics.updates();
        let ago = entry.time.saturating_sub(last.time);
        let within = (0..self.scope.window.saturating_sub(2 * MARGIN)).contains(&ago);
        let ours = entry.more != 0 && last.more != 0;
        if is_fact && ours && within && entry.source != last.source && entry.time >= self.scope.since {
            let topics = &self.scope.topics;
            let sentence = format!(
                "is decided on like a new one, and is the event of {}, which was {} s before, within the duplicate window: \
                 its ledger had no room for it, or was not read back",
                topics.place(last.source),
                ago / 1000
            );
            out.find(topics.finding(Damage::Duplicated, entry.source, None, sentence));
        }
    }
}
