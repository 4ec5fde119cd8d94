//! The time by which the ledger against duplicates forgets. A wall clock that jumps ahead, and back when somebody notices,
//! would empty it, and repetitions were routed; so its time goes on no faster than the machine does.

use std::time::{Duration, Instant};

use crate::time::Timestamp;

/// A clock that follows the wall clock, and jumps ahead with it never.
#[derive(Debug)]
pub(super) struct Steady {
    wall: Timestamp,
    since: Instant,
}

impl Steady {
    /// A clock that agrees with the wall clock now.
    pub(super) fn start() -> Self {
        Self { wall: Timestamp::now(), since: Instant::now() }
    }

    /// How long ago it was started.
    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// The time; before that of the wall clock where that has jumped ahead.
    pub(super) fn now(&self) -> Timestamp {
        self.at(Timestamp::now(), self.elapsed())
    }

    /// The same, where both clocks were looked at already.
    pub(super) fn at(&self, wall: Timestamp, elapsed: Duration) -> Timestamp {
        wall.min(self.wall.after(elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_jumps_back_with_the_wall_clock_and_not_ahead() {
        let steady = Steady { wall: Timestamp::from_millis(1_000_000), since: Instant::now() };
        let at = |wall, elapsed| steady.at(Timestamp::from_millis(wall), Duration::from_millis(elapsed)).millis();
        assert_eq!(at(1_005_000, 5000), 1_005_000);
        assert_eq!(at(90_005_000, 5000), 1_005_000, "a day ahead");
        assert_eq!(at(1_006_000, 6000), 1_006_000, "and back");
        assert_eq!(at(900_000, 7000), 900_000);
    }
}
