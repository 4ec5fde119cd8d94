//! A producer for clients that live long and ask from many tasks at once: idempotent, and each record's delivery can be
//! awaited by itself.

use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use tokio::sync::oneshot;

use super::config::KafkaSettings;
use super::plain_producer::{BATCH_BYTES, Outgoing};
use super::trouble::{Remembering, Trouble, TroubleKind};
use super::{metadata, rights};

/// Defaults under the user's settings: somebody waits for each record.
const DEFAULTS: &[(&str, &str)] = &[
    ("message.timeout.ms", "30000"),
    ("topic.metadata.propagation.max.ms", "5000"),
    ("message.max.bytes", "100000000"),
    ("batch.size", BATCH_BYTES),
    ("linger.ms", "1"),
];
/// How long a broker may take to answer for the first time.
const CONNECT: Duration = Duration::from_secs(10);
/// How often somebody who waits looks whether the client is at a loss.
const LOOK: Duration = Duration::from_secs(1);
/// Between two tries to put a record into a full queue.
const PAUSE: Duration = Duration::from_millis(5);

/// An idempotent producer; a thread of its own hears of deliveries.
pub struct AsyncProducer {
    producer: ThreadedProducer<Reports>,
}

impl AsyncProducer {
    /// Makes one, and waits until a broker has answered. Blocks.
    ///
    /// # Errors
    /// None answered in time, or they do not let us in.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, Trouble> {
        let what = format!("connect to Kafka at {}", settings.brokers());
        let producer: ThreadedProducer<Reports> = settings
            .producer(DEFAULTS)
            .create_with_context(Reports::default())
            .map_err(|error| Trouble::of(&error, &what))?;
        let explain = |error: &KafkaError| producer.context().0.explain(error, &what);
        metadata::fetch(producer.client(), CONNECT, || (), explain)?;
        Ok(Self { producer })
    }

    /// Sends a record without headers, and waits until it is on the brokers; as long as the queue is full, until there
    /// is room in it. A caller that stops waiting does not take the record back.
    ///
    /// # Errors
    /// The record is refused, or was not delivered within the client's own timeout.
    pub async fn send(&self, outgoing: &Outgoing<'_>) -> Result<(), Trouble> {
        let mut delivered = loop {
            let (tell, told) = oneshot::channel();
            let mut record = BaseRecord::<[u8], [u8], _>::with_opaque_to(outgoing.topic, Box::new(tell));
            (record.key, record.payload) = (outgoing.key, outgoing.value);
            match self.producer.send(record) {
                Ok(()) => break told,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => tokio::time::sleep(PAUSE).await,
                Err((error, _)) => return Err(self.explain(&error, outgoing.topic)),
            }
        };
        let delivery = loop {
            if let Ok(delivery) = tokio::time::timeout(LOOK, &mut delivered).await {
                break delivery;
            }
            self.producer.context().0.show_way_back(self.producer.client());
        };
        match delivery {
            Ok(told) => told.map_err(|error| self.explain(&error, outgoing.topic)),
            Err(_) => {
                let sentence = format!("failed to write to {}: the client is closed", outgoing.topic);
                Err(Trouble { kind: TroubleKind::Refused, sentence })
            }
        }
    }

    fn explain(&self, error: &KafkaError, topic: &str) -> Trouble {
        rights::unwritten((self.producer.client(), &self.producer.context().0), error, topic)
    }
}

#[derive(Default)]
struct Reports(Remembering);

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.0.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.error(error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<oneshot::Sender<Result<(), KafkaError>>>;

    fn delivery(&self, result: &DeliveryResult<'_>, tell: Self::DeliveryOpaque) {
        let told = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        // Whoever asked may have stopped waiting.
        _ = tell.send(told);
    }
}
