//! What an answer means for whoever waits for it.

use super::error::{Current, StateError, Violation};
use crate::reason::Outcome;
use crate::state::{ReplyReason, Told, ToldCurrent, Version};

/// An update that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Done {
    /// The version that it made.
    pub(super) version: Version,
    /// Whether it was done before.
    pub(super) repeated: bool,
}

/// What an answer means.
///
/// # Errors
/// The update was not done.
pub(super) fn of(told: &Told<'_>) -> Result<Done, StateError> {
    let outcome = Outcome::ALL.iter().find(|known| known.code() == told.outcome);
    let reasons = || told.reasons.iter().map(Violation::from).collect();
    match (outcome, told.version) {
        (Some(Outcome::StateChanged), Some(version)) => Ok(Done { version: Version(version), repeated: told.repeated }),
        (Some(Outcome::Conflict), _) => Err(StateError::Conflict { current: current(told.current.as_ref()) }),
        (Some(Outcome::Denied), _) => Err(StateError::Denied { reasons: reasons() }),
        (Some(Outcome::Invalid), _) => Err(StateError::InvalidState { violations: reasons() }),
        (Some(Outcome::Failed | Outcome::Loop), _) => Err(StateError::Failed { reasons: reasons() }),
        (Some(_) | None, _) => Err(StateError::Malformed(format!(
            "the router answered `{}`, which this revbus does not know: upgrade it",
            crate::diagnostic::shorten(&told.outcome)
        ))),
    }
}

fn current(told: Option<&ToldCurrent<'_>>) -> Current {
    match told {
        None => Current::NotTold,
        Some(ToldCurrent { version, state: Some(state) }) => {
            Current::There { version: Version(*version), state: (*state).to_owned() }
        }
        Some(ToldCurrent { version, state: None }) if Version(*version) == Version::ABSENT => Current::Absent,
        Some(ToldCurrent { version, state: None }) => Current::TooLarge { version: Version(*version) },
    }
}

impl From<&ReplyReason<'_>> for Violation {
    fn from(reason: &ReplyReason<'_>) -> Self {
        Self { code: reason.code.clone().into_owned(), message: reason.message.clone().into_owned() }
    }
}
