//! The router's producer: transactional, or merely idempotent where the operator chose at-least-once.
//!
//! Calls block, so each worker has its own on its own thread. Every call has a deadline and retries within it; what
//! it answers is a class that the worker's state machine knows.

mod settings;

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer as _, PurgeConfig};

use super::bounded::Bounded;
use super::config::KafkaSettings;
use super::consumer::{BatchMetadata, GroupConsumer, Mark};
use super::deliveries::Deliveries;
use super::error::{Class, classify, is_fenced, not_queued, refuses_record};
use super::fail::{Point, reached};
use super::ffi::{ByHandle, Record};
use super::flush::{Telling, Undelivered, flush, request_bytes, serve};
use super::lists::mark_list;
use super::logs::Forwarding;
use super::message::Headers;
use super::trouble::Trouble;
use crate::kernel::worker::Failure;
use crate::time::Timestamp;

/// How much later than its timeout a call may come back.
const LATE: Duration = Duration::from_millis(500);

/// What the guarantee is (design.md, Delivery guarantee).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Delivery {
    /// One transaction holds derived events, dead letters, audit records and positions.
    ExactlyOnce,
    /// Positions are committed after everything is delivered: a crash between the two delivers again.
    AtLeastOnce,
}

/// How large records may be, as the topics say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimits {
    /// The smallest `max.message.bytes` of all topics written: no batch may be larger.
    pub least: usize,
    /// The largest: no record may be larger.
    pub most: usize,
}

