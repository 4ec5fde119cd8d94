//! Whether this process is ready (decision 71): its workers have taken what their group gave them, every assigned partition
//! is restored, and every worker has polled successfully within ten seconds. A process whose workers have no partition is
//! ready.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How old the last successful poll of a worker may be.
const MAX_POLL_AGE: Duration = Duration::from_secs(10);

/// The health of this process, shared by its workers and its HTTP server.
#[derive(Debug)]
pub struct Health {
    started: Instant,
    workers: Mutex<BTreeMap<usize, Arc<Worker>>>,
}

/// Where one worker reports its health.
#[derive(Debug)]
pub struct WorkerHealth {
    started: Instant,
    worker: Arc<Worker>,
}

/// How an assigned partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionHealth {
    /// Its state is being read back; it is not routed yet.
    Restoring,
    /// It is routed.
    Ready,
    /// It is not routed until somebody repairs what is said here.
    Stopped(String),
}

#[derive(Debug)]
struct Worker {
    /// Milliseconds from the start to the last successful poll.
    polled: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether it has taken what its group gave it, be it nothing: before, a group that begins from now on has not begun.
    joined: bool,
    partitions: BTreeMap<(Arc<str>, i32), PartitionHealth>,
    trouble: Option<String>,
}

/// How many partitions there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PartitionCounts {
    pub(super) assigned: i64,
    pub(super) restoring: i64,
    pub(super) stopped: i64,
}

impl Health {
    /// The health of a process that starts now.
    #[must_use]
    pub const fn new(now: Instant) -> Self {
        Self { started: now, workers: Mutex::new(BTreeMap::new()) }
    }

    /// The worker of this number begins, perhaps anew; it counts as having polled now.
    #[must_use]
    pub fn worker(&self, number: usize, now: Instant) -> WorkerHealth {
        let worker = Arc::new(Worker { polled: AtomicU64::new(0), state: Mutex::default() });
        lock(&self.workers).insert(number, Arc::clone(&worker));
        let health = WorkerHealth { started: self.started, worker };
        health.polled(now);
        health
    }

    /// Whether this process is ready.
    ///
    /// # Errors
    /// Every reason why it is not, one line each.
    pub fn readiness(&self, now: Instant) -> Result<(), Vec<String>> {
        let workers = lock(&self.workers);
        if workers.is_empty() {
            return Err(vec!["it has not begun: the cluster is not reached yet, or lacks topics".to_owned()]);
        }
        let mut reasons = Vec::new();
        let mut works = false;
        for (number, worker) in workers.iter() {
            let state = lock(&worker.state);
            // A worker in trouble may have lost its partitions to it: that it has none is then no excuse.
            works |= !state.partitions.is_empty() || state.trouble.is_some() || !state.joined;
            if !state.joined && state.trouble.is_none() {
                reasons.push(format!("worker {number} has not been given its share by the group yet"));
            }
            reasons.extend(state.partitions.iter().filter_map(|((topic, partition), health)| match health {
                PartitionHealth::Ready => None,
                PartitionHealth::Restoring => Some(format!("{topic} [{partition}] is being restored")),
                PartitionHealth::Stopped(why) => Some(format!("{topic} [{partition}] is stopped: {why}")),
            }));
            reasons.extend(state.trouble.iter().map(|why| format!("worker {number}: {why}")));
            let polled = self.started + Duration::from_millis(worker.polled.load(Ordering::Relaxed));
            let age = now.saturating_duration_since(polled);
            if age > MAX_POLL_AGE {
                reasons.push(format!("worker {number} has not polled successfully for {} s", age.as_secs()));
            }
        }
        if reasons.is_empty() || !works { Ok(()) } else { Err(reasons) }
    }

    /// How many partitions are assigned to this process.
    #[must_use]
    pub fn assigned(&self) -> usize {
        usize::try_from(self.counts().assigned).unwrap_or(0)
    }

    pub(super) fn counts(&self) -> PartitionCounts {
        let mut counts = PartitionCounts::default();
        for worker in lock(&self.workers).values() {
            for health in lock(&worker.state).partitions.values() {
                counts.assigned += 1;
                counts.restoring += i64::from(*health == PartitionHealth::Restoring);
                counts.stopped += i64::from(matches!(health, PartitionHealth::Stopped(_)));
            }
        }
        counts
    }
}

impl WorkerHealth {
    /// A poll succeeded, whether or not it gave a record.
    pub fn polled(&self, now: Instant) {
        let millis = now.saturating_duration_since(self.started).as_millis();
        self.worker.polled.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// An assigned partition stands like this now.
    pub fn set_partition(&self, topic: &Arc<str>, partition: i32, health: PartitionHealth) {
        lock(&self.worker.state).partitions.insert((Arc::clone(topic), partition), health);
    }

    /// The worker has taken what its group gave it.
    pub fn joined(&self) {
        lock(&self.worker.state).joined = true;
    }

    /// A partition is no longer assigned.
    pub fn remove_partition(&self, topic: &Arc<str>, partition: i32) {
        lock(&self.worker.state).partitions.remove(&(Arc::clone(topic), partition));
    }

    /// What keeps the whole worker from its work, such as a broker that is away; `None` when it is over.
    pub fn set_trouble(&self, why: Option<String>) {
        lock(&self.worker.state).trouble = why;
    }
}

/// What a thread left that panicked while it held the lock is still whole: every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
