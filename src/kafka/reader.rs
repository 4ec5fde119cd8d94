//! A reader without a group: it is assigned every partition of some topics, reads what is committed, and leaves no
//! trace on the cluster.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, Offset, TopicPartitionList};

use super::config::KafkaSettings;
use super::consumer::TopicPartition;
use super::listening::Listening;
use super::trouble::Trouble;
use super::{headers, metadata, offsets};
use crate::ids::RecordOffset;
use crate::time::Timestamp;

/// What a reader adds to the user's settings.
pub(super) const DEFAULTS: &[(&str, &str)] =
    &[("queued.max.messages.kbytes", "16384"), ("fetch.queue.backoff.ms", "5")];
/// How long a call to the cluster may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the oldest record that is still there.
    Beginning,
    /// With the next record that is written.
    End,
    /// With the first record of this time or later.
    At(Timestamp),
}

/// A record as it stands on Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRecord {
    /// Its topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: RecordOffset,
    /// Its own timestamp.
    pub timestamp: Option<Timestamp>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its headers, in their order.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Its value; `None` for a tombstone.
    pub value: Option<Vec<u8>>,
}

impl ReadRecord {
    /// The value of the last header of this name, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().rev().find(|(header, _)| header == name.as_bytes())?;
        Some(String::from_utf8_lossy(found.1.as_deref()?).into_owned())
    }
}

/// Reads topics without a group.
pub struct Reader {
    consumer: BaseConsumer<Listening>,
    // For each partition number: how many topics have it, and how often the end of one of them was reached. The crate
    // does not say which.
    ends: HashMap<i32, (usize, usize)>,
    /// What it does, for errors.
    what: String,
}

impl Reader {
    /// Starts to read all partitions of those topics that are there; gives the names of those that are not.
    ///
    /// # Errors
    /// The cluster cannot be reached, or does not let us in.
    pub fn open(settings: &KafkaSettings, topics: &[&str], start: Start) -> Result<(Self, Vec<String>), Trouble> {
        let what = format!("read {} from Kafka at {}", named(topics), settings.brokers());
        let mut reader = Self::connect(settings, what)?;
        let (list, missing) = reader.partitions(topics)?;
        let list = reader.positions(list, start).map_err(|error| reader.explain(&error))?;
        reader.consumer.assign(&list).map_err(|error| reader.explain(&error))?;
        Ok((reader, missing))
    }

