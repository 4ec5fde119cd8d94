//! Reading back what a predecessor wrote: one mechanism for everything that is restored when partitions are assigned.
//!
//! The caller has asked for the group's committed positions before, which waits until the predecessor's transaction
//! has ended. How far to read is asked with a client that reads uncommitted: a read-committed one answers with the last
//! stable offset and would miss the predecessor's last transaction, whose markers may still be on their way
//! (KAFKA-10167). The end of a partition as the client reports it is that offset too, so what counts is the position.

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
/// How many records are folded between two looks at the positions.
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
    /// But at most this many offsets before the end of each partition.
    pub most: u64,
    /// And at least this many, however old.
    pub least: u64,
    /// How long it may take. When time runs short, it goes on with the newest records that it still can read.
    pub within: Duration,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// All that was asked for is folded, up to these positions.
    Whole(BTreeMap<i32, Position>),
    /// There was no time for what is older than this.
    Since(Timestamp),
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
            if let Extent::Recent(recent) = self.extent
                && let Some(since) = reading.keep_time(recent.within)
            {
                return Ok(Some(Restored::Since(since)));
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
            if reading.advance()? {
                moved = Instant::now();
            } else if moved.elapsed() > STALLED {
                let sentence = format!("reading {} back has made no progress for a minute", self.topic);
                return Err(Trouble { kind: TroubleKind::Unreachable, sentence });
            }
        }
        Ok(Some(reading.missing.map_or(Restored::Whole(reading.ends), Missing::since)))
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
        let (found, most, least) = match self.extent {
            Extent::Recent(recent) => (watermarks.first_at(&names, recent.since, TIMEOUT)?, recent.most, recent.least),
            Extent::Whole(from) => {
                let from = |partition| Some(from.get(partition).copied().unwrap_or(Position(0)));
                (self.partitions.iter().map(from).collect(), u64::MAX, 0)
            }
        };
        let offsets = |count| i64::try_from(count).unwrap_or(i64::MAX);
        let (most, least) = (offsets(most), offsets(least.min(most)));
        let (mut list, mut behind, mut missing) = (TopicPartitionList::new(), BTreeMap::new(), None);
        let mut ends = BTreeMap::new();
        for (name, since) in names.iter().zip(found) {
            let (low, high) = watermarks.of(name, TIMEOUT)?;
            ends.insert(name.1, high);
            if let (Extent::Whole(_), Some(from)) = (self.extent, since)
                && from > high
            {
                let sentence = format!(
                    "{}/{} ends at {}, and was read up to {} before: it was made anew or has lost its end, and is read whole",
                    self.topic, name.1, high.0, from.0
                );
                return Err(Trouble { kind: TroubleKind::Refused, sentence });
            }
            // Where no record is as young as that, there is nothing more to read.
            let newest = Position(high.0.saturating_sub(least).max(low.0));
            let since = since.map_or(newest, |since| since.min(newest)).max(self.known(name.1, high));
            let start = since.0.max(high.0.saturating_sub(most)).max(low.0);
            if start < high.0 {
                list.add_partition_offset(self.topic, name.1, Offset::Offset(start)).map_err(failed)?;
                behind.insert(name.1, Stretch { at: start, end: high.0 });
            }
            if start > since.0 && matches!(self.extent, Extent::Recent(_)) {
                missing.get_or_insert_with(Missing::default).unseen.insert(name.1);
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
            jumped: false,
            missing,
        })
    }

    /// Up to where a partition was read before; nowhere, where its log ends before that, and so is another one.
    fn known(&self, partition: i32, high: Position) -> Position {
        let known = match self.extent {
            Extent::Recent(recent) => recent.known.get(&partition).copied(),
            Extent::Whole(_) => None,
        };
        known.filter(|known| *known <= high).unwrap_or(Position(0))
    }
}

/// What is still to be read of a partition.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    at: i64,
    end: i64,
}

/// Some partitions are read from a later record than was asked for.
#[derive(Default)]
struct Missing {
    /// The first records that are read are as young as this.
    since: Option<Timestamp>,
    /// Partitions whose first record is still to come.
    unseen: BTreeSet<i32>,
}

impl Missing {
    fn since(self) -> Restored {
        // Of a partition that gave nothing, everything may be missing.
        let since = self.since.filter(|_| self.unseen.is_empty());
        Restored::Since(since.unwrap_or_else(Timestamp::now))
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
    jumped: bool,
    missing: Option<Missing>,
}

impl Reading {
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
        if let Some(missing) = &mut self.missing
            && missing.unseen.remove(&partition)
        {
            missing.since = missing.since.max(at);
        }
    }

    /// With a fifth of the time left: on to the newest records. With none left: since when nothing is missing, now.
    fn keep_time(&mut self, within: Duration) -> Option<Timestamp> {
        let spent = self.begun.elapsed();
        if spent >= within {
            return Some(Timestamp::now());
        }
        if !self.jumped && spent >= within * 4 / 5 {
            self.jump();
        }
        None
    }

    /// To what can be read in a quarter of the time that has passed, at half of the speed so far.
    fn jump(&mut self) {
        self.jumped = true;
        let reach = self.read / 8 / i64::try_from(self.behind.len()).unwrap_or(i64::MAX).max(1);
        let mut list = TopicPartitionList::new();
        for (partition, stretch) in &mut self.behind {
            stretch.at = stretch.at.max(stretch.end - reach);
            // A position is never negative, and the list takes every other.
            let _ = list.add_partition_offset(&self.topic, *partition, Offset::Offset(stretch.at));
        }
        match self.consumer.assign(&list) {
            Ok(()) => {
                self.missing.get_or_insert_with(Missing::default).unseen.extend(self.behind.keys());
            }
            Err(error) => tracing::warn!(%error, topic = self.topic, "the newest records were not reached"),
        }
    }
}
