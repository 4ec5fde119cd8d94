//! Read-committed readers: one that drains topics to their end, one that follows them in the background.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use revbus::kafka::ffi::remind_of_brokers;

use super::cluster::Broker;
use super::native;
use super::record::Record;

const CALL: Duration = Duration::from_secs(20);
/// After how long a silence a follower is told again where its brokers are.
const SILENCE: Duration = Duration::from_secs(15);

/// Every committed record of these topics. The end is the high watermark that a read-uncommitted client sees, so
/// records of a transaction that is still open are waited for; panics when that takes longer than a minute.
pub fn drain(broker: &Broker, topics: &[String]) -> Vec<Record> {
    let uncommitted = consumer(broker, "read_uncommitted");
    let mut ends = BTreeMap::new();
    for (topic, partition) in partitions_of(&uncommitted, topics) {
        let (low, high) = uncommitted.fetch_watermarks(&topic, partition, CALL).unwrap();
        if low < high {
            ends.insert((topic, partition), high);
        }
    }
    let reader = consumer(broker, "read_committed");
    assign(&reader, ends.keys());
    let (mut records, start) = (Vec::new(), Instant::now());
    loop {
        if let Some(message) = reader.poll(Duration::from_millis(20)) {
            records.push(record(&message.unwrap()));
            continue;
        }
        // Positions pass over markers and aborted records; a count of records would not.
        let positions = reader.position().unwrap();
        let behind = ends.iter().find(|((topic, partition), end)| {
            let position = positions.find_partition(topic, *partition).map(|at| at.offset());
            !matches!(position, Some(Offset::Offset(at)) if at >= **end)
        });
        let Some(behind) = behind else { return records };
        assert!(start.elapsed() < Duration::from_secs(60), "a transaction is hanging: {behind:?} not reached");
    }
}

/// Follows topics from their start in a thread of its own, and keeps when each record became visible.
pub struct Follower {
    seen: Arc<Mutex<Vec<(Instant, Record)>>>,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub fn of(broker: &Broker, topics: &[String]) -> Self {
        let reader = consumer(broker, "read_committed");
        let partitions = partitions_of(&reader, topics);
        assign(&reader, partitions.iter());
        let (seen, done) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, stop) = (Arc::clone(&seen), Arc::clone(&done));
        let thread = std::thread::spawn(move || {
            let mut heard = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                // Errors are a broker that is away: librdkafka comes back by itself, or with some help (see the product's
                // `way_back.rs`).
                if let Some(Ok(message)) = reader.poll(Duration::from_millis(20)) {
                    heard = Instant::now();
                    kept.lock().unwrap().push((heard, record(&message)));
                } else if heard.elapsed() > SILENCE {
                    heard = Instant::now();
                    remind_of_brokers(reader.client());
                }
            }
        });
        Self { seen, done, thread: Some(thread) }
    }

    /// What became visible so far, and when.
    pub fn seen(&self) -> MutexGuard<'_, Vec<(Instant, Record)>> {
        self.seen.lock().unwrap()
    }

    pub fn count(&self) -> usize {
        self.seen().len()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

/// All topics of the broker whose names start with `prefix`.
pub fn topics(broker: &Broker, prefix: &str) -> Vec<String> {
    let metadata = consumer(broker, "read_uncommitted").fetch_metadata(None, CALL).unwrap();
    metadata.topics().iter().map(|topic| topic.name().to_owned()).filter(|name| name.starts_with(prefix)).collect()
}

/// The partitions of these topics.
pub fn partitions(broker: &Broker, topics: &[String]) -> Vec<(String, i32)> {
    partitions_of(&consumer(broker, "read_uncommitted"), topics)
}

/// How many members a consumer group has, and whether it is stable.
pub fn members(broker: &Broker, group: &str) -> Option<usize> {
    let groups = consumer(broker, "read_uncommitted").fetch_group_list(Some(group), CALL).ok()?;
    let group = groups.groups().iter().find(|found| found.name() == group)?;
    (group.state() == "Stable").then(|| group.members().len())
}

fn consumer(broker: &Broker, isolation: &str) -> BaseConsumer {
    broker
        .config()
        .set("group.id", "tests")
        .set("enable.auto.commit", "false")
        .set("isolation.level", isolation)
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "50")
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.message.max.bytes", "20000000")
        .set("reconnect.backoff.max.ms", "500")
        .create()
        .unwrap()
}

fn partitions_of(client: &BaseConsumer, topics: &[String]) -> Vec<(String, i32)> {
    let metadata = client.fetch_metadata(None, CALL).unwrap();
    let wanted = metadata.topics().iter().filter(|topic| topics.iter().any(|name| name == topic.name()));
    wanted
        .flat_map(|topic| topic.partitions().iter().map(|partition| (topic.name().to_owned(), partition.id())))
        .collect()
}

fn assign<'a>(reader: &BaseConsumer, partitions: impl Iterator<Item = &'a (String, i32)>) {
    let mut list = TopicPartitionList::new();
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, Offset::Beginning).unwrap();
    }
    reader.assign(&list).unwrap();
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    Record {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: native::headers(message),
    }
}
