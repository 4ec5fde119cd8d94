//! The open batch: what it holds, where it began, and when it is full.

use std::collections::BTreeMap;
use std::time::Duration;

use super::SourcePartition;
use crate::ids::{Position, RecordOffset};

/// When a batch is full, and when a worker gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Source records.
    pub records: usize,
    /// Bytes to produce.
    pub bytes: usize,
    /// Time since the first record; or as long as the batch before took to be delivered, where that is longer, though no
    /// longer than half a second, so that a slow cluster leaves a worker half of its time. Far below the transaction's
    /// timeout.
    pub age: Duration,
    /// The fencing within five minutes at which the worker ends.
    pub fenced: u32,
}

/// The longest [`age`](Limits::age): with it, and the time that a commit is given, a transaction ends within its own.
pub const MOST_AGE: Duration = Duration::from_secs(1);
/// How long a batch is open at most because the one before took long.
const MOST_PATIENCE: Duration = Duration::from_millis(500);
const _: () = assert!(MOST_PATIENCE.as_millis() <= MOST_AGE.as_millis());

impl Default for Limits {
    fn default() -> Self {
        Self { records: 10_000, bytes: 8 << 20, age: Duration::from_millis(100), fenced: 2 }
    }
}

/// The records of one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The first position of each partition in it: where an abort goes back to.
    first: BTreeMap<SourcePartition, Position>,
    records: usize,
    bytes: usize,
    opened: Duration,
    /// When it took its last record.
    closed: Duration,
}

impl Batch {
    pub(super) const fn new(opened: Duration) -> Self {
        Self { first: BTreeMap::new(), records: 0, bytes: 0, opened, closed: opened }
    }

    pub(super) fn take(&mut self, partition: SourcePartition, offset: RecordOffset) {
        self.first.entry(partition).or_insert(Position(offset.0));
        self.records += 1;
    }

    pub(super) const fn sent(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Whether it takes no more; `before`: how long the one before it took to be delivered.
    pub(super) fn is_full(&self, limits: Limits, before: Duration, now: Duration) -> bool {
        let age = limits.age.max(before.min(MOST_PATIENCE));
        self.records >= limits.records || self.bytes >= limits.bytes || now.saturating_sub(self.opened) >= age
    }

    /// It takes no more records.
    pub(super) const fn close(&mut self, now: Duration) {
        self.closed = now;
    }

    /// How long it took to be delivered.
    pub(super) const fn delivered_in(&self, now: Duration) -> Duration {
        now.saturating_sub(self.closed)
    }

    /// Half of its records, one at least.
    pub(super) fn half(&self) -> usize {
        (self.records / 2).max(1)
    }

    /// How many source records it holds.
    #[must_use]
    pub const fn records(&self) -> usize {
        self.records
    }

    /// When it was opened, as the machine was told.
    #[must_use]
    pub const fn opened(&self) -> Duration {
        self.opened
    }

    /// The record of a batch of one.
    pub(super) fn only(&self) -> Option<(SourcePartition, RecordOffset)> {
        let (partition, position) = self.first.first_key_value()?;
        (self.records == 1).then_some((*partition, RecordOffset(position.0)))
    }

    pub(super) fn partitions(&self) -> Vec<SourcePartition> {
        self.first.keys().copied().collect()
    }

    pub(super) fn has(&self, partition: SourcePartition) -> bool {
        self.first.contains_key(&partition)
    }

    /// Where its records begin in each partition.
    #[must_use]
    pub fn first_positions(&self) -> Vec<(SourcePartition, Position)> {
        self.first.iter().map(|(partition, position)| (*partition, *position)).collect()
    }
}
