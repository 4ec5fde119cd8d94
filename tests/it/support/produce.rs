//! A producer that writes any bytes and says where each record landed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use revbus::kafka::ffi::remind_of_brokers;

use super::cluster::Broker;
use super::native;
use super::record::Outgoing;

/// Partition and offset of a written record.
pub type Place = (i32, i64);

/// An idempotent producer with the router's placement.
pub struct Sender {
    producer: BaseProducer<Delivered>,
    places: Arc<Mutex<Vec<Option<Place>>>>,
}

struct Delivered(Arc<Mutex<Vec<Option<Place>>>>);

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        match result {
            Ok(message) => self.0.lock().unwrap()[index] = Some((message.partition(), message.offset())),
            Err((error, message)) => eprintln!("not delivered to {}: {error}", message.topic()),
        }
    }
}

impl Sender {
    pub fn new(broker: &Broker) -> Self {
        let places = Arc::default();
        let producer = broker
            .config()
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("message.max.bytes", "20000000")
            .set("message.timeout.ms", "300000")
            .set("retry.backoff.ms", "20")
            .set("reconnect.backoff.max.ms", "500")
            .set("linger.ms", "1")
            .create_with_context(Delivered(Arc::clone(&places)))
            .unwrap();
        Self { producer, places }
    }

    /// Writes all of them, in order, and returns when the broker has them.
    pub fn send(&self, records: &[Outgoing]) -> Vec<Place> {
        *self.places.lock().unwrap() = vec![None; records.len()];
        for (index, record) in records.iter().enumerate() {
            while !native::enqueue(self.producer.client().native_ptr(), record, index) {
                self.producer.poll(Duration::from_millis(1));
            }
            self.producer.poll(Duration::ZERO);
        }
        // A client that heard of no brokers, from one that was being stopped, may ask nobody any more (see the product's
        // `way_back.rs`).
        let written = (0..9).any(|_| {
            let written = self.producer.flush(Duration::from_secs(15)).is_ok();
            if !written {
                remind_of_brokers(self.producer.client());
            }
            written
        });
        assert!(written, "the broker takes what is written");
        let places = std::mem::take(&mut *self.places.lock().unwrap());
        places.into_iter().map(|place| place.expect("delivered")).collect()
    }
}
