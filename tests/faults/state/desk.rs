//! Asking a router for updates over the wire: a producer, and the replies by assignment, as a client of any language
//! would do it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

use super::update::Update;
use crate::support::{Bus, read};

/// After how long the same update is sent again.
const AGAIN: Duration = Duration::from_secs(2);
/// After how long nobody waits any more.
const LATEST: Duration = Duration::from_secs(60);

/// The answers that have come, by the update.
#[derive(Default)]
struct Answers {
    /// `None`: somebody waits.
    come: Mutex<HashMap<String, Option<Value>>>,
    one: Condvar,
}

/// Where any number of clients ask.
pub struct Desk<'b> {
    bus: &'b Bus,
    producer: ThreadedProducer<DefaultProducerContext>,
    answers: Arc<Answers>,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<'b> Desk<'b> {
    pub fn of(bus: &'b Bus) -> Self {
        let producer = bus
            .broker
            .config()
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("linger.ms", "0")
            .create()
            .unwrap();
        let topic = bus.topic("revbus.replies");
        let reader: BaseConsumer = bus
            .broker
            .config()
            .set("group.id", "nobody")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "50")
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        for (topic, partition) in read::partitions(&bus.broker, &[topic]) {
            list.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
        }
        reader.assign(&list).unwrap();
        let (answers, done) = (Arc::new(Answers::default()), Arc::new(AtomicBool::new(false)));
        let (told, stop) = (Arc::clone(&answers), Arc::clone(&done));
        let thread = std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if let Some(Ok(message)) = reader.poll(Duration::from_millis(20)) {
                    told.take(message.payload().unwrap());
                }
            }
        });
        Self { bus, producer, answers, done, thread: Some(thread) }
    }

    /// Asks, and asks again under the same id while no answer comes. `None`: none came at all.
    pub fn ask(&self, update: &Update) -> Option<Value> {
        let record = update.outgoing(self.bus);
        let begun = Instant::now();
        self.answers.come.lock().unwrap().insert(update.event_id.clone(), None);
        while begun.elapsed() < LATEST {
            let record = BaseRecord::to(&record.topic)
                .key(&record.key.as_ref().unwrap()[..])
                .payload(record.value.as_ref().unwrap());
            self.producer.send(record).map_err(|(error, _)| error).unwrap();
            if let Some(answer) = self.answers.wait(&update.event_id) {
                return Some(answer);
            }
        }
        None
    }
}

impl Answers {
    fn take(&self, reply: &[u8]) {
        let reply: Value = serde_json::from_slice(reply).unwrap();
        let update = reply["payload"]["metadata"]["causation_id"].as_str().unwrap();
        if let Some(slot) = self.come.lock().unwrap().get_mut(update) {
            slot.get_or_insert_with(|| reply["payload"]["data"].clone());
            self.one.notify_all();
        }
    }

    /// The answer, if it comes before the update is to be sent again; the first one counts.
    fn wait(&self, update: &str) -> Option<Value> {
        let waits = |come: &mut HashMap<String, Option<Value>>| come[update].is_none();
        let (mut come, _) = self.one.wait_timeout_while(self.come.lock().unwrap(), AGAIN, waits).unwrap();
        let answer = come[update].clone()?;
        come.remove(update);
        Some(answer)
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}
