//! Reading all dead letters that there are, one after the other, up to the ends that their topic has now: what dies
//! meanwhile, such as what is sent back and fails again, is for the next time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Letter;
use crate::catalogue::{Catalogue, ControlTopic};
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::{Reader, Start};
use crate::kafka::span::Left;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;

/// How long one look for the next record takes.
pub(super) const STEP: Duration = Duration::from_millis(50);
/// How long nothing may come before the cluster is taken to be away.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
pub(super) const CALL: Duration = Duration::from_secs(10);

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

/// The topic that must be there is not.
pub(super) fn missing_topic(topic: &str) -> Trouble {
    let sentence = format!(
        "the topic {topic} is not on the cluster, or not to be seen; `revbus topics apply --yes` creates what the \
         catalogue needs"
    );
    Trouble { kind: TroubleKind::TopicMissing, sentence }
}

pub(super) fn silence(what: &str) -> Trouble {
    let sentence = format!("failed to read {what}, for nothing came in {} s", SILENCE.as_secs());
    Trouble { kind: TroubleKind::Unreachable, sentence }
}
