//! The ledger against producers that repeat themselves (decisions 39 and 61): the events that were routed, or had no
//! trigger, within the duplicate window, each as the hash of its partition, tenant and event id.
//!
//! The entries of the open batch stand at its end: the next record sees them, a commit makes them count, and an abort
//! takes them away again. Nothing leaves the front before a commit, so an abort leaves it as it was.

mod keys;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use hashbrown::HashTable;

pub use keys::{LedgerKey, LedgerKeys};

use super::worker::SourcePartition;
use super::{Look, View};
use crate::reason::Outcome;
use crate::state::Version;
use crate::time::Timestamp;

/// An event of the past, as it is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// Which.
    pub key: LedgerKey,
    /// When it was decided on, by the ledger's clock.
    pub at: Timestamp,
}

/// How an update ended, for whoever sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// `state_changed` or `conflict`.
    pub outcome: Outcome,
    /// The version that it made, or met.
    pub version: Version,
}

/// How far the ledger reaches, and how much it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerLimits {
    /// How long an event is remembered.
    pub window: Duration,
    /// How many are, the oldest forgotten first.
    pub ids: usize,
}

/// Twenty bytes an event, and five or so in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Entry {
    key: LedgerKey,
    /// Seconds since 1970.
    at: u32,
}

/// The ledger of one worker.
#[derive(Debug)]
pub struct Ledger {
    keys: LedgerKeys,
    limits: LedgerLimits,
    /// From the oldest to the newest.
    entries: VecDeque<Entry>,
    /// The number of the first entry; numbers wrap around.
    first: u32,
    /// The numbers of entries, by key.
    index: HashTable<u32>,
    /// How the updates among them ended. An entry is the key, and not its event alone: an update that comes again beyond
    /// the window has two of them for a while.
    settlements: HashMap<Entry, Settlement>,
    /// How many entries at the end are the open batch's.
    open: usize,
    /// Up to when events may be missing that are within the window.
    forgotten: Option<u32>,
}

/// The ledger, as one partition sees it at one moment.
#[derive(Debug, Clone, Copy)]
pub struct PartitionLedger<'l> {
    ledger: &'l Ledger,
    partition: SourcePartition,
    now: Timestamp,
}

