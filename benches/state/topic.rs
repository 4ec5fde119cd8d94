//! The topic, and what reading it costs without a view.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use revbus::state::{Author, Entity, EntityKey, Version, Written};
use revbus::time::Timestamp;

const PARTITIONS: i32 = 6;
/// Of a value.
const BYTES: usize = 500;

fn config(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}

/// The id of an entity: scattered, as real ones are.
pub fn id(number: u64) -> String {
    format!("acc_{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

pub fn key(id: &str) -> EntityKey<'_> {
    EntityKey { tenant: "tenant_001", module: "customer_success", entity_type: "account", id }
}

fn value(number: u64, out: &mut Vec<u8>) {
    let by = Author { module: "customer_success".into(), user: None };
    let event_id = format!("evt_{number:036}").into();
    let written = Written { version: Version(number + 1), at: Timestamp::from_millis(1_700_000_000_000), by, event_id };
    let beginning = format!("{{\"health_score\":{},\"risk_level\":\"low\",\"note\":\"", number % 100);
    let mut entity = Entity { written, state: format!("{beginning}\"}}").into() };
    entity.push(out);
    let note = "x".repeat(BYTES.saturating_sub(out.len()));
    entity.state = format!("{beginning}{note}\"}}").into();
    out.clear();
    entity.push(out);
}

/// Creates the topic, and writes each entity once.
pub fn fill(brokers: &str, topic: &str, entities: u64) {
    let admin: AdminClient<DefaultClientContext> = config(brokers).create().unwrap();
    let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1)).set("cleanup.policy", "compact");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(admin.create_topics(&[new], &AdminOptions::new())).unwrap();
    let producer: BaseProducer = config(brokers)
        .set("enable.idempotence", "true")
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "20")
        .set("delivery.report.only.error", "true")
        .create()
        .unwrap();
    let mut out = Vec::new();
    for number in 0..entities {
        out.clear();
        value(number, &mut out);
        let key = key(&id(number)).to_bytes();
        let mut record = BaseRecord::to(topic).key(&key).payload(&out);
        while let Err((_, back)) = producer.send(record) {
            record = back;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    producer.flush(Duration::from_secs(60)).unwrap();
}

/// How many records in a second the client gives to somebody who drops them.
pub fn consume(brokers: &str, topic: &str, entities: u64) -> u64 {
    let consumer: BaseConsumer = config(brokers)
        .set("group.id", "bench")
        .set("isolation.level", "read_committed")
        .set("fetch.queue.backoff.ms", "5")
        .set("queued.max.messages.kbytes", "16384")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    let begun = Instant::now();
    consumer.assign(&list).unwrap();
    let (mut seen, mut bytes) = (0, 0);
    while seen < entities {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            bytes += message.unwrap().payload_len();
            seen += 1;
        }
    }
    assert!(bytes as u64 >= entities * BYTES as u64);
    (entities as f64 / begun.elapsed().as_secs_f64()) as u64
}
