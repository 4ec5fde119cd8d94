//! Reading back what a predecessor wrote: one mechanism for everything that is restored when partitions are assigned.
//!
//! The caller has asked for the group's committed positions before, which waits until the predecessor's transaction
//! has ended. How far to read is asked with a client that reads uncommitted: a read-committed one answers with the last
//! stable offset and would miss the predecessor's last transaction, whose markers may still be on their way
//! (KAFKA-10167). The end of a partition as the client reports it is that offset too, so what counts is the position.

mod reach;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::aside::Aside;
use super::config::KafkaSettings;
use super::listening::Listening;
use super::message::Message;
use super::trouble::{Trouble, TroubleKind};
use super::watermarks::Watermarks;
use crate::ids::Position;
use crate::time::Timestamp;
use reach::{Log, Reach};

const DEFAULTS: &[(&str, &str)] = &[
    ("queued.max.messages.kbytes", "4096"),
    ("fetch.queue.backoff.ms", "5"),
    ("fetch.wait.max.ms", "10"),
    ("auto.offset.reset", "error"),
];
/// How long a call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long nothing may come before that is an error.
const STALLED: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);
/// How many records are folded between two looks at the positions and the time.
const LOOK_EVERY: usize = 1000;

/// What is read back.
#[derive(Debug)]
pub struct Restore<'s> {
    /// How to reach the cluster.
    pub settings: &'s KafkaSettings,
    /// The topic.
    pub topic: &'s str,
    /// Its partitions.
    pub partitions: &'s [i32],
    /// How much of it.
    pub extent: Extent<'s>,
}

/// How much is read back.
#[derive(Debug, Clone, Copy)]
pub enum Extent<'s> {
    /// What is recent.
    Recent(Recent<'s>),
    /// Everything from these positions on, or from the log's start where a partition has none, however long it takes.
    Whole(&'s BTreeMap<i32, Position>),
}

/// What is recent enough to be read back.
#[derive(Debug, Clone, Copy)]
pub struct Recent<'s> {
    /// From the first record of this time on.
    pub since: Timestamp,
    /// Nothing before these positions, which was read before.
    pub known: &'s BTreeMap<i32, Position>,
    /// But no more than about this many offsets of all partitions together: more cannot be held.
    pub most: u64,
    /// And at least this many of each partition, however old.
    pub least: u64,
    /// How long it may take. When time runs short, it goes on with the newest records that it still can read.
    pub within: Duration,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// All that was asked for is folded, up to these positions.
    Whole(BTreeMap<i32, Position>),
    /// All that can be held is folded, up to these positions, and what is older than this is not.
    Full(BTreeMap<i32, Position>, Timestamp),
    /// There was no time for what is older than this.
    Late(Timestamp),
}

impl Restore<'_> {
    /// Reads what is committed, and folds it.
    ///
    /// # Errors
    /// The cluster does not answer for a minute, or does not let us read; `None` when `go_on` says no.
    pub fn run(
        &self,
        go_on: impl Fn() -> bool,
        mut fold: impl FnMut(&Message<'_>),
    ) -> Result<Option<Restored>, Trouble> {
        let mut reading = self.begin()?;
        let (mut folded, mut moved) = (0_usize, Instant::now());
        while !reading.behind.is_empty() {
            if !go_on() {
                return Ok(None);
            }
            match reading.consumer.poll(STEP) {
                Some(Ok(message)) => {
                    let message = Message(message);
                    fold(&message);
                    let (partition, at) = (message.partition(), message.timestamp());
                    drop(message);
                    reading.note(partition, at);
                    folded += 1;
                    if folded % LOOK_EVERY != 0 {
                        continue;
                    }
                }
                Some(Err(error)) => reading.consumer.context().heard(&error, &format!("read {} back", self.topic))?,
                None => {}
            }
            if let Extent::Recent(recent) = self.extent
                && let Some(since) = reading.keep_time(recent.within)
            {
                return Ok(Some(Restored::Late(since)));
            }
            if reading.advance()? {
                moved = Instant::now();
            } else if moved.elapsed() > STALLED {
                let sentence = format!("reading {} back has made no progress for a minute", self.topic);
                return Err(Trouble { kind: TroubleKind::Unreachable, sentence });
            }
        }
        Ok(Some(reading.restored()))
    }

    fn begin(&self) -> Result<Reading, Trouble> {
        let failed = |error: KafkaError| Trouble::of(&error, &format!("read {} back", self.topic));
        let mut config = self.settings.consumer(DEFAULTS);
        // Without a group id librdkafka assigns nothing; this one never joins, and commits nothing.
        config.set("group.id", "revbus-reader");
        let consumer: BaseConsumer<Listening> = config.create_with_context(Listening::default()).map_err(failed)?;
        let consumer = Aside::new(consumer);
        // Also the search by time: a read-committed client finds nothing behind the last stable offset.
        let watermarks = Watermarks::connect(self.settings)?;
        let names: Vec<_> = self.partitions.iter().map(|partition| (self.topic.to_owned(), *partition)).collect();
        let logs = names.iter().map(|name| self.log(name.1, watermarks.of(name, TIMEOUT)?));
        let logs = logs.collect::<Result<Vec<_>, _>>()?;
        let Reach { starts, left_out } = match self.extent {
            Extent::Recent(recent) => {
                Reach::find(&logs, recent, Timestamp::now(), |time| watermarks.first_at(&names, time, TIMEOUT))?
            }
            Extent::Whole(_) => {
                Reach { starts: logs.iter().map(|log| log.known.max(log.low)).collect(), left_out: None }
            }
        };
        let (mut list, mut behind, mut ends) = (TopicPartitionList::new(), BTreeMap::new(), BTreeMap::new());
        for ((number, log), start) in self.partitions.iter().zip(logs).zip(starts) {
            ends.insert(*number, Position(log.high));
            if start < log.high {
                list.add_partition_offset(self.topic, *number, Offset::Offset(start)).map_err(failed)?;
                behind.insert(*number, Stretch { at: start, end: log.high });
            }
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Reading {
            consumer,
            behind,
            ends,
            topic: self.topic.to_owned(),
            begun: Instant::now(),
            read: 0,
            left_out,
            jumped: None,
        })
    }

    /// What there is of a partition, and up to where it was read before.
    fn log(&self, number: i32, (low, high): (Position, Position)) -> Result<Log, Trouble> {
        let known = match self.extent {
            Extent::Recent(recent) => recent.known,
            Extent::Whole(from) => from,
        };
        let known = known.get(&number).copied().unwrap_or(Position(0));
        let known = match self.extent {
            // It ends before that, and so is another one: nothing of it was read.
            Extent::Recent(_) if known > high => Position(0),
            Extent::Whole(_) if known > high => {
                let sentence = format!(
                    "{}/{number} ends at {}, and was read up to {} before: it was made anew or has lost its end, and is read whole",
                    self.topic, high.0, known.0
                );
                return Err(Trouble { kind: TroubleKind::Refused, sentence });
            }
            Extent::Recent(_) | Extent::Whole(_) => known,
        };
        Ok(Log { low: low.0, high: high.0, known: known.0 })
    }
}

