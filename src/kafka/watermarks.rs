//! The ends of a log, asked by a client that belongs to no group and consumes nothing. A read-committed client answers
//! with the last stable offset, where the oldest open transaction begins, so the true ends are asked for by one that
//! reads uncommitted.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;

use super::aside::Aside;
use super::config::KafkaSettings;
use super::consumer::TopicPartition;
use super::ffi::Sight;
use super::listening::Listening;
use super::lists::{known, list};
use super::topic_id::TopicId;
use super::trouble::{Trouble, TroubleKind};
use super::way_back::WayBack;
use super::{ffi, offsets, rights};
use crate::ids::Position;
use crate::time::Timestamp;

const WHAT: &str = "ask for the ends of logs";
/// How long any broker may take to answer, before it is asked why something cannot be done.
const ANSWER: Duration = Duration::from_secs(1);

/// Asks for the ends of logs.
pub struct Watermarks {
    client: Aside<BaseConsumer<Listening>>,
    way_back: WayBack,
}

impl Watermarks {
    /// A client for asking for true ends.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, Trouble> {
        Self::isolated(settings, "read_uncommitted")
    }

    /// A client for asking for last stable offsets: the ends that committed readers see.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn stable(settings: &KafkaSettings) -> Result<Self, Trouble> {
        Self::isolated(settings, "read_committed")
    }

    fn isolated(settings: &KafkaSettings, level: &str) -> Result<Self, Trouble> {
        let mut config = settings.consumer(&[]);
        config.set("isolation.level", level);
        let client: BaseConsumer<Listening> =
            config.create_with_context(Listening::default()).map_err(|error| Trouble::of(&error, WHAT))?;
        Ok(Self { client: Aside::new(client), way_back: WayBack::default() })
    }

    /// The id of the cluster, where it tells one in time.
    pub fn cluster_id(&self, timeout: Duration) -> Option<String> {
        self.client.client().fetch_cluster_id(timeout).filter(|id| !id.is_empty())
    }

    /// The starts of logs and the positions behind their last records, in the order of the partitions, asked for all at
    /// once; none of those of which that is not told, for whatever reason.
    pub fn of_many(&self, partitions: &[TopicPartition], timeout: Duration) -> Vec<Option<(Position, Position)>> {
        let told = |at| {
            let mut wanted = list(partitions);
            let found = wanted.set_all_offsets(at).and_then(|()| self.client.offsets_for_times(wanted, timeout));
            found.map_or_else(|_| HashMap::new(), |found| known(&found).into_iter().collect())
        };
        let starts = told(Offset::Beginning);
        // Who tells nothing of where logs begin is not waited for once more.
        let ends = if starts.is_empty() { HashMap::new() } else { told(Offset::End) };
        partitions.iter().map(|one| starts.get(one).copied().zip(ends.get(one).copied())).collect()
    }

    /// The log's start, and the position behind its last record.
    ///
    /// # Errors
    /// No answer.
    pub fn of(&self, partition: &TopicPartition, timeout: Duration) -> Result<(Position, Position), Trouble> {
        let (topic, number) = partition;
        let (low, high) = self
            .client
            .fetch_watermarks(topic, *number, timeout)
            .map_err(|error| self.failed(&error, &format!("ask for the ends of {topic} [{number}]")))?;
        Ok((Position(low), Position(high)))
    }

    /// As [`of`](Self::of); of a topic that was just created it asks again until brokers agree who leads it.
    ///
    /// # Errors
    /// No answer.
    pub fn of_new(&self, partition: &TopicPartition, timeout: Duration) -> Result<(Position, Position), Trouble> {
        let (topic, number) = partition;
        let (low, high) = offsets::settled(&self.client, || self.client.fetch_watermarks(topic, *number, timeout))
            .map_err(|error| self.failed(&error, &format!("ask for the ends of {topic} [{number}]")))?;
        Ok((Position(low), Position(high)))
    }

    /// How many partitions a topic has; none where it is not there.
    ///
    /// # Errors
    /// No answer.
    pub fn partitions(&self, topic: &str, timeout: Duration) -> Result<i32, Trouble> {
        let metadata = self
            .client
            .fetch_metadata(Some(topic), timeout)
            .map_err(|error| self.failed(&error, &format!("look at {topic}")))?;
        let found = metadata.topics().iter().find(|one| one.name() == topic && one.error().is_none());
        Ok(found.map_or(0, |found| i32::try_from(found.partitions().len()).unwrap_or(i32::MAX)))
    }

    /// The ids of those of these topics that are there, as far as the broker knows ids.
    ///
    /// # Errors
    /// No answer.
    pub fn topic_ids(&self, topics: &[&str], timeout: Duration) -> Result<Vec<(String, TopicId)>, Trouble> {
        let what = "ask for the ids of topics";
        let Some(first) = topics.first() else { return Ok(Vec::new()) };
        let begun = Instant::now();
        let broker = self.answering(first, timeout).map_err(|error| self.failed(&error, what))?;
        let left = timeout.saturating_sub(begun.elapsed());
        let found = ffi::describe_topics(self.client.client(), broker, topics, false, left)
            .map_err(|code| self.failed(&KafkaError::Global(code), what))?;
        let id = |(name, sight)| match sight {
            Sight::There { id, .. } => Some((name, TopicId::new(&id)?)),
            Sight::Hidden | Sight::Missing => None,
        };
        Ok(found.into_iter().filter_map(id).collect())
    }

    /// A broker that answers, by its number. It is asked for one topic, and not for those that the client knows: a consumer's
    /// question creates none.
    fn answering(&self, topic: &str, timeout: Duration) -> Result<Option<i32>, KafkaError> {
        let broker = self.client.fetch_metadata(Some(topic), timeout)?.orig_broker_id();
        // One that the client knows by its address only has none; then the client has just been told of the controller.
        Ok((broker >= 0).then_some(broker))
    }

    /// Why some of these topics cannot be written, by the broker's word.
    #[must_use]
    pub fn unwritable(&self, topics: &BTreeSet<String>) -> Option<Trouble> {
        rights::unwritable(self.client.client(), self.answering(topics.first()?, ANSWER).ok()?, topics)
    }

    /// Why some of these topics cannot be read, as far as it is that they are not there.
    #[must_use]
    pub fn missing(&self, topics: &BTreeSet<String>) -> Option<Trouble> {
        rights::missing(self.client.client(), self.answering(topics.first()?, ANSWER).ok()?, topics)
    }

    /// The positions at which these logs begin, in the order of the partitions.
    ///
    /// # Errors
    /// No answer.
    pub fn starts(&self, partitions: &[TopicPartition], timeout: Duration) -> Result<Vec<Position>, Trouble> {
        self.look_up(partitions, Offset::Beginning, timeout)?
            .into_iter()
            .map(|found| found.ok_or_else(silent))
            .collect()
    }

    /// The positions behind the last records of these logs, in the order of the partitions.
    ///
    /// # Errors
    /// No answer.
    pub fn ends(&self, partitions: &[TopicPartition], timeout: Duration) -> Result<Vec<Position>, Trouble> {
        self.look_up(partitions, Offset::End, timeout)?.into_iter().map(|found| found.ok_or_else(silent)).collect()
    }

    /// The positions of the first records of this time or later, where there is one; in the order of the partitions.
    ///
    /// # Errors
    /// No answer.
    pub fn first_at(
        &self,
        partitions: &[TopicPartition],
        time: Timestamp,
        timeout: Duration,
    ) -> Result<Vec<Option<Position>>, Trouble> {
        self.look_up(partitions, Offset::Offset(time.millis().max(0)), timeout)
    }

    fn look_up(
        &self,
        partitions: &[TopicPartition],
        at: Offset,
        timeout: Duration,
    ) -> Result<Vec<Option<Position>>, Trouble> {
        let failed = |error: KafkaError| self.failed(&error, WHAT);
        let mut wanted = list(partitions);
        wanted.set_all_offsets(at).map_err(failed)?;
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let found = offsets::look_up(&self.client, &wanted, timeout).map_err(failed)?;
        let found: HashMap<_, _> = known(&found).into_iter().collect();
        Ok(partitions.iter().map(|partition| found.get(partition).copied()).collect())
    }

    /// Who is asked again and again, and never answers, may be given its brokers' addresses once more.
    /// With what the client has said meanwhile, which a timeout alone never says. Of what kind it is, the error says: what was
    /// said may be of long ago.
    fn failed(&self, error: &KafkaError, what: &str) -> Trouble {
        while self.client.poll(Duration::ZERO).is_some() {}
        let Trouble { sentence, .. } = self.client.context().0.explain(error, what);
        let trouble = Trouble { kind: Trouble::of(error, what).kind, sentence };
        if trouble.kind == TroubleKind::Unreachable {
            self.way_back.miss();
            self.way_back.show(self.client.client());
        }
        trouble
    }
}

fn silent() -> Trouble {
    Trouble { kind: TroubleKind::Refused, sentence: format!("failed to {WHAT}: the broker names no offset") }
}