    /// Starts to read one partition at one offset; `None` where the topic, or the partition, is not there.
    ///
    /// # Errors
    /// The cluster cannot be reached, or does not let us in.
    pub fn open_at(
        settings: &KafkaSettings,
        (topic, partition): (&str, i32),
        offset: RecordOffset,
    ) -> Result<Option<Self>, Trouble> {
        let what = format!("read {topic} from Kafka at {}", settings.brokers());
        let mut reader = Self::connect(settings, what)?;
        reader.partitions(&[topic])?;
        if !reader.ends.contains_key(&partition) {
            return Ok(None);
        }
        reader.ends.retain(|number, _| *number == partition);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(offset.0))
            .and_then(|()| reader.consumer.assign(&list))
            .map_err(|error| reader.explain(&error))?;
        Ok(Some(reader))
    }

    /// Starts to read one partition of a topic behind its last record; `choose` is told how many partitions there are.
    /// Gives the partition too; `None` where the topic is not there.
    ///
    /// # Errors
    /// The cluster cannot be reached, or does not let us in.
    pub fn open_end(
        settings: &KafkaSettings,
        topic: &str,
        choose: impl FnOnce(i32) -> i32,
    ) -> Result<Option<(Self, i32)>, Trouble> {
        let what = format!("read {topic} from Kafka at {}", settings.brokers());
        let mut reader = Self::connect(settings, what)?;
        reader.partitions(&[topic])?;
        if reader.ends.is_empty() {
            return Ok(None);
        }
        let partition = choose(i32::try_from(reader.ends.len()).unwrap_or(i32::MAX));
        reader.ends.retain(|number, _| *number == partition);
        let mut list = TopicPartitionList::new();
        list.add_partition(topic, partition);
        let list = reader.positions(list, Start::End).map_err(|error| reader.explain(&error))?;
        reader.consumer.assign(&list).map_err(|error| reader.explain(&error))?;
        Ok(Some((reader, partition)))
    }

    fn connect(settings: &KafkaSettings, what: String) -> Result<Self, Trouble> {
        let mut config = settings.consumer(DEFAULTS);
        // Without a group id librdkafka assigns nothing; this one never joins, and commits nothing.
        config.set("group.id", "revbus-reader").set("enable.partition.eof", "true");
        // Retention may overtake a slow reader: it goes on with the oldest record that is still there.
        config.set("auto.offset.reset", "earliest");
        let consumer: BaseConsumer<Listening> =
            config.create_with_context(Listening::default()).map_err(|error| Trouble::of(&error, &what))?;
        Ok(Self { consumer, ends: HashMap::new(), what })
    }

    /// The next record; `None` where none came in time.
    ///
    /// # Errors
    /// A topic is gone, or we may not read it. A broker that is away is waited for.
    pub fn poll(&mut self, timeout: Duration) -> Result<Option<ReadRecord>, Trouble> {
        let error = match self.consumer.poll(timeout) {
            None => {
                self.consumer.context().0.show_way_back(self.consumer.client());
                return Ok(None);
            }
            Some(Ok(message)) => return Ok(Some(record(&message))),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.ends.entry(partition).or_default().1 += 1;
                return Ok(None);
            }
            Some(Err(error)) => error,
        };
        self.consumer.context().heard(&error, &self.what).map(|()| None)
    }

    /// Whether the end of every partition was reached once.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.caught_up_but_for(&BTreeSet::new())
    }

    /// The same, but for partitions of which enough was read.
    #[must_use]
    pub fn caught_up_but_for(&self, enough: &BTreeSet<TopicPartition>) -> bool {
        self.ends.iter().all(|(number, (topics, ends))| {
            let had = enough.iter().filter(|(_, partition)| partition == number).count();
            ends + had >= *topics
        })
    }

    /// The numbers of the partitions that are read.
    pub fn partition_numbers(&self) -> impl Iterator<Item = i32> {
        self.ends.keys().copied()
    }

    /// Whether the end of this partition was reached once, in every topic that has it.
    #[must_use]
    pub fn reached_end_of(&self, partition: i32) -> bool {
        self.ends.get(&partition).is_none_or(|(topics, ends)| ends >= topics)
    }

    /// Reads on in this partition, and in no other.
    ///
    /// # Errors
    /// The client's.
    pub fn read_only(&self, partition: i32) -> Result<(), Trouble> {
        let turn = || -> Result<(), KafkaError> {
            let all = self.consumer.assignment()?;
            self.consumer.pause(&all)?;
            let mut one = TopicPartitionList::new();
            for element in all.elements().into_iter().filter(|element| element.partition() == partition) {
                one.add_partition(element.topic(), partition);
            }
            self.consumer.resume(&one)
        };
        turn().map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &KafkaError) -> Trouble {
        self.consumer.context().0.explain(error, &self.what)
    }

    fn partitions(&mut self, topics: &[&str]) -> Result<(TopicPartitionList, Vec<String>), Trouble> {
        // A consumer serves its errors by polling; nothing is assigned yet, so no record can come.
        let serve = || _ = self.consumer.poll(Duration::from_millis(20)).is_some();
        let metadata = metadata::fetch(self.consumer.client(), TIMEOUT, serve, |error| self.explain(error))?;
        let (mut list, mut missing) = (TopicPartitionList::new(), Vec::new());
        for name in topics {
            let there = metadata.topics().iter().find(|topic| topic.name() == *name && topic.error().is_none());
            let Some(topic) = there else {
                missing.push((*name).to_owned());
                continue;
            };
            for partition in topic.partitions() {
                list.add_partition(name, partition.id());
                self.ends.entry(partition.id()).or_default().0 += 1;
            }
        }
        Ok((list, missing))
    }

    /// Asks where in each partition the start lies. The end is asked for too, not left to the first fetch: what is
    /// written in between would be missed.
    fn positions(&self, mut list: TopicPartitionList, start: Start) -> Result<TopicPartitionList, KafkaError> {
        let wanted = match start {
            Start::Beginning => Offset::Beginning,
            Start::End => Offset::End,
            Start::At(time) => Offset::Offset(time.millis().max(0)),
        };
        list.set_all_offsets(wanted)?;
        if start == Start::Beginning || list.count() == 0 {
            return Ok(list);
        }
        let mut found = offsets::look_up(&self.consumer, &list, TIMEOUT)?;
        let beyond = at_end(&found);
        if beyond.is_empty() {
            return Ok(found);
        }
        let mut ends = TopicPartitionList::new();
        for (topic, partition) in &beyond {
            ends.add_partition_offset(topic, *partition, Offset::End)?;
        }
        for end in offsets::look_up(&self.consumer, &ends, TIMEOUT)?.elements() {
            found.set_partition_offset(end.topic(), end.partition(), end.offset())?;
        }
        Ok(found)
    }
}

/// Topics in a sentence: few by their names, others by their number.
fn named(topics: &[&str]) -> String {
    match topics {
        [] | [_] | [_, _] | [_, _, _] => topics.join(", "),
        many => format!("{} topics", many.len()),
    }
}

/// The partitions whose offset is only known as the end.
fn at_end(list: &TopicPartitionList) -> Vec<(String, i32)> {
    let elements = list.elements().into_iter().filter(|element| element.offset() == Offset::End);
    elements.map(|element| (element.topic().to_owned(), element.partition())).collect()
}

pub(super) fn record(message: &rdkafka::message::BorrowedMessage<'_>) -> ReadRecord {
    let own = |bytes: &[u8]| bytes.to_vec();
    let headers = headers::headers(message).into_iter().map(|(name, value)| (own(name), value.map(own)));
    ReadRecord {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: RecordOffset(message.offset()),
        timestamp: message.timestamp().to_millis().map(Timestamp::from_millis),
        key: message.key().map(own),
        headers: headers.collect(),
        value: message.payload().map(own),
    }
}
