//! Cases: given an event, what must come of it. They stand under `tests:`, beside the triggers or in files of their own.
//!
//! Here they are read, and checked against the catalogue, so that a case cannot ask for a command that does not exist;
//! what the router would do is for the kernel to say.

mod expect;
mod given;
mod json;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use read::cases;
pub(super) use read::inline;

use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};
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
    /// The event type on whose topic it stands; `None` for its own.
    pub topic: Option<TypeId>,
    /// The record's key; `None` for the one that it should have.
    pub key: Option<String>,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of an event. What is not said is not looked at, but for one thing: a dead letter must be expected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expect {
    /// How the decision ends.
    pub outcome: Option<Outcome>,
    /// The commands that come out.
    pub derived: Option<ExpectedDerived>,
    /// The dead letter.
    pub dead_letter: Option<ExpectedLetter>,
}

/// The commands that must come out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpectedDerived {
    /// Those that are named.
    pub events: Vec<ExpectedEvent>,
    /// What of those that are not.
    pub others: Others,
}

/// Whether commands may come out that a case does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// They may.
    Allow,
    /// They may not.
    #[default]
    Refuse,
}

/// A command that must come out.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedEvent {
    /// Which.
    pub command: TypeId,
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
