//! Waiting until everything that a producer has queued is delivered.

use std::ops::RangeInclusive;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, Producer as _};

use super::deliveries::Deliveries;
use super::ffi;

/// How long one step waits before failures are looked for. Every step wakes the client's threads, so short ones cost
/// more than they find out.
const STEP: Duration = Duration::from_millis(200);
/// How long a step is where a partition may have more than one request to send: from the first of them to the last the
/// client spins for as long as it is told to flush (`rd_kafka_toppar_producer_serve`).
const PULSE: Duration = Duration::from_millis(1);
/// How long the rest after a pulse is: until something was delivered, since a partition's next request waits for that.
const REST: RangeInclusive<Duration> = Duration::from_millis(5)..=Duration::from_millis(20);
/// How often is looked at what was delivered, which wakes nobody.
const LOOK: Duration = Duration::from_millis(1);

/// Why not everything is delivered.
pub(super) enum Undelivered {
    /// A record was refused; by which topic.
    Record(RDKafkaErrorCode, String),
    /// The producer is beyond saving; why.
    Producer(RDKafkaErrorCode, String),
    /// There was no time for more.
    Late,
}

/// How the client is told to flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// All the time: right where a partition has one request to send, or time does not matter.
    Throughout,
    /// In pulses.
    InPulses,
}

/// Waits for a producer that reports errors only, so that the wait is the client's own.
pub(super) fn flush<C: ClientContext + 'static>(
    producer: &BaseProducer<Deliveries<C>>,
    telling: Telling,
    deadline: Instant,
) -> Result<(), Undelivered> {
    let step = match telling {
        Telling::Throughout => STEP,
        Telling::InPulses => PULSE,
    };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let flushed = ffi::flush(producer.client(), left.min(step));
        serve(producer);
        if let Some((code, topic)) = producer.context().take_failure() {
            return Err(Undelivered::Record(code, topic));
        }
        if flushed.is_ok() {
            return Ok(());
        }
        // A producer that is beyond saving delivers nothing more, and says so only here.
        if let Some((code, why)) = producer.client().fatal_error() {
            return Err(Undelivered::Producer(code, why));
        }
        if left.is_zero() {
            return Err(Undelivered::Late);
        }
        if telling == Telling::InPulses {
            rest(producer, left);
        }
    }
}

/// Takes all that the client has to tell: a call takes one event, and there is one for each request that failed. What is
/// delivered meanwhile counts down too, which costs a call more.
pub(super) fn serve<C: ClientContext + 'static>(producer: &BaseProducer<Deliveries<C>>) {
    let mut before = i32::MAX;
    loop {
        let left = producer.in_flight_count();
        if left >= before {
            return;
        }
        before = left;
        producer.poll(Duration::ZERO);
    }
}

/// Rests, for no longer than is left.
fn rest<C: ClientContext + 'static>(producer: &BaseProducer<Deliveries<C>>, left: Duration) {
    let (begun, before) = (Instant::now(), producer.in_flight_count());
    let most = left.min(*REST.end());
    loop {
        thread::sleep(LOOK);
        let (rested, now) = (begun.elapsed(), producer.in_flight_count());
        if now == 0 || rested >= most || (now < before && rested >= *REST.start()) {
            return;
        }
    }
}

/// How many bytes a request may have, where this is the smallest `max.message.bytes` of the topics written: the client
/// fills requests without asking what their topic takes.
pub(super) fn request_bytes(least: usize) -> usize {
    least.saturating_sub(1024).clamp(1024, 1_000_000)
}
