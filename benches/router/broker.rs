//! What the benchmark itself wants from the broker: topics, facts, positions.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::runtime::{Builder, Runtime};

use crate::facts::{self, PARTITIONS};

const CALL: Duration = Duration::from_secs(20);

/// The broker.
pub struct Broker {
    pub address: String,
    pub pid: u32,
    admin: AdminClient<DefaultClientContext>,
    runtime: Runtime,
}

impl Broker {
    pub fn connect(address: &str, pid: u32) -> Self {
        let admin = config(address).create().unwrap();
        Self { address: address.to_owned(), pid, admin, runtime: Builder::new_current_thread().build().unwrap() }
    }

    pub fn config(&self) -> ClientConfig {
        config(&self.address)
    }

    /// Deletes topics; those that are not there are no matter.
    pub fn delete(&self, topics: &[String]) {
        let names: Vec<_> = topics.iter().map(String::as_str).collect();
        let results = self.runtime.block_on(self.admin.delete_topics(&names, &AdminOptions::new())).unwrap();
        for result in results {
            assert!(
                matches!(result, Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition))),
                "a topic is not deleted: {result:?}"
            );
        }
    }

    pub fn create(&self, topic: &str) {
        let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", "1179648");
        let results = self.runtime.block_on(self.admin.create_topics([&new], &AdminOptions::new())).unwrap();
        assert!(results.iter().all(Result::is_ok), "{topic} is not created: {results:?}");
    }

    /// Writes facts of these sequence numbers.
    pub fn preload(&self, topic: &str, facts: usize) {
        let mut config = self.config();
        config.set("enable.idempotence", "true").set("partitioner", "murmur2_random").set("linger.ms", "20");
        config.set("delivery.report.only.error", "true").set("queue.buffering.max.kbytes", "65536");
        let producer: BaseProducer = config.create().unwrap();
        for sequence in 0..facts {
            let (key, value) = (facts::key(sequence), facts::value(sequence));
            let mut record = BaseRecord::to(topic).key(&key).payload(&value);
            while let Err((error, back)) = producer.send(record) {
                assert_eq!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
                record = back;
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        producer.flush(CALL).unwrap();
    }

    /// The positions of a group in a topic.
    pub fn positions(&self, group: &str, topic: &str) -> Positions {
        // Uncommitted: an open transaction must not hold the answer back.
        let client = self.config().set("group.id", group).set("isolation.level", "read_uncommitted").create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, PARTITIONS - 1);
        Positions { client, list }
    }

    /// Calls `see` with each committed record of a topic.
    pub fn drain(&self, topic: &str, mut see: impl FnMut(&[u8])) {
        let reader = self.reader(topic, Offset::Beginning);
        let ends: Vec<_> = (0..PARTITIONS).map(|p| reader.fetch_watermarks(topic, p, CALL).unwrap().1).collect();
        loop {
            if let Some(message) = reader.poll(Duration::from_millis(20)) {
                see(rdkafka::Message::payload(&message.unwrap()).unwrap());
                continue;
            }
            let positions = reader.position().unwrap();
            let at_end = |(partition, &end): (i32, &i64)| {
                let position = positions.find_partition(topic, partition).map(|at| at.offset());
                end == 0 || matches!(position, Some(Offset::Offset(at)) if at >= end)
            };
            if (0..).zip(&ends).all(at_end) {
                return;
            }
        }
    }

    /// A read-committed reader of a topic.
    pub fn reader(&self, topic: &str, from: Offset) -> BaseConsumer {
        let mut config = self.config();
        config.set("group.id", "bench").set("isolation.level", "read_committed").set("enable.auto.commit", "false");
        config.set("fetch.queue.backoff.ms", "5").set("auto.offset.reset", "error").set("fetch.wait.max.ms", "100");
        let reader: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition_offset(topic, partition, from).unwrap();
        }
        reader.assign(&list).unwrap();
        reader
    }
}

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address);
    config
}

/// The positions of a group.
pub struct Positions {
    client: BaseConsumer,
    list: TopicPartitionList,
}

impl Positions {
    /// How many records are committed. (The facts' topic has no markers, so positions count records.)
    pub fn committed(&self) -> usize {
        // The group is not there before its first member is.
        let Ok(list) = self.client.committed_offsets(self.list.clone(), CALL) else { return 0 };
        let offset = |offset| if let Offset::Offset(at) = offset { usize::try_from(at).unwrap() } else { 0 };
        list.elements().iter().map(|one| offset(one.offset())).sum()
    }
}
