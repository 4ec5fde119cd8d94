//! Every blocking call is watched: exactly-once makes a crash safe; a hang is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The exit code of a process whose call hung (decision 70).
const EXIT: i32 = 5;
/// How much longer than its own deadline a call may take.
const GRACE: Duration = Duration::from_secs(30);
/// How often deadlines are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The deadlines of all workers' calls.
#[derive(Debug)]
pub(super) struct Watchdog {
    started: Instant,
    deadlines: Arc<Vec<AtomicU64>>,
}

/// One worker's deadline.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    started: Instant,
    deadlines: Arc<Vec<AtomicU64>>,
    number: usize,
}

impl Watchdog {
    /// Starts the thread that looks.
    pub(super) fn start(workers: usize) -> Self {
        let deadlines: Arc<Vec<AtomicU64>> = Arc::new((0..workers).map(|_| AtomicU64::new(0)).collect());
        let started = Instant::now();
        let watched = Arc::downgrade(&deadlines);
        std::thread::spawn(move || {
            let mut before = None;
            while let Some(deadlines) = watched.upgrade() {
                let now = overdue(&deadlines, started.elapsed());
                // Seen twice: a process that was paused has had no time yet to come back from its call.
                if let Some((worker, _)) = now.filter(|_| now == before) {
                    tracing::error!(worker, "a call into the Kafka client did not come back: ending, exit code {EXIT}");
                    std::process::exit(EXIT);
                }
                before = now;
                drop(deadlines);
                std::thread::sleep(LOOK);
            }
        });
        Self { started, deadlines }
    }

    /// The deadline of one worker.
    pub(super) fn watch(&self, number: usize) -> Watch {
        Watch { started: self.started, deadlines: Arc::clone(&self.deadlines), number }
    }
}

/// The first worker whose call is beyond its deadline, with that deadline; zero is no call.
fn overdue(deadlines: &[AtomicU64], now: Duration) -> Option<(usize, u64)> {
    let now = millis(now);
    let deadlines = deadlines.iter().map(|deadline| deadline.load(Ordering::Relaxed)).enumerate();
    deadlines.into_iter().find(|(_, deadline)| *deadline != 0 && now > *deadline)
}

impl Watch {
    /// Makes a call that should take no longer than this.
    pub(super) fn call<T>(&self, expected: Duration, call: impl FnOnce() -> T) -> T {
        self.begin(expected);
        let result = call();
        self.end();
        result
    }

    /// A call begins that should take no longer than this.
    pub(super) fn begin(&self, expected: Duration) {
        let deadline = self.started.elapsed() + expected + GRACE;
        self.deadlines[self.number].store(millis(deadline), Ordering::Relaxed);
    }

    /// The call came back.
    pub(super) fn end(&self) {
        self.deadlines[self.number].store(0, Ordering::Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_beyond_its_deadline_is_overdue() {
        let deadlines = [AtomicU64::new(0), AtomicU64::new(5000)];
        assert_eq!(overdue(&deadlines, Duration::from_secs(5)), None);
        assert_eq!(overdue(&deadlines, Duration::from_secs(6)), Some((1, 5000)));
    }
}
