//! What kept the client from it, as exit codes (decision 70), with what is known of the entity.

use serde_json::json;

use super::{Format, output};
use crate::cli::{Exit, Failure, trouble};
use crate::client::state::view::ViewError;
use crate::client::state::{Current, StateError};
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

/// A refusal of the router as a document for programs; nothing for other errors.
pub(super) fn document(error: &StateError) -> Option<serde_json::Value> {
    let reasons = |of: &[crate::client::state::Violation]| -> Vec<_> {
        of.iter().map(|one| json!({"code": one.code, "message": one.message})).collect()
    };
    Some(match error {
        StateError::Conflict { current } => match current {
            Current::There { version, state } => {
                let state: serde_json::Value = serde_json::from_str(state.get()).unwrap_or_default();
                json!({"outcome": "conflict", "current": {"version": version.0, "state": state}})
            }
            Current::TooLarge { version } => json!({"outcome": "conflict", "current": {"version": version.0}}),
            Current::Absent => json!({"outcome": "conflict", "current": {"version": 0}}),
            Current::NotTold => json!({"outcome": "conflict"}),
        },
        StateError::Denied { reasons: why } => json!({"outcome": "denied", "reasons": reasons(why)}),
        StateError::InvalidState { violations } => json!({"outcome": "invalid", "reasons": reasons(violations)}),
        StateError::Failed { reasons: why } => json!({"outcome": "failed", "reasons": reasons(why)}),
        StateError::DeadlineExceeded { .. }
        | StateError::Unavailable { .. }
        | StateError::NotAState { .. }
        | StateError::View(_)
        | StateError::Malformed(_) => return None,
    })
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
