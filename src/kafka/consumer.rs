//! A consumer in a group, whose rebalances are values: the callback only queues what the group says, and the caller
//! carries it out between two polls, as librdkafka waits for it to do.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext as _, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};

use super::config::KafkaSettings;
use super::message::Message;
use super::trouble::Trouble;
use crate::ids::Position;

/// What a router's consumer adds to the user's settings; joining and taking over in seconds, memory bounded.
const DEFAULTS: &[(&str, &str)] = &[
    ("session.timeout.ms", "10000"),
    ("heartbeat.interval.ms", "500"),
    ("max.poll.interval.ms", "60000"),
    ("fetch.queue.backoff.ms", "5"),
    ("queued.max.messages.kbytes", "4096"),
    ("fetch.wait.max.ms", "100"),
    ("reconnect.backoff.max.ms", "1000"),
    ("topic.metadata.refresh.interval.ms", "30000"),
    ("statistics.interval.ms", "5000"),
];

/// A topic and a partition of it.
pub type TopicPartition = (String, i32);

/// What the group says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// These are ours from now on.
    Assigned(Vec<TopicPartition>),
    /// These are to be given back.
    Revoked(Vec<TopicPartition>),
    /// These are gone.
    Lost(Vec<TopicPartition>),
}

/// What a poll gave.
#[derive(Debug)]
pub enum Polled<'c> {
    /// A record.
    Record(Message<'c>),
    /// The group wants something carried out.
    Group(GroupEvent),
    /// Nothing within the time.
    Quiet,
    /// The position of some partition is outside its log.
    Displaced,
    /// The client met a problem, and goes on by itself.
    Problem(KafkaError),
}

/// A group's metadata, as it was when a batch began.
pub type BatchMetadata = ConsumerGroupMetadata;

/// How far a partition's reader is behind its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset behind the last record that may be read.
    pub end: i64,
    /// The reader's position, where it has read anything.
    pub position: Option<i64>,
}

/// What the client reports every few seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of every partition that it knows.
    pub lags: Vec<Lag>,
    /// Whether it is connected to any broker.
    pub connected: bool,
}

/// A consumer in a group.
pub struct GroupConsumer {
    inner: BaseConsumer<Group>,
}

/// What the callbacks leave for the loop.
#[derive(Default)]
struct Group {
    events: Mutex<VecDeque<GroupEvent>>,
    report: Mutex<Option<Report>>,
    closing: AtomicBool,
}

impl ClientContext for Group {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::logs::forward(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // The poll gives it too, without the reason.
        tracing::debug!(target: "librdkafka", %error, reason, "the consumer met a problem");
    }

    fn stats(&self, statistics: Statistics) {
        // Numbers below zero are the addresses that were given, and the logical connection to the coordinator.
        let connected = statistics.brokers.values().any(|broker| broker.nodeid >= 0 && broker.state == "UP");
        let partitions = statistics.topics.into_iter().flat_map(|(topic, stats)| {
            let lag = move |(partition, stats): (i32, rdkafka::statistics::Partition)| Lag {
                topic: topic.clone(),
                partition,
                end: stats.ls_offset.max(0),
                position: (stats.app_offset >= 0).then_some(stats.app_offset),
            };
            stats.partitions.into_iter().filter(|(number, _)| *number >= 0).map(lag).collect::<Vec<_>>()
        });
        *lock(&self.report) = Some(Report { lags: partitions.collect(), connected });
    }
}

