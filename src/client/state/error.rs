//! Why a call of the client did not do what was asked; each sentence says what to do about it.

use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

use super::view::ViewError;
use crate::kafka::trouble::Trouble;
use crate::state::{KeyFault, Version};

/// Why it was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StateError {
    /// The entity does not have the version that was expected.
    #[error("conflict: {current}")]
    Conflict {
        /// What the router met.
        current: Current,
    },
    /// This module may not.
    #[error("denied: {}", .reasons.iter().map(|reason| &*reason.message).collect::<Vec<_>>().join("; "))]
    Denied {
        /// Why.
        reasons: Vec<Violation>,
    },
    /// The state breaks its contract, or the update is none.
    #[error("invalid: {}; nothing was written, and the update is a dead letter", sentences(.violations))]
    InvalidState {
        /// Every breach.
        violations: Vec<Violation>,
    },
    /// What the change emits failed.
    #[error("failed: {}; nothing was written, and the update is a dead letter: `revbus dlq list` shows it", sentences(.reasons))]
    Failed {
        /// Why.
        reasons: Vec<Violation>,
    },
    /// No answer came in time.
    #[error(
        "no answer within {} s: whether update {event_id} was written is not known. Ask again with the same event id: \
         if it was decided, the answer is the first one and nothing is done twice. Is a router running?", .within.as_secs_f64()
    )]
    DeadlineExceeded {
        /// The id to ask again with.
        event_id: String,
        /// How long was waited.
        within: Duration,
    },
    /// The cluster is away, or does not let us in. Where an event id is named, its update may have been written.
    #[error("{trouble}{}", .event_id.as_deref().map_or_else(String::new, ask_again))]
    Unavailable {
        /// What happened.
        trouble: Trouble,
        /// The update that was on its way.
        event_id: Option<String>,
    },
    /// A state that is there is not what the caller takes it for.
    #[error("the state of {entity} is not what was asked for: {why}")]
    NotAState {
        /// Which entity.
        entity: String,
        /// What does not fit.
        why: String,
    },
    /// What was asked of the view has no answer.
    #[error(transparent)]
    View(ViewError),
    /// What was asked can never be done.
    #[error("{0}")]
    Malformed(String),
}

/// What stands in the way of an update.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// Its code, as in `docs/errors` and dead letters.
    pub code: String,
    /// Its sentence.
    pub message: String,
}

/// The entity that a conflict met.
#[derive(Debug, Clone)]
pub enum Current {
    /// It is there.
    There {
        /// Its version.
        version: Version,
        /// Its state.
        state: Box<RawValue>,
    },
    /// It is there, with a state that is too large for an answer: only a read shows it.
    TooLarge {
        /// Its version.
        version: Version,
    },
    /// It is not there.
    Absent,
    /// The update was refused before, and an answer that is repeated does not say.
    NotTold,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::There { version, .. } => {
                write!(f, "the entity has version {version} by now: look at it, and write expecting version {version}")
            }
            Self::TooLarge { version } => write!(
                f,
                "the entity has version {version} by now, and its state is too large for an answer: read it, and write \
                 expecting version {version}"
            ),
            // Told of a delete too, which has nothing to do.
            Self::Absent => f.write_str("the entity is not there: a put or patch that expects version 0 creates it"),
            Self::NotTold => {
                f.write_str("this update was refused before: read the entity, and ask anew with a new event id")
            }
        }
    }
}

fn sentences(violations: &[Violation]) -> String {
    violations.iter().map(|one| format!("{} ({})", one.message, one.code)).collect::<Vec<_>>().join("; ")
}

fn ask_again(event_id: &str) -> String {
    format!("; whether update {event_id} was written is not known: ask again with the same event id")
}

impl From<KeyFault> for StateError {
    fn from(fault: KeyFault) -> Self {
        Self::Malformed(fault.to_string())
    }
}

impl From<ViewError> for StateError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Kafka(trouble) => trouble.into(),
            ViewError::Key(fault) => fault.into(),
            other @ (ViewError::Restoring(_)
            | ViewError::Deadline { .. }
            | ViewError::Owned(_)
            | ViewError::Folder { .. }
            | ViewError::Full { .. }
            | ViewError::Value { .. }
            | ViewError::Stopped) => Self::View(other),
        }
    }
}

impl From<Trouble> for StateError {
    fn from(trouble: Trouble) -> Self {
        Self::Unavailable { trouble, event_id: None }
    }
}
