//! Deadlines on conditions, and paced load. The only file of the tests that sleeps: never to let something happen,
//! only between two looks at a condition, or to spread load over time.

use std::time::{Duration, Instant};

/// Looks until `look` gives something. Panics with `what` when `within` is over first.
pub fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Spreads load evenly over time.
pub struct Pace {
    start: Instant,
    step: Duration,
    taken: u32,
}

impl Pace {
    pub fn per_second(steps: u32) -> Self {
        Self::every(Duration::from_secs(1) / steps)
    }

    /// A step each such time.
    pub fn every(step: Duration) -> Self {
        Self { start: Instant::now(), step, taken: 0 }
    }

    /// Returns when the next step is due; at once when it is late.
    pub fn step(&mut self) {
        self.taken += 1;
        let due = self.start + self.step * self.taken;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// Waits for an answer of the admin API.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
