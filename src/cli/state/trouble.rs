//! What kept the client from it, as exit codes (decision 70), with what is known of the entity.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Format, output};
use crate::cli::{Exit, Failure, trouble};
use crate::client::state::view::ViewError;
use crate::client::state::{Current, StateError, Violation};
use crate::json::pretty;

/// The exit code of an error.
const fn exit(error: &StateError) -> Exit {
    match error {
        StateError::Conflict { .. }
        | StateError::Denied { .. }
        | StateError::InvalidState { .. }
        | StateError::Failed { .. }
        | StateError::NotAState { .. } => Exit::Found,
        StateError::Malformed(_) => Exit::Usage,
        StateError::DeadlineExceeded { .. } => Exit::Unreachable,
        StateError::Unavailable { trouble, .. } => trouble::exit(trouble.kind),
        StateError::View(error) => match error {
            ViewError::Kafka(trouble) => trouble::exit(trouble.kind),
            ViewError::Value { .. } => Exit::Found,
            ViewError::Key(_) | ViewError::Owned(_) | ViewError::Folder { .. } | ViewError::Full { .. } => Exit::Usage,
            ViewError::Restoring(_) | ViewError::Deadline { .. } | ViewError::Stopped => Exit::Unreachable,
        },
    }
}

/// An error that ends with its exit code. For people, a conflict shows the state that was met.
pub(super) fn failure(error: &StateError) -> anyhow::Error {
    let mut message = error.to_string();
    if let StateError::Conflict { current: Current::There { state, .. } } = error {
        message.push('\n');
        message.push_str(&pretty(state.get()));
    }
    Failure::new(exit(error), message)
}

/// A refusal of the router as a document for programs.
#[derive(Debug, Serialize)]
pub(super) struct Refusal<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Met<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'a [Violation]>,
}

/// The entity that a conflict met; version 0: there is none.
#[derive(Debug, Serialize)]
struct Met<'a> {
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a RawValue>,
}

/// A refusal of the router; nothing for other errors.
pub(super) fn document(error: &StateError) -> Option<Refusal<'_>> {
    let because = |outcome, reasons| Some(Refusal { outcome, current: None, reasons: Some(reasons) });
    match error {
        StateError::Conflict { current } => {
            let current = match current {
                Current::There { version, state } => Some(Met { version: version.0, state: Some(state) }),
                Current::TooLarge { version } => Some(Met { version: version.0, state: None }),
                Current::Absent => Some(Met { version: 0, state: None }),
                Current::NotTold => None,
            };
            Some(Refusal { outcome: "conflict", current, reasons: None })
        }
        StateError::Denied { reasons } => because("denied", reasons),
        StateError::InvalidState { violations } => because("invalid", violations),
        StateError::Failed { reasons } => because("failed", reasons),
        StateError::DeadlineExceeded { .. }
        | StateError::Unavailable { .. }
        | StateError::NotAState { .. }
        | StateError::View(_)
        | StateError::Malformed(_) => None,
    }
}

/// Prints a refusal for programs, and gives the error for people.
pub(super) fn refused(format: Format, error: &StateError) -> anyhow::Error {
    if format != Format::Table
        && let Some(document) = document(error)
        && let Err(error) = output::print(format, &document, String::new)
    {
        return error;
    }
    failure(error)
}
