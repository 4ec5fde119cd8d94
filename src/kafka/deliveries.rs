//! What becomes of a producer's records: only failures are told, and the first one since the last look is kept.

use std::sync::{Mutex, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

/// The first delivery that failed since the last look, beside whoever hears what the client itself says.
#[derive(Default)]
pub(super) struct Deliveries<C> {
    pub(super) client: C,
    failed: Mutex<Option<(RDKafkaErrorCode, String)>>,
}

impl<C> Deliveries<C> {
    /// The error, which stays.
    pub(super) fn failure(&self) -> Option<RDKafkaErrorCode> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(code, _)| *code)
    }

    /// The error and the topic, once.
    pub(super) fn take_failure(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<C: ClientContext> ClientContext for Deliveries<C> {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.client.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.client.error(error, reason);
    }
}

impl<C: ClientContext> ProducerContext for Deliveries<C> {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result
            && let Some(code) = error.rdkafka_error_code()
            // What an abort throws away is no failure of its own.
            && !matches!(code, RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight)
        {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert_with(|| (code, rdkafka::Message::topic(message).to_owned()));
        }
    }
}
