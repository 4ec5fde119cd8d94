//! How far back something recent is read: no further than what is read can be held, however much of it is recent.

use super::Recent;
use crate::ids::Position;
use crate::kafka::trouble::Trouble;
use crate::time::Timestamp;

/// How often the time between two is halved: of ten minutes that leaves two and a half seconds.
const HALVINGS: usize = 8;

/// A partition's log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) low: i64,
    pub(super) high: i64,
    /// Up to where it was read before.
    pub(super) known: i64,
}

impl Log {
    /// The place of the first record of a time, or where reading begins anyway.
    fn place(&self, found: Option<Position>) -> i64 {
        found.map_or(self.high, |found| found.0).min(self.high).max(self.low).max(self.known)
    }

    /// Where its last so many offsets begin.
    fn newest(&self, count: u64) -> i64 {
        self.high.saturating_sub(i64::try_from(count).unwrap_or(i64::MAX)).max(self.low)
    }
}

/// Where reading begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// In each partition.
    pub(super) starts: Vec<i64>,
    /// What is older than this is left out, because not all of it can be held.
    pub(super) left_out: Option<Timestamp>,
}

impl Reach {
    /// All partitions begin at the same time, for what is held is the newest of all: a busy one has what an idle one
    /// leaves. `first_at` asks for the first record of a time in each.
    pub(super) fn find(
        logs: &[Log],
        recent: Recent<'_>,
        now: Timestamp,
        mut first_at: impl FnMut(Timestamp) -> Result<Vec<Option<Position>>, Trouble>,
    ) -> Result<Self, Trouble> {
        let mut places = |time| -> Result<Vec<i64>, Trouble> {
            Ok(logs.iter().zip(first_at(time)?).map(|(log, found)| log.place(found)).collect())
        };
        let fits = |places: &[i64]| {
            let offsets: i64 = logs.iter().zip(places).map(|(log, place)| log.high.max(*place) - place).sum();
            u64::try_from(offsets).is_ok_and(|offsets| offsets <= recent.most)
        };
        let (mut starts, mut left_out) = (places(recent.since)?, None);
        if !fits(&starts) {
            // Records of one moment cannot be told apart by time, so each partition has its share of the room at least.
            let share = recent.most / u64::try_from(logs.len()).unwrap_or(u64::MAX).max(1);
            let least: Vec<_> = logs.iter().zip(&starts).map(|(log, start)| log.newest(share).max(*start)).collect();
            let (mut too_early, mut held) = (recent.since, now);
            starts = logs.iter().map(|log| log.place(None)).collect();
            for _ in 0..HALVINGS {
                let middle = Timestamp::from_millis(too_early.millis().midpoint(held.millis()));
                let found = places(middle)?;
                if fits(&found) {
                    (held, starts) = (middle, found);
                } else {
                    too_early = middle;
                }
            }
            starts = starts.into_iter().zip(least).map(|(start, least)| start.min(least)).collect();
            left_out = Some(held);
        }
        // What is asked for in any case.
        let least = logs.iter().map(|log| log.newest(recent.least.min(recent.most)).max(log.known));
        Ok(Self { starts: starts.into_iter().zip(least).map(|(start, least)| start.min(least)).collect(), left_out })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    const NOW: i64 = 600_000;

    /// Partitions of a record a millisecond, a tenth of that, and none, for ten minutes.
    fn logs() -> [Log; 3] {
        [600_000, 60_000, 0].map(|high| Log { low: 0, high, known: 0 })
    }

    fn find(logs: &[Log], most: u64, least: u64) -> (Vec<i64>, Option<i64>) {
        let known = BTreeMap::new();
        let since = Timestamp::from_millis(0);
        let recent = Recent { since, known: &known, most, least, within: Duration::ZERO };
        let reach = Reach::find(logs, recent, Timestamp::from_millis(NOW), |time| {
            let found = |log: &Log| {
                let place = log.high * time.millis() / NOW;
                (place < log.high).then_some(Position(place))
            };
            Ok(logs.iter().map(found).collect())
        });
        let reach = reach.unwrap();
        (reach.starts, reach.left_out.map(Timestamp::millis))
    }

    #[test]
    fn what_fits_is_read_whole() {
        assert_eq!(find(&logs(), 660_000, 0), (vec![0, 0, 0], None));
    }

    #[test]
    fn what_does_not_fit_begins_everywhere_at_the_same_time() {
        let (starts, left_out) = find(&logs(), 66_000, 0);
        let since = left_out.unwrap();
        assert!((540_000..543_000).contains(&since), "{since}");
        assert_eq!(starts, [since, 38_000, 0], "the idle one is read whole, the second has its third of the room");
    }

    #[test]
    fn what_was_read_before_needs_no_room() {
        let mut logs = logs();
        logs[0].known = 599_000;
        assert_eq!(find(&logs, 66_000, 0), (vec![599_000, 0, 0], None));
    }

    #[test]
    fn records_of_one_moment_are_shared_out() {
        let logs = [Log { low: 0, high: 1000, known: 0 }; 2];
        let known = BTreeMap::new();
        let since = Timestamp::from_millis(0);
        let recent = Recent { since, known: &known, most: 100, least: 10, within: Duration::ZERO };
        let moment = Timestamp::from_millis(NOW / 2);
        let first_at = |time| Ok(vec![(time <= moment).then_some(Position(0)); 2]);
        let reach = Reach::find(&logs, recent, Timestamp::from_millis(NOW), first_at).unwrap();
        assert_eq!(reach.starts, [950, 950]);
        assert!(reach.left_out.unwrap() > moment, "not all of that moment is read");
    }

    #[test]
    fn some_are_read_however_old() {
        let logs = [Log { low: 5, high: 1000, known: 0 }, Log { low: 990, high: 1000, known: 0 }];
        let known = BTreeMap::new();
        let since = Timestamp::from_millis(0);
        let recent = Recent { since, known: &known, most: 1000, least: 500, within: Duration::ZERO };
        let reach = Reach::find(&logs, recent, Timestamp::from_millis(NOW), |_| Ok(vec![None; 2])).unwrap();
        assert_eq!((reach.starts, reach.left_out), (vec![500, 990], None));
    }
}
