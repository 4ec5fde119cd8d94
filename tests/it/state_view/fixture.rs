//! A state topic, and who writes it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use revbus::client::state::view::{StateView, Store, ViewError, ViewOptions, Watch, WatchEvent};
use revbus::kafka::config::KafkaSettings;
use revbus::state::{Author, Entity, EntityKey, TOMBSTONE_HEADER, Version, Written};
use revbus::time::Timestamp;

use crate::support::{Broker, eventually, read};

const PATIENCE: Duration = Duration::from_secs(60);

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

pub fn account<'a>(tenant: &'a str, id: &'a str) -> EntityKey<'a> {
    EntityKey { tenant, module: "customer_success", entity_type: "account", id }
}

/// The version of an account of tenant t1.
pub fn version(view: &StateView, id: &str) -> Option<u64> {
    view.get(account("t1", id)).unwrap().map(|entity| entity.written.version.0)
}

/// What a watcher sees next.
pub fn next(watch: &mut Watch) -> Option<WatchEvent> {
    block_on(async { tokio::time::timeout(PATIENCE, watch.next()).await }).unwrap()
}

/// An id, and the version that is written; none for a tombstone.
pub type Write<'a> = (&'a str, Option<u64>);

/// A state topic of its own.
pub struct Topic {
    pub name: String,
    broker: Broker,
    partitions: i32,
    config: Vec<(&'static str, &'static str)>,
    producer: BaseProducer,
}

/// A transaction that is open, and whose records the broker has.
#[must_use]
pub struct Open<'t>(&'t BaseProducer);

impl Open<'_> {
    pub fn commit(self) {
        self.0.commit_transaction(PATIENCE).unwrap();
    }
}

impl Topic {
    pub fn new(broker: &Broker, name: &str, partitions: i32, config: &[(&'static str, &'static str)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("{name}{}.revbus.state", NUMBER.fetch_add(1, Ordering::Relaxed));
        let producer: BaseProducer =
            broker.config().set("transactional.id", &name).set("partitioner", "murmur2_random").create().unwrap();
        let topic = Self { name, broker: broker.clone(), partitions, config: config.to_vec(), producer };
        topic.create();
        topic.producer.init_transactions(PATIENCE).unwrap();
        topic
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.broker.config().create().unwrap()
    }

    fn create(&self) {
        let mut new = NewTopic::new(&self.name, self.partitions, TopicReplication::Fixed(1));
        new = new.set("cleanup.policy", "compact");
        for (key, value) in &self.config {
            new = new.set(key, value);
        }
        for result in block_on(self.admin().create_topics(&[new], &AdminOptions::new())).unwrap() {
            result.unwrap();
        }
        eventually("the topic is there", PATIENCE, || {
            (read::partitions(&self.broker, std::slice::from_ref(&self.name)).len() == self.partitions as usize)
                .then_some(())
        });
    }

    /// Deletes the topic, and creates it again.
    pub fn make_anew(&mut self) {
        for result in block_on(self.admin().delete_topics(&[&self.name], &AdminOptions::new())).unwrap() {
            result.unwrap();
        }
        let gone = || read::topics(&self.broker, &self.name).is_empty();
        eventually("the topic is gone", PATIENCE, || gone().then_some(()));
        self.create();
        // A client that knows only the new one.
        self.producer = self
            .broker
            .config()
            .set("transactional.id", &self.name)
            .set("partitioner", "murmur2_random")
            .create()
            .unwrap();
        self.producer.init_transactions(PATIENCE).unwrap();
    }

    /// Writes accounts of tenant t1 in a transaction that stays open.
    pub fn begin(&self, writes: &[Write<'_>]) -> Open<'_> {
        self.producer.begin_transaction().unwrap();
        for (id, version) in writes {
            self.send(&account("t1", id).to_bytes(), version.map(value).as_deref());
        }
        self.producer.flush(PATIENCE).unwrap();
        Open(&self.producer)
    }

    pub fn write(&self, writes: &[Write<'_>]) {
        self.begin(writes).commit();
    }

    pub fn abort(&self, writes: &[Write<'_>]) {
        self.begin(writes).0.abort_transaction(PATIENCE).unwrap();
    }

    /// Writes any value of an account of tenant t1.
    pub fn write_raw(&self, id: &str, value: &[u8]) {
        self.write_record(&account("t1", id).to_bytes(), Some(value));
    }

    pub fn write_record(&self, key: &[u8], value: Option<&[u8]>) {
        self.producer.begin_transaction().unwrap();
        self.send(key, value);
        self.producer.commit_transaction(PATIENCE).unwrap();
    }

    fn send(&self, key: &[u8], value: Option<&[u8]>) {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.name).key(key);
        record.payload = value;
        if value.is_none() {
            let mut header = Vec::new();
            written(0, "evt_delete").push(&mut header);
            record.headers = Some(OwnedHeaders::new().insert(Header { key: TOMBSTONE_HEADER, value: Some(&header) }));
        }
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
    }

    pub fn settings(&self) -> KafkaSettings {
        KafkaSettings::of_brokers(&self.broker.bootstrap)
    }

    pub fn view(&self, store: Store) -> Result<StateView, ViewError> {
        StateView::open(ViewOptions { settings: self.settings(), topic: self.name.clone(), partitions: None, store })
    }

    /// A view that has read what is there.
    pub fn ready_view(&self, store: Store) -> StateView {
        let view = self.view(store).unwrap();
        block_on(view.ready(PATIENCE)).unwrap();
        view
    }

    /// Every committed record that the log still holds.
    pub fn drain(&self) -> Vec<crate::support::Record> {
        read::drain(&self.broker, std::slice::from_ref(&self.name))
    }
}

fn written(version: u64, event_id: &'static str) -> Written<'static> {
    let by = Author { module: "customer_success".into(), user: None };
    Written { version: Version(version), at: Timestamp::from_millis(0), by, event_id: event_id.into() }
}

fn value(version: u64) -> Vec<u8> {
    let mut out = Vec::new();
    Entity { written: written(version, "evt_put"), state: r#"{"health_score": 7}"#.into() }.push(&mut out);
    out
}