/// What is still to be read of a partition.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    at: i64,
    end: i64,
}

/// Time ran short: partitions are read on from later records.
struct Jumped {
    /// The first of those records are as young as this.
    since: Option<Timestamp>,
    /// Partitions whose first one is still to come.
    unseen: BTreeSet<i32>,
}

impl Jumped {
    /// Of a partition that gave nothing, everything may be missing.
    fn since(self) -> Timestamp {
        self.since.filter(|_| self.unseen.is_empty()).unwrap_or_else(Timestamp::now)
    }
}

struct Reading {
    consumer: Aside<BaseConsumer<Listening>>,
    topic: String,
    behind: BTreeMap<i32, Stretch>,
    ends: BTreeMap<i32, Position>,
    begun: Instant,
    /// Offsets passed so far.
    read: i64,
    left_out: Option<Timestamp>,
    jumped: Option<Jumped>,
}

impl Reading {
    fn restored(self) -> Restored {
        match (self.jumped, self.left_out) {
            (Some(jumped), _) => Restored::Late(jumped.since()),
            (None, Some(since)) => Restored::Full(self.ends, since),
            (None, None) => Restored::Whole(self.ends),
        }
    }

    /// Takes the client's positions over; whether any of them moved.
    fn advance(&mut self) -> Result<bool, Trouble> {
        let positions = self.consumer.position();
        let positions = positions.map_err(|error| Trouble::of(&error, &format!("read {} back", self.topic)))?;
        let before = self.read;
        for one in positions.elements() {
            if let (Offset::Offset(at), Some(stretch)) = (one.offset(), self.behind.get_mut(&one.partition()))
                && at > stretch.at
            {
                self.read += at - stretch.at;
                stretch.at = at;
            }
        }
        self.behind.retain(|_, stretch| stretch.at < stretch.end);
        Ok(self.read > before)
    }

    fn note(&mut self, partition: i32, at: Option<Timestamp>) {
        if let Some(jumped) = &mut self.jumped
            && jumped.unseen.remove(&partition)
        {
            jumped.since = jumped.since.max(at);
        }
    }

    /// With a fifth of the time left: on to the newest records. With none left: since when nothing is missing, now.
    fn keep_time(&mut self, within: Duration) -> Option<Timestamp> {
        let spent = self.begun.elapsed();
        if spent >= within {
            return Some(Timestamp::now());
        }
        if self.jumped.is_none() && spent >= within * 4 / 5 {
            self.jump();
        }
        None
    }

    /// To what can be read in a quarter of the time that has passed, at half of the speed so far.
    fn jump(&mut self) {
        let reach = self.read / 8 / i64::try_from(self.behind.len()).unwrap_or(i64::MAX).max(1);
        let mut list = TopicPartitionList::new();
        for (partition, stretch) in &mut self.behind {
            stretch.at = stretch.at.max(stretch.end - reach);
            // A position is never negative, and the list takes every other.
            let _ = list.add_partition_offset(&self.topic, *partition, Offset::Offset(stretch.at));
        }
        match self.consumer.assign(&list) {
            Ok(()) => {
                self.jumped = Some(Jumped { since: None, unseen: self.behind.keys().copied().collect() });
            }
            Err(error) => tracing::warn!(%error, topic = self.topic, "the newest records were not reached"),
        }
    }
}
