//! Errors of the client, sorted into the classes that the worker knows: each has one place that handles it.

pub use rdkafka::error::KafkaError;
use rdkafka::error::RDKafkaErrorCode as Code;

use crate::kernel::worker::Failure;

/// What a call's error means for the call itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The same call again, within its deadline.
    Retriable,
    /// The call has failed.
    Failed(Failure),
}

/// Sorts an error of a transactional call.
pub(super) fn classify(error: &KafkaError) -> Class {
    let code = error.rdkafka_error_code();
    if code.is_some_and(is_fenced) {
        return Class::Failed(Failure::Fenced);
    }
    let KafkaError::Transaction(error) = error else { return Class::Failed(Failure::Indeterminate) };
    if error.is_fatal() {
        Class::Failed(Failure::Indeterminate)
    } else if error.txn_requires_abort() {
        Class::Failed(Failure::MustAbort)
    } else if error.is_retriable() {
        Class::Retriable
    } else {
        Class::Failed(Failure::Indeterminate)
    }
}

/// What it means that a record was not queued, although there was room.
pub(super) fn not_queued(code: Code) -> Failure {
    if refuses_record(code) {
        Failure::Refused
    } else if is_fenced(code) {
        Failure::Fenced
    } else if matches!(code, Code::State | Code::TopicAuthorizationFailed) {
        // An abortable transaction says so when it is committed; until then a send may only say "state". A right that is
        // missing is no fault of the producer either.
        Failure::MustAbort
    } else {
        Failure::Indeterminate
    }
}

/// Whether an error says that another producer has this transactional id.
pub(super) fn is_fenced(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch)
}

/// Whether a group says that it does not count this member in, or not with what it was given.
#[must_use]
pub fn is_expelled(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(code, Some(Code::UnknownMemberId | Code::IllegalGeneration | Code::RebalanceInProgress))
}

/// Whether a delivery error says that the record itself is not acceptable, whoever sends it and whenever.
pub(super) fn refuses_record(code: Code) -> bool {
    matches!(
        code,
        Code::MessageSizeTooLarge
            | Code::InvalidMessage
            | Code::InvalidMessageSize
            | Code::InvalidTimestamp
            | Code::InvalidRecord
            | Code::PolicyViolation
    )
}
