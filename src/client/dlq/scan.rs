//! Reading all dead letters that there are, one after the other, up to the ends that their topic has now: what dies
//! meanwhile, such as what is sent back and fails again, is for the next time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Letter, Mark, Marks};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::{ReadRecord, Reader, Start};
use crate::kafka::span::Left;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;

/// How long one look for the next record takes.
const STEP: Duration = Duration::from_millis(50);
/// How long nothing may come before the cluster is taken to be away.
const SILENCE: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(10);

/// What a look gave.
#[derive(Debug)]
pub enum Step {
    /// A dead letter.
    Letter(Box<Letter>),
    /// Nothing for now.
    Quiet,
    /// There are no more.
    Done,
}

/// In which order dead letters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As partitions answer: the fastest.
    AsTheyCome,
    /// One partition after the other: the first so many are the same each time.
    ByPlace,
}

/// All dead letters, each of them once: what was sent back must not be sent again where the client goes back ([`Left`]).
pub struct Scan {
    reader: Reader,
    order: Order,
    /// The partitions that are not read to their ends yet.
    left: BTreeMap<i32, Left>,
    heard: Instant,
    passed: u64,
    total: u64,
}

impl Scan {
    /// Begins to read them.
    ///
    /// # Errors
    /// The cluster cannot be reached, does not let us in, or lacks the topic.
    pub fn open(
        settings: &KafkaSettings,
        catalogue: &Catalogue,
        (start, order): (Start, Order),
    ) -> Result<Self, Trouble> {
        let topic = catalogue.prefixed(ControlTopic::DeadLetters.name());
        let (reader, missing) = Reader::open(settings, &[&topic], start)?;
        if !missing.is_empty() {
            return Err(missing_topic(&topic));
        }
        let watermarks = Watermarks::connect(settings)?;
        let (mut left, mut total) = (BTreeMap::new(), 0);
        for partition in reader.partition_numbers() {
            let (low, high) = watermarks.of(&(topic.clone(), partition), CALL)?;
            if low < high {
                left.insert(partition, Left::new(low, high));
                total += high.0.abs_diff(low.0);
            }
        }
        let scan = Self { reader, order, left, heard: Instant::now(), passed: 0, total };
        scan.turn()?;
        Ok(scan)
    }

    /// Reads on where its order says.
    fn turn(&self) -> Result<(), Trouble> {
        match (self.order, self.left.keys().next()) {
            (Order::ByPlace, Some(first)) => self.reader.read_only(*first),
            (Order::AsTheyCome, _) | (_, None) => Ok(()),
        }
    }

    /// How many were read, and how many there are at most.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.passed, self.total)
    }

    /// The next one.
    ///
    /// # Errors
    /// The topic is gone, we may not read it, or the cluster is away.
    pub fn look(&mut self) -> Result<Step, Trouble> {
        if self.left.is_empty() {
            return Ok(Step::Done);
        }
        let Some(record) = self.reader.poll(STEP)? else {
            let before = self.left.len();
            self.left.retain(|partition, _| !self.reader.reached_end_of(*partition));
            if self.left.len() < before {
                self.heard = Instant::now();
                self.turn()?;
            }
            return if self.heard.elapsed() < SILENCE { Ok(Step::Quiet) } else { Err(silence("the dead letters")) };
        };
        self.heard = Instant::now();
        let partition = record.partition;
        let Some(left) = self.left.get_mut(&partition) else { return Ok(Step::Quiet) };
        let is_meant = left.take(record.offset);
        if left.ends_by(record.offset.next()) {
            self.left.remove(&partition);
            self.turn()?;
        }
        if !is_meant {
            return Ok(Step::Quiet);
        }
        self.passed += 1;
        Ok(Step::Letter(Box::new(record.into())))
    }
}

/// All marks; `None` where the topic for them is missing.
///
/// # Errors
/// The cluster cannot be reached or does not let us in, or a record there is no mark.
pub fn read_marks(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<Option<Marks>, Trouble> {
    let topic = catalogue.prefixed(ControlTopic::Replays.name());
    let (mut reader, missing) = Reader::open(settings, &[&topic], Start::Beginning)?;
    if !missing.is_empty() {
        return Ok(None);
    }
    let (mut marks, mut heard) = (Marks::default(), Instant::now());
    while !reader.caught_up() {
        if let Some(record) = reader.poll(STEP)? {
            heard = Instant::now();
            match read(&record)? {
                Some(mark) => marks.add(&mark),
                None => {
                    tracing::warn!(place = place(&record), "no mark of a replay, and no revbus wrote it: passed over")
                }
            }
        } else if heard.elapsed() >= SILENCE {
            return Err(silence(&topic));
        }
    }
    Ok(Some(marks))
}

/// Makes sure that no mark stands behind an open transaction, where nobody reads it: its letters would go twice.
///
/// # Errors
/// One may, or the cluster does not say.
pub(super) fn no_mark_is_hidden(settings: &KafkaSettings, catalogue: &Catalogue) -> Result<(), Trouble> {
    let topic = catalogue.prefixed(ControlTopic::Replays.name());
    let (all, read) = (Watermarks::connect(settings)?, Watermarks::stable(settings)?);
    let partitions: Vec<_> = (0..all.partitions(&topic, CALL)?).map(|partition| (topic.clone(), partition)).collect();
    // In this order: what is written meanwhile is not taken for hidden.
    let ends = all.ends(&partitions, CALL)?;
    let stable = read.ends(&partitions, CALL)?;
    if ends.iter().zip(&stable).all(|(end, stable)| stable >= end) {
        return Ok(());
    }
    let sentence = format!(
        "a transaction is open on {topic}, and behind it may stand what went back already: nothing is sent twice, so nothing \
         is sent. It ends by itself within its timeout, or by `kafka-transactions.sh abort`, which `find-hanging` tells how"
    );
    Err(Trouble { kind: TroubleKind::Unreachable, sentence })
}

fn read(record: &ReadRecord) -> Result<Option<Mark>, Trouble> {
    Mark::read(record.value.as_deref()).map_err(|why| {
        let sentence = format!("{} is no mark of a replay that this revbus can read: {why}", place(record));
        Trouble { kind: TroubleKind::Refused, sentence }
    })
}

fn place(record: &ReadRecord) -> String {
    format!("{}/{}@{}", record.topic, record.partition, record.offset.0)
}

/// The topic that must be there is not.
pub(super) fn missing_topic(topic: &str) -> Trouble {
    let sentence = format!(
        "the topic {topic} is not on the cluster, or not to be seen; `revbus topics apply --yes` creates what the \
         catalogue needs"
    );
    Trouble { kind: TroubleKind::TopicMissing, sentence }
}

fn silence(what: &str) -> Trouble {
    let sentence = format!("failed to read {what}, for nothing came in {} s", SILENCE.as_secs());
    Trouble { kind: TroubleKind::Unreachable, sentence }
}
