//! Cases: given an event, or an update of an entity, what must come of it. They stand under `tests:`, beside the
//! triggers or in files of their own.
//!
//! Here they are read, and checked against the catalogue, so that a case cannot ask for a command that does not exist;
//! what the router would do is for the kernel to say.

mod expect;
mod given;
mod json;
mod read;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

pub use read::cases;
pub(super) use read::inline;

use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};
use crate::state::Version;
use crate::time::Timestamp;

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it shows; no other case of its file has this name.
    pub name: String,
    /// The line of its file where it begins, from 1.
    pub line: usize,
    /// When it is decided on.
    pub at: Timestamp,
    /// The value of the record.
    pub value: Vec<u8>,
    /// Where it stands, and what is there before it.
    pub subject: Subject,
    /// What must come of it.
    pub expect: Expect,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A record on a topic of events.
    Event {
        /// The event type on whose topic it stands; `None` for its own.
        topic: Option<TypeId>,
        /// The record's key; `None` for the one that it should have.
        key: Option<String>,
    },
    /// An update of an entity, which is there like this, or is not there.
    Update(Option<Before>),
}

/// An entity before an update.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// Its state: a JSON object.
    pub state: String,
    /// Its version.
    pub version: Version,
}

/// What must come of an event. What is not said is not looked at, but for one thing: a dead letter must be expected, and
/// of an update whatever is not done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expect {
    /// How the decision ends.
    pub outcome: Option<Outcome>,
    /// The commands that come out of an event, or the facts that an update emits.
    pub derived: Option<ExpectedDerived>,
    /// The dead letter.
    pub dead_letter: Option<ExpectedLetter>,
    /// The version that an update makes, or that a conflict meets.
    pub version: Option<Version>,
    /// What the state of the entity must hold behind an update; `null` where it must not be there.
    pub state: Option<serde_json::Value>,
}

impl Expect {
    /// The reasons of the dead letter, as far as they are said.
    fn reasons(&self) -> &[ReasonCode] {
        self.dead_letter.as_ref().and_then(|letter| letter.reasons.as_deref()).unwrap_or_default()
    }
}

/// The events that must come out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpectedDerived {
    /// Those that are named.
    pub events: Vec<ExpectedEvent>,
    /// What of those that are not.
    pub others: Others,
}

/// Whether events may come out that a case does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// They may.
    Allow,
    /// They may not.
    #[default]
    Refuse,
}

/// A command or a fact that must come out.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedEvent {
    /// Which.
    pub event_type: TypeId,
    /// The id of its trigger, where that is said.
    pub trigger: Option<Arc<str>>,
    /// The key of its record, where that is said.
    pub key: Option<String>,
    /// What its value must hold, in the form of the envelope. `null` is what must not be there.
    pub value: serde_json::Value,
}

/// The dead letter that must come of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpectedLetter {
    /// The codes of its reasons, all of them; `None` for any.
    pub reasons: Option<Vec<ReasonCode>>,
    /// Parts of its sentence.
    pub says: Vec<String>,
}
