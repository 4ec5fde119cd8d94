//! What is read, and not in the store yet.

use std::time::{Duration, Instant};

use super::entry::{Entry, Stand};
use super::kept::{BatchLimits, KeptError};
use super::shared::Shared;
use super::watch::News;

/// Records in their order.
#[derive(Debug)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    news: Vec<News>,
    bytes: u64,
    begun: Instant,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), news: Vec::new(), bytes: 0, begun: Instant::now() }
    }

    /// One more; with `news` where it is a change of a view that can be read.
    pub(super) fn push(&mut self, entry: Entry, news: Option<News>) {
        if self.entries.is_empty() {
            self.begun = Instant::now();
        }
        self.bytes += entry.size();
        self.entries.push(entry);
        self.news.extend(news);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it is large enough, or old enough: at the clock it is looked now and then.
    pub(super) fn is_due(&self, limits: BatchLimits) -> bool {
        let count = self.entries.len();
        count >= limits.records || self.bytes >= limits.bytes || count.is_multiple_of(256) && self.is_late(limits)
    }

    /// Whether its first record waits for long.
    pub(super) fn is_late(&self, limits: BatchLimits) -> bool {
        !self.is_empty() && self.begun.elapsed() >= Duration::from_millis(limits.millis)
    }
}

impl Shared {
    /// Makes a batch readable, with where the view stands behind it, and tells of it whoever watches by then. Watchers are
    /// looked for afterwards: one that comes before may read what was there before, so that it must hear of the change.
    pub(super) fn take_in(&self, batch: &mut Batch, stand: &Stand) -> Result<(), KeptError> {
        self.kept.apply(&mut batch.entries, stand)?;
        batch.bytes = 0;
        self.watchers.tell(&batch.news);
        batch.news.clear();
        Ok(())
    }
}
