//! A transactional producer for verbs: what is sent between two commits is visible together or not at all. Whatever
//! fails ends the verb, and the broker takes the open transaction back: to go on is to run it again.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::config::KafkaSettings;
use super::deliveries::Deliveries;
use super::error::{Class, classify, is_fenced};
use super::flush::{Telling, Undelivered, flush, request_bytes};
use super::headers::{self, RawHeader};
use super::trouble::{Remembering, Trouble, TroubleKind};
use super::{metadata, rights};
use crate::kernel::worker::{Failure, TRANSACTION_TIMEOUT};

const DEFAULTS: &[(&str, &str)] = &[
    ("linger.ms", "5"),
    ("retry.backoff.ms", "20"),
    ("queue.buffering.max.kbytes", "32768"),
    ("delivery.report.only.error", "true"),
    // How large a record may be is for its topic to say.
    ("message.max.bytes", "100000000"),
];

/// How long a broker may take to answer for the first time, and to end what an earlier process left open.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a commit may take; below the transaction's own timeout.
const COMMIT: Duration = Duration::from_secs(8);
const ABORT: Duration = Duration::from_secs(3);
/// How long a full queue is waited for, in steps.
const QUEUE_STEPS: u32 = 800;
const QUEUE_STEP: Duration = Duration::from_millis(10);