impl ConsumerContext for Group {
    /// Queues the value and neither assigns nor unassigns: the batch that is open must end first.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        let assigns = error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Acquire) {
            // The loop is gone: whoever does not answer here makes closing hang.
            if !assigns && let Err(error) = consumer.incremental_unassign(partitions) {
                tracing::debug!(%error, "partitions were not given back while closing");
            }
            return;
        }
        let list = partitions.elements().iter().map(|one| (one.topic().to_owned(), one.partition())).collect();
        lock(&self.events).push_back(match (assigns, consumer.assignment_lost()) {
            (true, _) => GroupEvent::Assigned(list),
            (false, false) => GroupEvent::Revoked(list),
            (false, true) => GroupEvent::Lost(list),
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GroupConsumer {
    /// A consumer of these topics; it joins the group with its first poll.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn join(settings: &KafkaSettings, group: &str, topics: &[&str]) -> Result<Self, Trouble> {
        let mut config = settings.consumer(DEFAULTS);
        config.set("group.id", group);
        let what = format!("join the group {group}");
        let inner = BaseConsumer::from_config_and_context(&config, Group::default())
            .map_err(|error| Trouble::of(&error, &what))?;
        inner.subscribe(topics).map_err(|error| Trouble::of(&error, &what))?;
        Ok(Self { inner })
    }

    /// The next record or event.
    pub fn poll(&self, timeout: Duration) -> Polled<'_> {
        match self.inner.poll(timeout) {
            Some(Ok(message)) => Polled::Record(Message(message)),
            None => self.group_event().map_or(Polled::Quiet, Polled::Group),
            Some(Err(error)) => match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => Polled::Displaced,
                _ => self.group_event().map_or(Polled::Problem(error), Polled::Group),
            },
        }
    }

    fn group_event(&self) -> Option<GroupEvent> {
        lock(&self.inner.context().events).pop_front()
    }

    /// The last report, once.
    pub fn take_report(&self) -> Option<Report> {
        lock(&self.inner.context().report).take()
    }

    /// The group's metadata for the positions of a batch that begins now; `None` where the assignment is lost, so that
    /// nothing is committed under a membership that does not own it.
    #[must_use]
    pub fn batch_metadata(&self) -> Option<BatchMetadata> {
        // In this order: losing the assignment is known before a new membership is.
        let metadata = self.inner.group_metadata()?;
        (!self.inner.assignment_lost()).then_some(metadata)
    }

    /// Adds partitions at explicit places.
    ///
    /// # Errors
    /// The client's.
    pub fn assign(&self, partitions: &[(TopicPartition, Position)]) -> Result<(), KafkaError> {
        self.inner.incremental_assign(&position_list(partitions)?)
    }

    /// Gives partitions back.
    ///
    /// # Errors
    /// The client's.
    pub fn unassign(&self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        self.inner.incremental_unassign(&list(partitions))
    }

    /// Moves assigned partitions; gives back those that could not be moved.
    ///
    /// # Errors
    /// The call as a whole.
    pub fn seek(
        &self,
        to: &[(TopicPartition, Position)],
        timeout: Duration,
    ) -> Result<Vec<TopicPartition>, KafkaError> {
        let done = self.inner.seek_partitions(position_list(to)?, timeout)?;
        let failed = done.elements().into_iter().filter(|one| one.error().is_err());
        Ok(failed.map(|one| (one.topic().to_owned(), one.partition())).collect())
    }

    /// Stops fetching from partitions that stay assigned.
    ///
    /// # Errors
    /// The client's.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        self.inner.pause(&list(partitions))
    }

    /// The positions of assigned partitions that have been read from.
    ///
    /// # Errors
    /// The client's.
    pub fn positions(&self) -> Result<Vec<(TopicPartition, Position)>, KafkaError> {
        Ok(known(&self.inner.position()?))
    }

    /// The group's committed positions of these partitions; waits for a predecessor's transaction.
    ///
    /// # Errors
    /// The client's, above all a timeout.
    pub fn committed(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, Position)>, Trouble> {
        let failed = |error| Trouble::of(&error, "ask for the group's committed positions");
        let list = self.inner.committed_offsets(list(partitions), timeout).map_err(failed)?;
        for one in list.elements() {
            one.error().map_err(failed)?;
        }
        Ok(known(&list))
    }

    /// Commits positions by themselves, without a transaction.
    ///
    /// # Errors
    /// The client's.
    pub fn commit(&self, positions: &[(TopicPartition, Position)]) -> Result<(), KafkaError> {
        self.inner.commit(&position_list(positions)?, rdkafka::consumer::CommitMode::Sync)
    }

    /// Leaves the group: partitions are given back as the group asks for them. Whoever drops the consumer afterwards
    /// should do so with a deadline: the client's closing can hang.
    pub fn leave(&self, timeout: Duration) {
        self.inner.context().closing.store(true, Ordering::Release);
        while let Some(event) = self.group_event() {
            if let GroupEvent::Revoked(partitions) | GroupEvent::Lost(partitions) = event {
                // Closing goes on without it.
                let _ = self.unassign(&partitions);
            }
        }
        self.inner.unsubscribe();
        let rounds = timeout.as_millis() / 10;
        for _ in 0..rounds {
            let _ = self.inner.poll(Duration::from_millis(10));
            if self.inner.assignment().is_ok_and(|assignment| assignment.count() == 0) {
                return;
            }
        }
    }
}

fn list(partitions: &[TopicPartition]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition(topic, *partition);
    }
    list
}

/// Positions as the client's list.
pub(super) fn position_list(partitions: &[(TopicPartition, Position)]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for ((topic, partition), position) in partitions {
        list.add_partition_offset(topic, *partition, Offset::Offset(position.0))?;
    }
    Ok(list)
}

fn known(list: &TopicPartitionList) -> Vec<(TopicPartition, Position)> {
    list.elements()
        .iter()
        .filter_map(|one| match one.offset() {
            Offset::Offset(offset) => Some(((one.topic().to_owned(), one.partition()), Position(offset))),
            Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => None,
        })
        .collect()
}
