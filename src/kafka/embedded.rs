//! An embedded broker: librdkafka's mock cluster. It speaks Kafka's protocol on a port of its own, so that any client
//! can read it, and keeps everything in memory, at most 5 MB a partition.
//!
//! It is for trying things out. It creates no topic on request and tells no topic's configuration, it shows the records
//! of aborted transactions, and of positions that are committed in transactions it keeps nothing: it proves nothing
//! about exactly-once.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::config::{KafkaSettings, SettingErrors, Sources};
use super::trouble::Trouble;

/// A fetch that finds nothing is answered after this time and never earlier, whatever is written meanwhile.
const FETCH_WAIT: &str = "fetch.wait.max.ms=5";

/// How often the broker is woken while its topics are created.
const POKE: Duration = Duration::from_millis(5);

/// A broker in this process. It is gone when it is dropped, with all that it holds.
pub struct EmbeddedBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl EmbeddedBroker {
    /// Starts a broker with these topics, each of one partition.
    ///
    /// # Errors
    /// No port, or no memory.
    pub fn start<'a>(topics: impl IntoIterator<Item = &'a str>) -> Result<Self, Trouble> {
        let cluster = MockCluster::new(1).map_err(|error| Trouble::of(&error, "start the embedded broker"))?;
        let broker = Self { cluster };
        let created = AtomicBool::new(false);
        thread::scope(|scope| {
            let (address, created) = (broker.address(), &created);
            scope.spawn(move || keep_awake(&address, created));
            let result = topics.into_iter().try_for_each(|topic| broker.create(topic));
            created.store(true, Ordering::Release);
            result
        })?;
        Ok(broker)
    }

    fn create(&self, topic: &str) -> Result<(), Trouble> {
        let what = format!("create topic {topic} on the embedded broker");
        self.cluster.create_topic(topic, 1, 1).map_err(|error| Trouble::of(&error, &what))
    }

    /// Where it can be reached: HOST:PORT.
    #[must_use]
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }

    /// Settings for clients of it.
    ///
    /// # Errors
    /// None that is to be expected.
    pub fn settings(&self) -> Result<KafkaSettings, SettingErrors> {
        let (brokers, set) = (self.address(), [FETCH_WAIT.to_owned()]);
        KafkaSettings::from_sources(&Sources { brokers: Some(&brokers), set: &set, ..Sources::default() })
    }
}

/// The broker's thread can miss that it is asked for a topic, and then sleeps for a second before it looks again; a new
/// connection always wakes it.
fn keep_awake(address: &str, enough: &AtomicBool) {
    while !enough.load(Ordering::Acquire) {
        // Whether it is accepted does not matter.
        _ = TcpStream::connect(address);
        thread::sleep(POKE);
    }
}
