//! Every blocking call is watched: exactly-once makes a crash safe; a hang is not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The exit code of a process whose call hung (decision 70).
const EXIT: i32 = 5;
/// How much longer than its own deadline a call may take.
const GRACE: Duration = Duration::from_secs(30);
/// How often deadlines are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A worker's call, if it makes one.
#[derive(Debug, Default)]
struct Call {
    /// Milliseconds since the start; zero is no call.
    deadline: AtomicU64,
    what: Mutex<&'static str>,
}

/// The calls of all workers.
#[derive(Debug)]
pub(super) struct Watchdog {
    started: Instant,
    calls: Arc<Vec<Call>>,
}

/// One worker's call.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    started: Instant,
    calls: Arc<Vec<Call>>,
    number: usize,
}

impl Watchdog {
    /// Starts the thread that looks.
    pub(super) fn start(workers: usize) -> Self {
        let calls: Arc<Vec<Call>> = Arc::new((0..workers).map(|_| Call::default()).collect());
        let started = Instant::now();
        let watched = Arc::downgrade(&calls);
        std::thread::spawn(move || {
            let mut before = None;
            while let Some(calls) = watched.upgrade() {
                let now = overdue(&calls, started.elapsed());
                // Seen twice: a process that was paused has had no time yet to come back from its call.
                if let Some((worker, _)) = now.filter(|_| now == before) {
                    let call = *calls[worker].what.lock().unwrap_or_else(PoisonError::into_inner);
                    tracing::error!(
                        worker,
                        call,
                        "a call into the Kafka client did not come back: ending, exit code {EXIT}"
                    );
                    std::process::exit(EXIT);
                }
                before = now;
                drop(calls);
                std::thread::sleep(LOOK);
            }
        });
        Self { started, calls }
    }

    /// For one worker.
    pub(super) fn watch(&self, number: usize) -> Watch {
        Watch { started: self.started, calls: Arc::clone(&self.calls), number }
    }
}

/// The first worker whose call is beyond its deadline, with that deadline.
fn overdue(calls: &[Call], now: Duration) -> Option<(usize, u64)> {
    let now = millis(now);
    let deadlines = calls.iter().map(|call| call.deadline.load(Ordering::Relaxed)).enumerate();
    deadlines.into_iter().find(|(_, deadline)| *deadline != 0 && now > *deadline)
}

impl Watch {
    /// Makes a call that should take no longer than this.
    pub(super) fn call<T>(&self, what: &'static str, expected: Duration, call: impl FnOnce() -> T) -> T {
        self.begin(what, expected);
        let result = call();
        self.end();
        result
    }

    /// A call begins that should take no longer than this.
    pub(super) fn begin(&self, what: &'static str, expected: Duration) {
        let call = &self.calls[self.number];
        *call.what.lock().unwrap_or_else(PoisonError::into_inner) = what;
        self.set_deadline(expected);
    }

    /// The call that is under way, if there is one, takes another step, which should take no longer than this: of one that
    /// takes many, nobody knows how long all of them take.
    pub(super) fn step(&self, expected: Duration) {
        if self.calls[self.number].deadline.load(Ordering::Relaxed) != 0 {
            self.set_deadline(expected);
        }
    }

    fn set_deadline(&self, expected: Duration) {
        let deadline = self.started.elapsed() + expected + GRACE;
        self.calls[self.number].deadline.store(millis(deadline), Ordering::Relaxed);
    }

    /// The call came back.
    pub(super) fn end(&self) {
        self.calls[self.number].deadline.store(0, Ordering::Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_many_steps_is_overdue_where_one_of_them_is() {
        let calls = Arc::new(vec![Call::default()]);
        let watch = Watch { started: Instant::now(), calls: Arc::clone(&calls), number: 0 };
        let later = |time: u64| overdue(&calls, watch.started.elapsed() + GRACE + Duration::from_secs(time)).is_some();
        watch.step(Duration::from_secs(9));
        assert!(!later(10), "no call is under way");
        watch.begin("a call", Duration::from_secs(3));
        assert!(later(4));
        watch.step(Duration::from_secs(9));
        assert!(!later(4) && later(10));
        watch.end();
        assert!(!later(100));
    }

    #[test]
    fn only_a_call_beyond_its_deadline_is_overdue() {
        let late = Call { deadline: AtomicU64::new(5000), ..Call::default() };
        let calls = [Call::default(), late];
        assert_eq!(overdue(&calls, Duration::from_secs(5)), None);
        assert_eq!(overdue(&calls, Duration::from_secs(6)), Some((1, 5000)));
    }
}
