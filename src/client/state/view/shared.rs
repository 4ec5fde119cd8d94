//! What the follower's thread and the readers share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use super::kept::{Kept, KeptError};
use super::watch::Watchers;
use super::{Progress, ViewError, ViewStats};
use crate::time::Timestamp;

pub(super) struct Shared {
    pub(super) kept: Kept,
    pub(super) watchers: Watchers,
    places: Mutex<Places>,
    /// Told whenever a place has changed, or the view has ended.
    moved: watch::Sender<()>,
    /// The number of the reading of the topic from which reads may be answered, from 1; 0 where from none.
    ready: AtomicU64,
    fault: OnceLock<ViewError>,
    /// The number of the last look at the logs' ends that somebody waits for.
    asked: AtomicU64,
    stop: AtomicBool,
    torn: Mutex<Option<String>>,
    pub(super) counts: Counts,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) records: AtomicU64,
    pub(super) foreign: AtomicU64,
    pub(super) rebuilds: AtomicU64,
}

/// Where a view stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// Where it began.
    pub(super) starts: BTreeMap<i32, i64>,
    /// What was there when it began.
    pub(super) goal: BTreeMap<i32, i64>,
    /// What is in the store.
    pub(super) at: BTreeMap<i32, i64>,
    /// Where the logs ended at the last look.
    pub(super) ends: BTreeMap<i32, i64>,
    /// Everything that was committed before is in the store.
    pub(super) as_of: Option<Timestamp>,
    /// The number of the last look.
    pub(super) look: u64,
}

/// Whether positions have reached others, of the same partitions.
pub(super) fn reached(at: &BTreeMap<i32, i64>, ends: &BTreeMap<i32, i64>) -> bool {
    ends.iter().all(|(partition, end)| at.get(partition).is_some_and(|at| at >= end))
}

fn distance(from: &BTreeMap<i32, i64>, to: &BTreeMap<i32, i64>) -> u64 {
    let one = |(partition, to): (&i32, &i64)| from.get(partition).map_or(0, |from| to.saturating_sub(*from).max(0));
    to.iter().map(one).sum::<i64>().unsigned_abs()
}

impl Shared {
    pub(super) fn new(kept: Kept, places: Places) -> Self {
        Self {
            kept,
            watchers: Watchers::default(),
            places: Mutex::new(places),
            moved: watch::Sender::new(()),
            ready: AtomicU64::new(0),
            fault: OnceLock::new(),
            asked: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            torn: Mutex::new(None),
            counts: Counts::default(),
        }
    }

    /// Whether a read may be answered, and from which reading of the topic.
    pub(super) fn readable(&self) -> Result<u64, ViewError> {
        match self.ready.load(Ordering::Acquire) {
            0 => Err(self.fault.get().cloned().unwrap_or_else(|| ViewError::Restoring(self.progress()))),
            reading => Ok(reading),
        }
    }

    /// What `read` finds, all of it in one reading of the topic: where the view has begun again meanwhile, the store may
    /// have been empty, or half full.
    pub(super) fn read<T>(&self, read: impl FnOnce() -> Result<T, ViewError>) -> Result<T, ViewError> {
        let reading = self.readable()?;
        let found = read();
        match self.readable()? {
            same if same == reading => found,
            _ => Err(ViewError::Restoring(self.progress())),
        }
    }

    /// Reads are answered from now on.
    pub(super) fn answer_reads(&self) {
        self.ready.store(self.counts.rebuilds.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// What is in the store cannot be trusted any more.
    pub(super) fn begin_again(&self) {
        self.refuse_reads();
        self.counts.rebuilds.fetch_add(1, Ordering::Relaxed);
    }

    fn refuse_reads(&self) {
        self.ready.store(0, Ordering::Release);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire) != 0
    }

    /// The view is over; every read says why from now on.
    pub(super) fn end(&self, why: ViewError) {
        // The first reason is the one that counts.
        let _ = self.fault.set(why);
        self.refuse_reads();
        self.watchers.end();
        self.moved.send_replace(());
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(super) fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes places, and tells those who wait.
    pub(super) fn move_places(&self, change: impl FnOnce(&mut Places)) {
        change(&mut self.places());
        self.moved.send_replace(());
    }

    /// Hears of every move from now on.
    pub(super) fn moves(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Asks the follower to look where the logs end; the number of that look.
    pub(super) fn ask(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Acquire)
    }

    /// What a store says to a reader. A torn file is the follower's to repair.
    pub(super) fn answer<T>(&self, answer: Result<T, KeptError>) -> Result<T, ViewError> {
        answer.map_err(|error| match error {
            KeptError::Failed(error) => error,
            KeptError::Torn(why) => {
                *self.torn.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                self.refuse_reads();
                ViewError::Restoring(Progress::default())
            }
        })
    }

    /// What a reader found torn.
    pub(super) fn take_torn(&self) -> Option<String> {
        self.torn.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn progress(&self) -> Progress {
        let places = self.places();
        let (of, left) = (distance(&places.starts, &places.goal), distance(&places.at, &places.goal));
        Progress { read: of.saturating_sub(left), of }
    }

    pub(super) fn stats(&self, now: Timestamp) -> ViewStats {
        let (entities, bytes) = self.kept.sizes();
        let places = self.places();
        let stale = places.as_of.map_or(0, |as_of| now.millis().saturating_sub(as_of.millis()).max(0));
        let restored = places.goal.iter().filter(|(partition, goal)| places.at.get(partition) >= Some(goal)).count();
        ViewStats {
            entities,
            bytes,
            file_bytes: self.kept.file_bytes(),
            staleness: std::time::Duration::from_millis(stale.unsigned_abs()),
            behind: distance(&places.at, &places.ends),
            partitions_restored: restored,
            partitions: places.goal.len(),
            records_read: self.counts.records.load(Ordering::Relaxed),
            foreign: self.counts.foreign.load(Ordering::Relaxed),
            rebuilds: self.counts.rebuilds.load(Ordering::Relaxed),
        }
    }
}