/// A record to send.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// Where to.
    pub topic: &'a str,
    /// On which partition; by the key where absent.
    pub partition: Option<i32>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` for a tombstone.
    pub value: Option<&'a [u8]>,
    /// When it was made. The caller knows; the client would look at the clock for each record.
    pub timestamp: Timestamp,
    /// Its headers.
    pub headers: Option<Headers>,
}

/// Why a record was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// The queue is full: later.
    QueueFull,
    /// It failed.
    Failed(Failure),
}

/// The router's producer.
pub struct RouterProducer {
    inner: ByHandle<Deliveries<Forwarding>>,
    /// It closes the client, and whoever replaces one that has failed does not wait for that: its id fences it by then.
    bounded: Bounded<BaseProducer<Deliveries<Forwarding>>>,
    delivery: Delivery,
    /// How many bytes one request takes of a partition.
    request: usize,
    /// How many bytes of keys and values were queued since the transaction was opened.
    queued: Cell<usize>,
}

impl RouterProducer {
    /// A producer that is ready: transactional ones have ended whatever an earlier one of this id left open.
    ///
    /// # Errors
    /// Settings that the client refuses, no broker within the timeout, no right to the id.
    pub fn connect(
        settings: &KafkaSettings,
        delivery: Delivery,
        transactional_id: &str,
        limits: SizeLimits,
        timeout: Duration,
    ) -> Result<Self, Trouble> {
        let config = settings::configure(settings, delivery, transactional_id, limits);
        let what = match delivery {
            Delivery::ExactlyOnce => format!("begin work as the transactional id {transactional_id}"),
            Delivery::AtLeastOnce => "begin to produce".to_owned(),
        };
        let inner = BaseProducer::from_config_and_context(&config, Deliveries::default())
            .map_err(|error| Trouble::of(&error, &what))?;
        if delivery == Delivery::ExactlyOnce {
            inner.init_transactions(timeout).map_err(|error| Trouble::of(&error, &what))?;
        }
        let inner = Arc::new(inner);
        let bounded = Bounded::new(Arc::clone(&inner));
        Ok(Self {
            inner: ByHandle::new(inner),
            bounded,
            delivery,
            request: request_bytes(limits.least),
            queued: Cell::new(0),
        })
    }

    /// Opens a transaction.
    ///
    /// # Errors
    /// The class of the failure.
    pub fn begin(&self) -> Result<(), Failure> {
        reached(Point::BeforeBegin);
        self.queued.set(0);
        if self.delivery == Delivery::ExactlyOnce {
            self.retry(Duration::from_secs(1), || self.inner.begin_transaction())?;
        }
        reached(Point::AfterBegin);
        Ok(())
    }

    /// Queues a record.
    ///
    /// # Errors
    /// A full queue, or a record or producer that is beyond sending.
    pub fn send(&self, record: Outgoing<'_>) -> Result<(), SendError> {
        let bytes = record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
        self.queued.set(self.queued.get() + bytes);
        let Outgoing { topic, partition, key, value, timestamp, headers } = record;
        let record = Record { partition, key, value, timestamp: timestamp.millis(), headers };
        let produced = self.inner.produce(topic, record);
        let sent = produced.map_err(|code| {
            if code == RDKafkaErrorCode::QueueFull {
                self.inner.poll(Duration::ZERO);
                SendError::QueueFull
            } else {
                SendError::Failed(not_queued(code))
            }
        });
        match sent {
            Err(SendError::Failed(Failure::MustAbort)) if self.has_refused() => Ok(()),
            Ok(()) => {
                reached(Point::AfterProduce);
                Ok(())
            }
            failed => failed,
        }
    }

    /// Whether the broker has refused a record of the open transaction already. More records are taken in all the
    /// same, for nothing: the commit is where the refusal is told, and the batch then made smaller.
    fn has_refused(&self) -> bool {
        serve(&self.inner);
        self.inner.context().failure().is_some_and(refuses_record)
    }

    /// Delivers everything and commits it with these positions.
    ///
    /// # Errors
    /// The class of the failure; an end that is not known is [`Failure::Indeterminate`].
    pub fn commit(
        &self,
        consumer: &GroupConsumer,
        metadata: &BatchMetadata,
        positions: &[Mark],
        timeout: Duration,
    ) -> Result<(), Failure> {
        reached(Point::BeforeCommit);
        let deadline = Instant::now() + timeout;
        self.flush(deadline)?;
        reached(Point::AfterFlush);
        match self.delivery {
            Delivery::AtLeastOnce => {
                consumer.commit(positions).map_err(|error| {
                    tracing::warn!(%error, "positions were not committed");
                    Failure::MustAbort
                })?;
                reached(Point::AfterPositions);
            }
            Delivery::ExactlyOnce => {
                let offsets = Arc::new(mark_list(positions).map_err(|_| Failure::Indeterminate)?);
                self.retry(left(deadline), || self.send_positions(&offsets, metadata, left(deadline)))?;
                reached(Point::AfterPositions);
                self.retry(left(deadline), || self.inner.commit_transaction(left(deadline)))?;
            }
        }
        reached(Point::AfterCommit);
        Ok(())
    }

    fn send_positions(
        &self,
        positions: &Arc<TopicPartitionList>,
        metadata: &BatchMetadata,
        timeout: Duration,
    ) -> Result<(), KafkaError> {
        let (positions, metadata) = (Arc::clone(positions), Arc::clone(metadata));
        let call =
            move |producer: &BaseProducer<_>| producer.send_offsets_to_transaction(&positions, &metadata, timeout);
        self.bounded.call(timeout + LATE, call).unwrap_or_else(|| {
            tracing::warn!("the call that adds positions to a transaction did not come back in its time: given up");
            Err(KafkaError::Canceled)
        })
    }

    /// Aborts the transaction.
    ///
    /// # Errors
    /// The class of the failure.
    pub fn abort(&self, timeout: Duration) -> Result<(), Failure> {
        let result = match self.delivery {
            Delivery::AtLeastOnce => self.forget(Instant::now() + timeout),
            // The call waits for delivery reports that it cannot serve itself: in steps, with a look between them.
            Delivery::ExactlyOnce => self.retry(timeout, || self.inner.abort_transaction(Duration::from_millis(100))),
        };
        self.inner.context().take_failure();
        result
    }

    /// Throws away what is not delivered, so that no leftover of this batch speaks for the next one. What was delivered
    /// will be delivered again.
    fn forget(&self, deadline: Instant) -> Result<(), Failure> {
        self.inner.purge(PurgeConfig::default().queue().inflight());
        while self.inner.in_flight_count() > 0 {
            self.inner.poll(Duration::from_millis(1));
            if left(deadline).is_zero() {
                return Err(Failure::Indeterminate);
            }
        }
        Ok(())
    }

    /// Waits until everything is delivered.
    fn flush(&self, deadline: Instant) -> Result<(), Failure> {
        // What fits into one request leaves each partition in one.
        let fits = self.queued.get() <= self.request;
        let telling = if fits { Telling::Throughout } else { Telling::InPulses };
        match flush(&self.inner, telling, deadline) {
            Ok(()) => Ok(()),
            Err(Undelivered::Record(code, topic)) => {
                tracing::warn!(%code, topic, "a record was not delivered");
                Err(if refuses_record(code) { Failure::Refused } else { Failure::MustAbort })
            }
            Err(Undelivered::Producer(code, why)) => {
                tracing::warn!(%code, why, "the producer has failed");
                Err(if is_fenced(code) { Failure::Fenced } else { Failure::Indeterminate })
            }
            Err(Undelivered::Late) => Err(Failure::Indeterminate),
        }
    }

    /// The same call again while it says that it may be made again, within the time.
    fn retry(&self, timeout: Duration, call: impl Fn() -> Result<(), KafkaError>) -> Result<(), Failure> {
        let deadline = Instant::now() + timeout;
        loop {
            let Err(error) = call() else { return Ok(()) };
            serve(&self.inner);
            match classify(&error) {
                Class::Retriable if !left(deadline).is_zero() => {
                    tracing::debug!(%error, "a call is made again");
                    std::thread::sleep(Duration::from_millis(1));
                }
                Class::Retriable => return Err(Failure::Indeterminate),
                Class::Failed(failure) => {
                    tracing::warn!(%error, ?failure, "a call failed");
                    return Err(failure);
                }
            }
        }
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