/// Why nothing more can be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// Another process has begun to work under the same transactional id.
    #[error("another process has taken over the transactional id {0}")]
    Fenced(String),
    /// Anything else.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A record to send.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its partition; chosen by the key where absent.
    pub partition: Option<i32>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` makes a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers, in this order.
    pub headers: &'a [RawHeader<'a>],
}

/// The producer. Dropping it leaves an open transaction to the broker, which takes it back.
pub struct Transactions {
    producer: BaseProducer<Deliveries<Remembering>>,
    id: String,
    /// All topics that it has written to.
    topics: RefCell<BTreeSet<String>>,
}

impl Transactions {
    /// Connects, and has the broker end whatever an earlier process of this id left open; that one is fenced.
    /// `least` is the smallest `max.message.bytes` of the topics written: no batch of records may be larger.
    ///
    /// # Errors
    /// No broker answers in time, or they do not let us in.
    pub fn connect(settings: &KafkaSettings, id: &str, least: usize) -> Result<Self, TransactionError> {
        let what = format!("begin work as the transactional id {id}");
        let timeout = TRANSACTION_TIMEOUT.as_millis().to_string();
        let mut config = settings.producer(DEFAULTS);
        config.set("transactional.id", id);
        config.set("transaction.timeout.ms", &timeout).set("message.timeout.ms", &timeout);
        config.set("batch.size", request_bytes(least).to_string());
        let producer: BaseProducer<Deliveries<Remembering>> =
            config.create_with_context(Deliveries::default()).map_err(|error| Trouble::of(&error, &what))?;
        let explain = |error: &KafkaError| producer.context().client.explain(error, &what);
        let serve = || producer.poll(Duration::from_millis(20));
        metadata::fetch(producer.client(), CONNECT, serve, explain)?;
        producer.init_transactions(CONNECT).map_err(|error| explain(&error))?;
        Ok(Self { producer, id: id.to_owned(), topics: RefCell::default() })
    }

    /// Opens a transaction.
    ///
    /// # Errors
    /// The producer is of no use any more.
    pub fn begin(&self) -> Result<(), TransactionError> {
        self.call("begin a transaction", COMMIT, || self.producer.begin_transaction())
    }

    /// Puts a record into the queue; waits while that is full.
    ///
    /// # Errors
    /// The record can never be sent, nothing leaves the queue, or the producer is of no use any more. The transaction
    /// is taken back.
    pub fn send(&self, outgoing: &Outgoing<'_>) -> Result<(), TransactionError> {
        self.queue(outgoing).inspect_err(|_| _ = self.abort())
    }

    fn queue(&self, outgoing: &Outgoing<'_>) -> Result<(), TransactionError> {
        if !self.topics.borrow().contains(outgoing.topic) {
            self.topics.borrow_mut().insert(outgoing.topic.to_owned());
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(outgoing.topic);
        (record.partition, record.key, record.payload) = (outgoing.partition, outgoing.key, outgoing.value);
        if !outgoing.headers.is_empty() {
            record.headers = Some(headers::build(outgoing.headers));
        }
        let what = format!("write to {}", outgoing.topic);
        for _ in 0..QUEUE_STEPS {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => record = back,
                Err((error, _)) => return Err(self.failed(&error, &what)),
            }
            self.producer.poll(QUEUE_STEP);
        }
        Err(self.failed(&KafkaError::MessageProduction(RDKafkaErrorCode::OperationTimedOut), &what))
    }

    /// Delivers everything and commits it.
    ///
    /// # Errors
    /// Something was not delivered or not committed; nothing of the transaction is visible then. Only where the broker
    /// did not answer in time it may have committed all the same.
    pub fn commit(&self) -> Result<(), TransactionError> {
        let flushed = self.flush(Instant::now() + COMMIT);
        let committed = flushed.and_then(|()| self.call("commit", COMMIT, || self.producer.commit_transaction(COMMIT)));
        committed.map_err(|error| match self.abort() {
            // Who commits in the moment in which it is fenced may be told of an unknown error first.
            Err(fenced @ TransactionError::Fenced(_)) => fenced,
            Ok(()) | Err(_) => error,
        })
    }

    /// Takes the open transaction back, as far as that can be done; the broker does what is left.
    fn abort(&self) -> Result<(), TransactionError> {
        let aborted = self.call("abort", ABORT, || self.producer.abort_transaction(Duration::from_millis(100)));
        aborted.inspect_err(|error| tracing::debug!(%error, "the transaction is left to the broker"))
    }

    fn flush(&self, deadline: Instant) -> Result<(), TransactionError> {
        flush(&self.producer, Telling::Throughout, deadline).map_err(|why| match why {
            Undelivered::Record(code, topic) => {
                self.failed(&KafkaError::MessageProduction(code), &format!("write to {topic}"))
            }
            Undelivered::Producer(code, _) => self.failed(&KafkaError::MessageProduction(code), "write"),
            Undelivered::Late => self.failed(&KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut), "write"),
        })
    }

    /// The same call again while it says that it may be made again, within the time.
    fn call(
        &self,
        what: &str,
        timeout: Duration,
        call: impl Fn() -> Result<(), KafkaError>,
    ) -> Result<(), TransactionError> {
        let deadline = Instant::now() + timeout;
        loop {
            let Err(error) = call() else { return Ok(()) };
            self.producer.poll(QUEUE_STEP);
            match classify(&error) {
                Class::Retriable if Instant::now() < deadline => {}
                Class::Failed(Failure::Fenced) => return Err(TransactionError::Fenced(self.id.clone())),
                Class::Retriable | Class::Failed(_) => return Err(self.failed(&error, what)),
            }
        }
    }

    /// Which topics may not be written, where the error can come of that: the client does not say which it was.
    fn denied(&self, error: &KafkaError) -> Option<Trouble> {
        let told = error.rdkafka_error_code()?;
        if !matches!(told, RDKafkaErrorCode::State | RDKafkaErrorCode::TopicAuthorizationFailed) {
            return None;
        }
        rights::unwritable(self.producer.client(), None, &self.topics.borrow())
    }

    fn failed(&self, error: &KafkaError, what: &str) -> TransactionError {
        let fatal = self.producer.client().fatal_error().is_some_and(|(code, _)| is_fenced(code));
        if fatal || error.rdkafka_error_code().is_some_and(is_fenced) {
            return TransactionError::Fenced(self.id.clone());
        }
        if let Some(denied) = self.denied(error) {
            return denied.into();
        }
        let mut trouble = self.producer.context().client.explain(error, what);
        if trouble.kind == TroubleKind::TopicMissing {
            trouble.sentence.push_str("; `revbus topics apply --yes` creates what the catalogue needs");
        }
        trouble.into()
    }
}
