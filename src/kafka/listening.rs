//! The context of a consumer without a group.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::trouble::{Remembering, Trouble, TroubleKind};

/// How often it is told that no broker is connected.
const TELL_AGAIN: Duration = Duration::from_secs(30);

/// A reader's context.
#[derive(Default)]
pub(super) struct Listening(pub(super) Remembering, Mutex<Option<Instant>>);

impl Listening {
    /// An error of a poll, where it is not one that passes: a broker that is away is waited for.
    pub(super) fn heard(&self, error: &KafkaError, what: &str) -> Result<(), Trouble> {
        // The group is a name only: not being allowed to use it does not matter.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed) {
            return Ok(());
        }
        let trouble = self.0.explain(error, what);
        match trouble.kind {
            TroubleKind::Unreachable => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
                    self.tell(&trouble);
                }
                Ok(())
            }
            TroubleKind::NotAuthorised | TroubleKind::TopicMissing | TroubleKind::Refused | TroubleKind::Settings => {
                Err(trouble)
            }
        }
    }
}

impl Listening {
    /// The client says so whenever it has tried all brokers again.
    fn tell(&self, trouble: &Trouble) {
        let mut told = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TELL_AGAIN) {
            *told = Some(Instant::now());
            tracing::warn!("{trouble}; waiting for it");
        }
    }
}

impl ClientContext for Listening {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.0.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.error(error, reason);
    }
}

impl ConsumerContext for Listening {}
