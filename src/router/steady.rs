//! The time by which the ledger against duplicates forgets: the worker's own, which goes on as the machine does. A wall clock
//! may jump ahead, or back, and back again when somebody notices: by it the ledger would be emptied, and repetitions were
//! routed. The audit trail has no other time than that of wall clocks; what is read back of it is put in the worker's own.

use std::time::{Duration, Instant};

use crate::time::Timestamp;

/// A worker's clock: the wall clock's time when it was started, and how much has passed since.
#[derive(Debug)]
pub(super) struct Steady {
    wall: Timestamp,
    since: Instant,
}

/// A moment by two clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    own: Timestamp,
    wall: Timestamp,
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

    /// The time, where it was started so long ago.
    pub(super) fn at(&self, elapsed: Duration) -> Timestamp {
        self.wall.after(elapsed)
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.at(self.elapsed())
    }

    /// Now. A wall clock that is ahead of this one has jumped.
    pub(super) fn moment(&self) -> Moment {
        let own = self.now();
        Moment { own, wall: own.min(Timestamp::now()) }
    }
}

impl Moment {
    /// What wall clocks show.
    pub(super) const fn wall(self) -> Timestamp {
        self.wall
    }

    /// The same moment, where wall clocks show this.
    pub(super) const fn as_of(self, wall: Timestamp) -> Self {
        Self { wall, ..self }
    }

    /// The worker's own time of what bears this one of a wall clock; none to come.
    pub(super) fn own(self, at: Timestamp) -> Timestamp {
        let ago = self.wall.millis().saturating_sub(at.millis());
        self.own.before(Duration::from_millis(u64::try_from(ago).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn time(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_goes_on_as_the_machine_does() {
        let steady = Steady { wall: time(1_000_000), since: Instant::now() };
        assert_eq!(steady.at(Duration::from_secs(5)), time(1_005_000));
        let moment = steady.moment();
        assert!(moment.wall() < time(1_100_000), "the wall clock is years ahead");
        assert_eq!(moment.own(moment.wall()), moment.own);
    }

    #[test]
    fn what_was_written_so_long_ago_is_so_old() {
        let moment = Moment { own: time(9_000_000), wall: time(5_000_000) };
        assert_eq!(moment.own(time(4_999_000)), time(8_999_000));
        assert_eq!(moment.own(time(7_000_000)), time(9_000_000), "by a clock that was ahead");
        assert_eq!(moment.as_of(time(3_000_000)).own(time(2_999_000)), time(8_999_000));
    }
}
