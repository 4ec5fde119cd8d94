//! A producer without transactions, for verbs and modules: idempotent, and every record's delivery is heard of.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::config::KafkaSettings;
use super::headers::{self, RawHeader};
use super::trouble::{Remembering, Trouble};
use super::{metadata, rights};

/// Defaults under the user's settings: a verb does not wait for minutes, and how large a record may be is for its
/// topic to say.
const DEFAULTS: &[(&str, &str)] = &[
    ("message.timeout.ms", "30000"),
    ("topic.metadata.propagation.max.ms", "5000"),
    ("message.max.bytes", "100000000"),
    ("batch.size", BATCH_BYTES),
    ("linger.ms", "5"),
];

/// How many bytes a batch has at most, unless one record has more. A broker holds a whole batch against `max.message.bytes`
/// of its topic, which is 65,536 more than the largest event (`topics apply`).
pub(super) const BATCH_BYTES: &str = "60000";

/// How long a full queue is waited for at most, in steps of [`STEP`].
const QUEUE_STEPS: u32 = 600;
/// How long a broker may take to answer for the first time.
const CONNECT: Duration = Duration::from_secs(10);
/// How many records that were not delivered are kept with their reasons; more are counted.
pub const MAX_KEPT: usize = 100;
const STEP: Duration = Duration::from_millis(100);

/// A record to send.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outgoing<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its key, which chooses the partition.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` makes a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers, in this order.
    pub headers: &'a [RawHeader<'a>],
}

/// A record that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// What [`PlainProducer::send`] was given to know it by.
    pub tag: usize,
    /// Why.
    pub trouble: Trouble,
}

/// What became of the records sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// How many are on the brokers.
    pub delivered: u64,
    /// How many are not.
    pub failed: u64,
    /// The first [`MAX_KEPT`] of those.
    pub undelivered: Vec<Undelivered>,
}

/// An idempotent producer that hears of each delivery. Calls block; delivery goes on between them.
pub struct PlainProducer {
    producer: BaseProducer<Reports>,
}

impl PlainProducer {
    /// Makes one, and waits until a broker has answered.
    ///
    /// # Errors
    /// None answered in time, or they do not let us in.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, Trouble> {
        let what = format!("connect to Kafka at {}", settings.brokers());
        let producer: BaseProducer<Reports> = settings
            .producer(DEFAULTS)
            .create_with_context(Reports::default())
            .map_err(|error| Trouble::of(&error, &what))?;
        let serve = || producer.poll(Duration::from_millis(20));
        let explain = |error: &KafkaError| producer.context().remembering.explain(error, &what);
        metadata::fetch(producer.client(), CONNECT, serve, explain)?;
        Ok(Self { producer })
    }

    /// Puts a record into the queue; waits while that is full.
    ///
    /// # Errors
    /// The record can never be sent, or nothing leaves the queue.
    pub fn send(&self, tag: usize, outgoing: &Outgoing<'_>) -> Result<(), Trouble> {
        self.producer.context().remembering.show_way_back(self.producer.client());
        let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(outgoing.topic, tag);
        (record.key, record.payload) = (outgoing.key, outgoing.value);
        if !outgoing.headers.is_empty() {
            record.headers = Some(headers::build(outgoing.headers));
        }
        for _ in 0..QUEUE_STEPS {
            self.producer.poll(Duration::ZERO);
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => record = back,
                Err((error, _)) => return Err(self.explain(&error, outgoing.topic)),
            }
            self.producer.poll(STEP);
        }
        Err(self.explain(&KafkaError::MessageProduction(RDKafkaErrorCode::OperationTimedOut), outgoing.topic))
    }

    /// Waits until every record is delivered or has failed, and says which; what is left in the queue by then has
    /// failed too.
    #[must_use]
    pub fn finish(&self, timeout: Duration) -> Deliveries {
        if self.producer.flush(timeout).is_err() {
            self.producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
            // Purged records are reported like failed ones.
            _ = self.producer.flush(STEP);
        }
        let reports = self.producer.context();
        let undelivered = mem::take(&mut *reports.undelivered.lock().unwrap_or_else(PoisonError::into_inner));
        let explain = |(tag, error, topic): (usize, KafkaError, String)| Undelivered {
            tag,
            trouble: self.explain(&error, &topic),
        };
        let mut undelivered: Vec<_> = undelivered.into_iter().map(explain).collect();
        undelivered.sort_by_key(|undelivered| undelivered.tag);
        Deliveries {
            delivered: reports.delivered.swap(0, Ordering::Relaxed),
            failed: reports.failed.swap(0, Ordering::Relaxed),
            undelivered,
        }
    }

    fn explain(&self, error: &KafkaError, topic: &str) -> Trouble {
        rights::unwritten((self.producer.client(), &self.producer.context().remembering), error, topic)
    }
}

#[derive(Default)]
struct Reports {
    remembering: Remembering,
    delivered: AtomicU64,
    failed: AtomicU64,
    /// What they were known by, why, and their topics.
    undelivered: Mutex<Vec<(usize, KafkaError, String)>>,
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.remembering.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.remembering.error(error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: usize) {
        use rdkafka::Message as _;
        match result {
            Ok(_) => _ = self.delivered.fetch_add(1, Ordering::Relaxed),
            Err((error, message)) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                let mut kept = self.undelivered.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() < MAX_KEPT {
                    kept.push((tag, error.clone(), message.topic().to_owned()));
                }
            }
        }
    }
}