impl View for PartitionLedger<'_> {
    fn look(&self, tenant: &str, event_id: &str) -> Look {
        let ledger = self.ledger;
        if ledger.limits.ids == 0 {
            return Look::New(LedgerKey::NONE);
        }
        let key = ledger.keys.key(self.partition, tenant, event_id);
        if ledger.find(key).is_some_and(|at| age(at, self.now) <= ledger.limits.window.as_secs()) {
            Look::Seen
        } else {
            Look::New(key)
        }
    }

    fn settlement(&self, tenant: &str, event_id: &str) -> Option<Settlement> {
        let key = self.ledger.keys.key(self.partition, tenant, event_id);
        let at = self.ledger.find(key)?;
        self.ledger.settlements.get(&Entry { key, at }).copied()
    }

    fn entity(&self, _key: &[u8]) -> Option<&[u8]> {
        None
    }
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(keys: LedgerKeys, limits: LedgerLimits) -> Self {
        let ids = if limits.window.is_zero() { 0 } else { limits.ids };
        Self {
            keys,
            limits: LedgerLimits { ids, ..limits },
            entries: VecDeque::new(),
            first: 0,
            index: HashTable::new(),
            settlements: HashMap::new(),
            open: 0,
            forgotten: None,
        }
    }

    /// What makes this ledger's keys.
    #[must_use]
    pub const fn keys(&self) -> LedgerKeys {
        self.keys
    }

    /// How far it may reach.
    #[must_use]
    pub const fn limits(&self) -> LedgerLimits {
        self.limits
    }

    /// What a partition's records are compared with.
    #[must_use]
    pub const fn of(&self, partition: SourcePartition, now: Timestamp) -> PartitionLedger<'_> {
        PartitionLedger { ledger: self, partition, now }
    }

    /// Adds an event to the open batch.
    pub fn remember(&mut self, key: LedgerKey, now: Timestamp) {
        if self.limits.ids > 0 {
            self.push(Entry { key, at: seconds(now) });
            self.open += 1;
        }
    }

    /// Adds an update to the open batch.
    pub fn remember_update(&mut self, key: LedgerKey, settlement: Settlement, now: Timestamp) {
        self.remember(key, now);
        if self.limits.ids > 0 {
            self.settlements.insert(Entry { key, at: seconds(now) }, settlement);
        }
    }

    /// The open batch is committed: its events count from now on, and what is too old or too much leaves.
    pub fn commit(&mut self, now: Timestamp) {
        self.open = 0;
        while let Some(&oldest) = self.entries.front() {
            let expired = age(oldest.at, now) > self.limits.window.as_secs();
            if !expired && self.entries.len() <= self.limits.ids {
                break;
            }
            if !expired {
                self.forgotten = Some(oldest.at);
            }
            self.remove_index(self.first, oldest.key);
            self.forget_settlement(oldest);
            self.entries.pop_front();
            self.first = self.first.wrapping_add(1);
        }
    }

    /// The open batch is gone, and so are its events.
    pub fn abort(&mut self) {
        for _ in 0..std::mem::take(&mut self.open) {
            if let Some(last) = self.entries.pop_back() {
                self.remove_index(self.number(self.entries.len()), last.key);
                self.forget_settlement(last);
            }
        }
    }

    /// How updates ended that are read back; before [`Self::absorb`], with which they are events like all others.
    pub fn absorb_settlements(&mut self, past: &[(Remembered, Settlement)]) {
        let past = past.iter().map(|(one, settlement)| (Entry { key: one.key, at: seconds(one.at) }, *settlement));
        self.settlements.extend(past);
    }

    /// Adds what was read back, between batches. What is known already is not added again, but is as young as the younger of
    /// the two: clocks differ. `since`: events before it are missing, because there was no time to read them.
    pub fn absorb(&mut self, past: &[Remembered], since: Option<Timestamp>, now: Timestamp) {
        let (mut read, mut younger) = (Vec::with_capacity(past.len()), HashSet::new());
        for entry in past.iter().map(|one| Entry { key: one.key, at: seconds(one.at) }) {
            let known = self.find(entry.key);
            if known.is_none_or(|known| known < entry.at) {
                read.push(entry);
                younger.extend(known.map(|_| entry.key));
            } else if known != Some(entry.at) {
                self.forget_settlement(entry);
            }
        }
        let (older, kept): (Vec<_>, Vec<_>) = self.entries.drain(..).partition(|entry| younger.contains(&entry.key));
        older.into_iter().for_each(|entry| self.forget_settlement(entry));
        let mut all: Vec<_> = kept.into_iter().chain(read).collect();
        all.sort_unstable_by_key(|entry| (entry.at, entry.key));
        all.dedup_by_key(|entry| (entry.at, entry.key));
        let settlements = std::mem::take(&mut self.settlements);
        self.clear();
        let surplus = all.len().saturating_sub(self.limits.ids);
        if let Some(newest) = all.drain(..surplus).next_back() {
            self.forgotten = self.forgotten.max(Some(newest.at));
        }
        for entry in all {
            self.push(entry);
        }
        self.settlements = settlements;
        let oldest = self.entries.front().map(|entry| (entry.at, entry.key));
        self.settlements.retain(|entry, _| oldest.is_some_and(|oldest| (entry.at, entry.key) >= oldest));
        self.forgotten = self.forgotten.max(since.map(seconds));
        self.commit(now);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index.clear();
        self.settlements.clear();
        self.open = 0;
    }

    /// How many events it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How far back it reaches now: the window, unless events had to leave before their time.
    #[must_use]
    pub fn reach(&self, now: Timestamp) -> Duration {
        let since = self.forgotten.map_or(u64::MAX, |at| age(at, now));
        self.limits.window.min(Duration::from_secs(since))
    }

    fn forget_settlement(&mut self, entry: Entry) {
        // A bus without state pays nothing for it.
        if !self.settlements.is_empty() {
            self.settlements.remove(&entry);
        }
    }

    fn push(&mut self, entry: Entry) {
        let number = self.number(self.entries.len());
        self.entries.push_back(entry);
        let (entries, first) = (&self.entries, self.first);
        let hash = |number: &u32| entries[number.wrapping_sub(first) as usize].key.hash();
        self.index.insert_unique(entry.key.hash(), number, hash);
    }

    /// When the newest event of this key was decided on.
    fn find(&self, key: LedgerKey) -> Option<u32> {
        let is_it = |number: &u32| self.entries[number.wrapping_sub(self.first) as usize].key == key;
        let found = self.index.iter_hash(key.hash()).filter(|number| is_it(number));
        found.map(|number| self.entries[number.wrapping_sub(self.first) as usize].at).max()
    }

    fn remove_index(&mut self, number: u32, key: LedgerKey) {
        if let Ok(entry) = self.index.find_entry(key.hash(), |one| *one == number) {
            entry.remove();
        }
    }

    fn number(&self, place: usize) -> u32 {
        self.first.wrapping_add(u32::try_from(place).unwrap_or(u32::MAX))
    }
}

/// How many seconds ago that was; none, where clocks disagree.
fn age(at: u32, now: Timestamp) -> u64 {
    u64::from(seconds(now).saturating_sub(at))
}

fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.millis().max(0) / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
