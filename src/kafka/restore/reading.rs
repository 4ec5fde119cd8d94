//! A client that reads stretches of a topic's partitions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use crate::kafka::aside::Aside;
use crate::kafka::assigning::assign_instead;
use crate::kafka::config::KafkaSettings;
use crate::kafka::listening::Listening;
use crate::kafka::message::Message;
use crate::kafka::trouble::{Trouble, TroubleKind};

const DEFAULTS: &[(&str, &str)] = &[
    ("queued.max.messages.kbytes", "4096"),
    ("fetch.queue.backoff.ms", "5"),
    ("fetch.wait.max.ms", "10"),
    ("auto.offset.reset", "error"),
];
/// How long nothing may come before that is an error.
const STALLED: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);
/// How many records are folded between two looks at the positions and the time.
const LOOK_EVERY: usize = 1000;

/// What is still to be read of a partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) at: i64,
    pub(super) end: i64,
}

/// The client.
pub(super) struct Reading<'s> {
    topic: &'s str,
    consumer: Aside<BaseConsumer<Listening>>,
}

impl<'s> Reading<'s> {
    pub(super) fn connect(settings: &KafkaSettings, topic: &'s str) -> Result<Self, Trouble> {
        let failed = |error: KafkaError| Trouble::of(&error, &format!("read {topic} back"));
        let mut config = settings.consumer(DEFAULTS);
        // Without a group id librdkafka assigns nothing; this one never joins, and commits nothing.
        config.set("group.id", "revbus-reader");
        let consumer: BaseConsumer<Listening> = config.create_with_context(Listening::default()).map_err(failed)?;
        Ok(Self { topic, consumer: Aside::new(consumer) })
    }

    /// Folds what is committed of these stretches; whether it came to their ends, before `go_on` said no and before this
    /// time.
    pub(super) fn read(
        &self,
        stretches: impl IntoIterator<Item = (i32, Stretch)>,
        until: Option<Instant>,
        go_on: impl Fn() -> bool,
        mut fold: impl FnMut(&Message<'_>),
    ) -> Result<bool, Trouble> {
        let mut behind: BTreeMap<_, _> =
            stretches.into_iter().filter(|(_, stretch)| stretch.at < stretch.end).collect();
        let mut list = TopicPartitionList::new();
        for (number, stretch) in &behind {
            let at = Offset::Offset(stretch.at);
            list.add_partition_offset(self.topic, *number, at).map_err(|error| self.failed(&error))?;
        }
        assign_instead(&self.consumer, &list).map_err(|error| self.failed(&error))?;
        let (mut folded, mut moved) = (0_usize, Instant::now());
        while !behind.is_empty() {
            if !go_on() {
                return Ok(false);
            }
            match self.consumer.poll(STEP) {
                Some(Ok(message)) => {
                    let message = Message(message);
                    // Behind its stretch a partition goes on until that is seen.
                    if behind.get(&message.partition()).is_some_and(|stretch| message.offset() < stretch.end) {
                        fold(&message);
                    }
                    folded += 1;
                    if folded % LOOK_EVERY != 0 {
                        continue;
                    }
                }
                Some(Err(error)) => self.consumer.context().heard(&error, &format!("read {} back", self.topic))?,
                None => {}
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(false);
            }
            if self.advance(&mut behind)? {
                moved = Instant::now();
            } else if moved.elapsed() > STALLED {
                let sentence = format!("reading {} back has made no progress for a minute", self.topic);
                return Err(Trouble { kind: TroubleKind::Unreachable, sentence });
            }
        }
        Ok(true)
    }

    /// Takes the client's positions over; whether any of them moved.
    fn advance(&self, behind: &mut BTreeMap<i32, Stretch>) -> Result<bool, Trouble> {
        let positions = self.consumer.position().map_err(|error| self.failed(&error))?;
        let (mut moved, mut over) = (false, TopicPartitionList::new());
        for one in positions.elements() {
            if let (Offset::Offset(at), Some(stretch)) = (one.offset(), behind.get_mut(&one.partition()))
                && at > stretch.at
            {
                (moved, stretch.at) = (true, at);
                if at >= stretch.end {
                    behind.remove(&one.partition());
                    over.add_partition(self.topic, one.partition());
                }
            }
        }
        if over.count() > 0 && !behind.is_empty() {
            // What stands behind was read before. A partition that is paused stays so when it is assigned again.
            self.consumer.incremental_unassign(&over).map_err(|error| self.failed(&error))?;
        }
        Ok(moved)
    }

    fn failed(&self, error: &KafkaError) -> Trouble {
        Trouble::of(error, &format!("read {} back", self.topic))
    }
}
