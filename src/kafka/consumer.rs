//! A consumer in a group, whose rebalances are values: the callback only queues what the group says, and the caller
//! carries it out between two polls, as librdkafka waits for it to do.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::Message as _;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;

use super::config::KafkaSettings;
use super::fail::{Point, client_fails};
use super::ffi;
use super::group::Group;
pub use super::group::{Denied, GroupEvent, Lag, Report};
use super::lists::{known, list, mark_list, position_list};
use super::message::Message;
use super::note::Note;
use super::trouble::Trouble;
use crate::ids::Position;

/// What a router's consumer adds to the user's settings; joining and taking over in seconds, memory bounded.
const DEFAULTS: &[(&str, &str)] = &[
    ("session.timeout.ms", "8000"),
    ("heartbeat.interval.ms", "500"),
    ("max.poll.interval.ms", "60000"),
    ("socket.timeout.ms", "10000"),
    ("fetch.queue.backoff.ms", "5"),
    ("queued.max.messages.kbytes", "2048"),
    ("fetch.wait.max.ms", "100"),
    ("reconnect.backoff.max.ms", "1000"),
    ("topic.metadata.refresh.interval.ms", "30000"),
    ("statistics.interval.ms", "5000"),
];

/// A topic and a partition of it.
pub type TopicPartition = (String, i32);

/// A position as a group keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Of which partition.
    pub partition: TopicPartition,
    /// The position.
    pub position: Position,
    /// What is said beside it.
    pub note: Note,
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
    /// We may not any more.
    Denied(Denied),
    /// The client met a problem, and goes on by itself.
    Problem(KafkaError),
}

/// A group's metadata, from when a batch began.
pub type BatchMetadata = Arc<ConsumerGroupMetadata>;

/// How long giving partitions back may take.
pub const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);

/// A consumer in a group; it leaves the group when it is dropped, also by a panic: one that nobody polls any more
/// would wait for ever while it closes.
pub struct GroupConsumer {
    inner: BaseConsumer<Group>,
}

impl Drop for GroupConsumer {
    fn drop(&mut self) {
        self.leave(LEAVE_TIMEOUT);
    }
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

    /// Reads these topics from now on, and no others. The group gives and takes partitions then, by its protocol.
    ///
    /// # Errors
    /// The client's.
    pub fn subscribe(&self, topics: &[&str]) -> Result<(), Trouble> {
        self.inner.subscribe(topics).map_err(|error| Trouble::of(&error, "subscribe to the catalogue's topics"))
    }

    /// The next record or event.
    pub fn poll(&self, timeout: Duration) -> Polled<'_> {
        match self.inner.poll(timeout) {
            Some(Ok(message)) => {
                self.fail_where_planned(&message);
                Polled::Record(Message(message))
            }
            None => {
                self.inner.context().heard.show_way_back(self.inner.client());
                self.group_event().map_or(Polled::Quiet, Polled::Group)
            }
            Some(Err(error)) => match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => Polled::Displaced,
                Some(RDKafkaErrorCode::TopicAuthorizationFailed) => Polled::Denied(Denied::Topic),
                Some(RDKafkaErrorCode::UnknownTopicOrPartition) => Polled::Denied(Denied::Missing),
                Some(RDKafkaErrorCode::GroupAuthorizationFailed) => Polled::Denied(Denied::Group),
                _ => self.group_event().map_or(Polled::Problem(error), Polled::Group),
            },
        }
    }

    fn fail_where_planned(&self, message: &BorrowedMessage<'_>) {
        let partition = || (message.topic().to_owned(), message.partition());
        if client_fails(Point::GivesAgain) {
            let _ = self.seek(&[(partition(), Position(message.offset()))], LEAVE_TIMEOUT);
        }
        if client_fails(Point::StopsReading) {
            let _ = self.unassign(&[partition()]);
        }
    }

    fn group_event(&self) -> Option<GroupEvent> {
        self.inner.context().next_event()
    }

    /// The last report, once. What the client holds of partitions that are not ours is let go.
    pub fn take_report(&self) -> Option<Report> {
        let report = self.inner.context().take_report()?;
        self.let_go(&report.held);
        Some(report)
    }

    /// What was asked for before a partition was given back, and is answered afterwards, the client puts where nobody
    /// reads (`rd_kafka_fetch_reply_handle_partition` compares it with the last fetch, and not with the end of fetching),
    /// and it stays there until the partition comes back: a megabyte of each, and more where it was compressed.
    fn let_go(&self, held: &[TopicPartition]) {
        let Ok(taken) = self.inner.assignment() else { return };
        for (topic, partition) in held.iter().filter(|one| taken.find_partition(&one.0, one.1).is_none()) {
            if let Some((topic, partition, offset)) = ffi::discard_outdated(self.inner.client(), topic, *partition) {
                tracing::error!(topic, partition, offset, "a record was taken that is to be routed: it is read again");
                let _ = self.seek(&[((topic, partition), Position(offset))], LEAVE_TIMEOUT);
            }
        }
    }

    /// The group's metadata for the positions of a batch that begins now; `None` where the assignment is lost, so that
    /// nothing is committed under a membership that does not own it.
    #[must_use]
    pub fn batch_metadata(&self) -> Option<BatchMetadata> {
        // In this order: losing the assignment is known before a new membership is.
        let metadata = self.inner.group_metadata()?;
        (!self.inner.assignment_lost()).then(|| Arc::new(metadata))
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
        self.inner.context().forget_held();
        give_back(&self.inner, partitions)
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
        if !partitions.is_empty() && client_fails(Point::DropsPause) {
            Ok(())
        } else {
            self.inner.pause(&list(partitions))
        }
    }

    /// Fetches again from partitions that were paused.
    ///
    /// # Errors
    /// The client's.
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<(), KafkaError> {
        if !partitions.is_empty() && client_fails(Point::DropsResume) {
            Ok(())
        } else {
            self.inner.resume(&list(partitions))
        }
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
    pub fn committed(&self, partitions: &[TopicPartition], timeout: Duration) -> Result<Vec<Mark>, Trouble> {
        let failed = |error| Trouble::of(&error, "ask for the group's committed positions");
        let list = self.inner.committed_offsets(list(partitions), timeout).map_err(failed)?;
        for one in list.elements() {
            one.error().map_err(failed)?;
        }
        let of = |(partition, position): (TopicPartition, _)| {
            let text = list.find_partition(&partition.0, partition.1);
            let note = text.map(|text| Note::read(text.metadata())).unwrap_or_default();
            Mark { partition, position, note }
        };
        Ok(known(&list).into_iter().map(of).collect())
    }

    /// Commits positions by themselves, without a transaction.
    ///
    /// # Errors
    /// The client's.
    pub fn commit(&self, positions: &[Mark]) -> Result<(), KafkaError> {
        self.inner.commit(&mark_list(positions)?, rdkafka::consumer::CommitMode::Sync)
    }

    /// Leaves the group: partitions are given back as the group asks for them.
    fn leave(&self, timeout: Duration) {
        self.inner.context().close();
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

/// Gives back those of these partitions that the client has taken: one that it has not spoils the whole list. An empty
/// list is an answer too, and the group waits for one.
pub(super) fn give_back<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &[TopicPartition],
) -> Result<(), KafkaError> {
    let taken = consumer.assignment()?;
    let is_taken = |one: &&TopicPartition| taken.find_partition(&one.0, one.1).is_some();
    let ours: Vec<_> = partitions.iter().filter(is_taken).cloned().collect();
    consumer.incremental_unassign(&list(&ours))
}
