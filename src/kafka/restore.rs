//! Reading back what a predecessor wrote: one mechanism for everything that is restored when partitions are assigned.
//!
//! The caller has asked for the group's committed positions before, which waits until the predecessor's transaction
//! has ended. How far to read is asked with a client that reads uncommitted: a read-committed one answers with the last
//! stable offset and would miss the predecessor's last transaction, whose markers may still be on their way
//! (KAFKA-10167). The end of a partition as the client reports it is that offset too, so what counts is the position.

mod backwards;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::config::KafkaSettings;
use super::message::Message;
use super::trouble::{Trouble, TroubleKind};
use super::watermarks::Watermarks;
use crate::ids::Position;
use crate::time::Timestamp;
use backwards::{Backwards, Log, Reach};
use reading::{Reading, Stretch};

/// How long a call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Between two calls of which the first failed.
const PAUSE: Duration = Duration::from_millis(200);

/// What is read back.
#[derive(Debug)]
pub struct Restore<'s> {
    /// How to reach the cluster.
    pub settings: &'s KafkaSettings,
    /// The topic.
    pub topic: &'s str,
    /// Its partitions.
    pub partitions: &'s [i32],
}

/// What is recent enough to be read back.
#[derive(Debug, Clone, Copy)]
pub struct Recent<'s> {
    /// From the first record of this time on.
    pub since: Timestamp,
    /// Nothing before these positions, which was read before.
    pub known: &'s BTreeMap<i32, Position>,
    /// Until so many are folded that take room.
    pub room: i64,
    /// But at least this many offsets of each partition, however old.
    pub least: i64,
    /// How long the newest may take, which may wait for a predecessor's transaction to end, and then all else.
    pub within: Duration,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// All that was asked for is folded, up to these positions.
    Whole(BTreeMap<i32, Position>),
    /// The room is filled, up to these positions, and what is older than this is not folded.
    Full(BTreeMap<i32, Position>, Timestamp),
    /// There was no time for what is older than this.
    Late(Timestamp),
}

impl Restore<'_> {
    /// Folds everything that is committed, from these positions on or from the log's start where a partition has none,
    /// in its order and however long it takes. Up to where.
    ///
    /// # Errors
    /// The cluster does not answer for a minute, or does not let us read; a log ends before its position. `None` when
    /// `go_on` says no.
    pub fn whole(
        &self,
        from: &BTreeMap<i32, Position>,
        go_on: impl Fn() -> bool,
        fold: impl FnMut(&Message<'_>),
    ) -> Result<Option<BTreeMap<i32, Position>>, Trouble> {
        let watermarks = Watermarks::connect(self.settings)?;
        let (mut stretches, mut ends) = (BTreeMap::new(), BTreeMap::new());
        for number in self.partitions {
            let (low, high) = self.bounds(&watermarks, *number)?;
            let from = from.get(number).copied().unwrap_or(Position(0));
            if from > high {
                let sentence = format!(
                    "{}/{number} ends at {}, and was read up to {} before: it was made anew or has lost its end, and is read whole",
                    self.topic, high.0, from.0
                );
                return Err(Trouble { kind: TroubleKind::Refused, sentence });
            }
            stretches.insert(*number, Stretch { at: from.max(low).0, end: high.0 });
            ends.insert(*number, high);
        }
        let read = Reading::connect(self.settings, self.topic)?.read(stretches, None, go_on, fold)?;
        Ok(read.then_some(ends))
    }

    /// Folds what is recent and committed, the newest first: in steps back, each of them in the order of the log. `fold`
    /// says whether a record takes room.
    ///
    /// # Errors
    /// The cluster does not answer, or does not let us read. `None` when `go_on` says no.
    pub fn recent(
        &self,
        recent: Recent<'_>,
        go_on: impl Fn() -> bool,
        mut fold: impl FnMut(&Message<'_>) -> bool,
    ) -> Result<Option<Restored>, Trouble> {
        let mut until = Instant::now() + recent.within;
        // Also the search by time: a read-committed client finds nothing behind the last stable offset.
        let watermarks = Watermarks::connect(self.settings)?;
        let names: Vec<_> = self.partitions.iter().map(|partition| (self.topic.to_owned(), *partition)).collect();
        let log = |number: &i32| {
            let (low, high) = self.bounds(&watermarks, *number)?;
            // A log that ends before what is known is another one, of which nothing is.
            let known = recent.known.get(number).map_or(0, |known| known.0);
            Ok(Log { low: low.0, high: high.0, known: if known > high.0 { 0 } else { known } })
        };
        let logs: Vec<_> = self.partitions.iter().map(log).collect::<Result<_, Trouble>>()?;
        let ends = self.partitions.iter().copied().zip(logs.iter().map(|log| Position(log.high))).collect();
        let reading = Reading::connect(self.settings, self.topic)?;
        let (mut back, mut held, mut has_newest) = (Backwards::from(logs, recent, Timestamp::now()), 0, false);
        loop {
            let step = match back.step(|time| watermarks.first_at(&names, time, TIMEOUT)) {
                // What was read already would have to be read again.
                Err(trouble) if has_newest && trouble.kind == TroubleKind::Unreachable && Instant::now() < until => {
                    if !go_on() {
                        return Ok(None);
                    }
                    std::thread::sleep(PAUSE);
                    continue;
                }
                step => step?,
            };
            let stretches = step.from.iter().zip(back.begun()).map(|(at, end)| Stretch { at: *at, end: *end });
            let stretches = self.partitions.iter().copied().zip(stretches);
            if !reading.read(stretches, Some(until), &go_on, |message| held += i64::from(fold(message)))? {
                return Ok(go_on().then(|| Restored::Late(back.since())));
            }
            if !has_newest {
                (has_newest, until) = (true, Instant::now() + recent.within);
            }
            match back.stepped(step, held) {
                Reach::Further => {}
                Reach::Whole => return Ok(Some(Restored::Whole(ends))),
                Reach::Full(since) => return Ok(Some(Restored::Full(ends, since))),
            }
        }
    }

    /// Where a log begins and ends. A topic that is gone is named.
    fn bounds(&self, watermarks: &Watermarks, number: i32) -> Result<(Position, Position), Trouble> {
        let gone = || watermarks.missing(&BTreeSet::from([self.topic.to_owned()]));
        watermarks.of(&(self.topic.to_owned(), number), TIMEOUT).map_err(|why| gone().unwrap_or(why))
    }
}
