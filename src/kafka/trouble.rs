//! What went wrong with the cluster, for people: a kind that decides the exit code, and a sentence. For the verbs that
//! come and go; the router's own classes of errors are a matter of what it must do next.

use std::sync::{Mutex, PoisonError};

use rdkafka::client::{Client, ClientContext};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::way_back::WayBack;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// No broker answers.
    Unreachable,
    /// The cluster does not let us in, or not do this.
    NotAuthorised,
    /// A topic that must be there is not.
    TopicMissing,
    /// The cluster, or the client library, refuses what was asked.
    Refused,
    /// The client library refuses a setting.
    Settings,
}

/// What went wrong with the cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Trouble {
    /// What kind it is.
    pub kind: TroubleKind,
    /// What happened, with names; ends without a point.
    pub sentence: String,
}

impl Trouble {
    /// From an error code and what came with it. `what` failed, such as "create topic pipeline.deal_won".
    pub(super) fn of_code(code: RDKafkaErrorCode, what: &str, said: &str) -> Self {
        let kind = kind(code);
        let sentence = match kind {
            TroubleKind::NotAuthorised => format!("not authorised to {what}: {said}"),
            TroubleKind::Unreachable => format!("failed to {what}, for no broker answered: {said}"),
            TroubleKind::TopicMissing | TroubleKind::Refused | TroubleKind::Settings => {
                format!("failed to {what}: {said}")
            }
        };
        Self { kind, sentence }
    }

    /// From an error of the crate.
    pub(super) fn of(error: &KafkaError, what: &str) -> Self {
        match error.rdkafka_error_code() {
            Some(code) => Self::of_code(code, what, &code.to_string()),
            // The crate's own text would repeat a setting's value, which may be a secret.
            None if matches!(error, KafkaError::ClientConfig(..)) => {
                Self { kind: TroubleKind::Settings, sentence: format!("failed to {what}: a setting is invalid") }
            }
            None if matches!(error, KafkaError::ClientCreation(_)) => Self {
                kind: TroubleKind::Settings,
                sentence: format!("failed to {what}: a setting cannot be used: {error}"),
            },
            None => Self { kind: TroubleKind::Refused, sentence: format!("failed to {what}: {error}") },
        }
    }
}

fn kind(code: RDKafkaErrorCode) -> TroubleKind {
    use RDKafkaErrorCode as C;
    if matches!(
        code,
        C::Authentication
            | C::SaslAuthenticationFailed
            | C::TopicAuthorizationFailed
            | C::GroupAuthorizationFailed
            | C::ClusterAuthorizationFailed
            | C::TransactionalIdAuthorizationFailed
    ) {
        TroubleKind::NotAuthorised
    } else if matches!(code, C::UnknownTopicOrPartition | C::UnknownTopic | C::UnknownPartition) {
        TroubleKind::TopicMissing
    } else if matches!(
        code,
        C::BrokerTransportFailure
            | C::AllBrokersDown
            | C::OperationTimedOut
            | C::RequestTimedOut
            | C::MessageTimedOut
            | C::Resolve
            | C::SSL
            // A coordinator that is just being elected; others answer for it.
            | C::CoordinatorNotAvailable
            | C::CoordinatorLoadInProgress
            | C::NotCoordinator
    ) {
        TroubleKind::Unreachable
    } else {
        TroubleKind::Refused
    }
}

/// A client's context that keeps what librdkafka last said was wrong: a timeout alone never says why.
#[derive(Debug, Default)]
pub(super) struct Remembering {
    last: Mutex<Option<(RDKafkaErrorCode, String)>>,
    way_back: WayBack,
}

impl ClientContext for Remembering {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", ?level, facility, message);
        // Some failures are only logged, such as a broker that hangs up on a client without TLS.
        if facility == "FAIL" {
            let said = message.split_once("]: ").map_or(message, |(_thread, said)| said);
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.get_or_insert_with(|| (RDKafkaErrorCode::BrokerTransportFailure, said.to_owned()));
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason);
        self.way_back.hear(&error);
        let Some(code) = error.rdkafka_error_code() else { return };
        // "all brokers down" follows the reason, and says less; the end of a partition is no error.
        if !matches!(code, RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::PartitionEOF) {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((code, reason.to_owned()));
        }
    }
}

impl Remembering {
    /// What librdkafka said last.
    pub(super) fn last(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|(_, reason)| reason.clone())
    }

    /// What it said explains nothing any more.
    pub(super) fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// To be called now and then by whoever lives long: a client that lost every broker may need its addresses again.
    pub(super) fn show_way_back<C: ClientContext>(&self, client: &Client<C>) {
        self.way_back.show(client);
    }

    /// An error of a call, or what librdkafka said meanwhile, where that explains it.
    pub(super) fn explain(&self, error: &KafkaError, what: &str) -> Trouble {
        let trouble = Trouble::of(error, what);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((code, reason))
                if trouble.kind == TroubleKind::Unreachable || error.rdkafka_error_code() == Some(*code) =>
            {
                Trouble::of_code(*code, what, reason)
            }
            Some(_) | None => trouble,
        }
    }
}
