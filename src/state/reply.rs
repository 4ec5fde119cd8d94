//! The answer to an update: the data of the event that the router writes to `revbus.replies`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Version;
use crate::envelope::{push_field, push_number};
use crate::json::push_string;
use crate::reason::{Outcome, Reason};

/// An entity as a conflict shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current<'a> {
    /// Its version; 0 where it is not there.
    pub version: Version,
    /// Its state, where it is there and not too large for an answer.
    pub state: Option<&'a str>,
}

/// How an update ended.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// `state_changed`, `conflict`, `denied`, `invalid`, `failed` or `loop`.
    pub outcome: Outcome,
    /// The version that the update made, or that a conflict met.
    pub version: Option<Version>,
    /// Whether the update was decided before, and this is its first outcome (decision 61).
    pub repeated: bool,
    /// The entity that a conflict met; an update that is repeated does not learn it again.
    pub current: Option<Current<'a>>,
    /// Why it was not done.
    pub reasons: &'a [Reason],
}

impl Answer<'_> {
    /// The status that is the last part of the reply's type (decision 7).
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self.outcome {
            Outcome::StateChanged => "completed",
            Outcome::Denied => "denied",
            Outcome::Routed
            | Outcome::NoTrigger
            | Outcome::Duplicate
            | Outcome::Invalid
            | Outcome::Loop
            | Outcome::Failed
            | Outcome::Expired
            | Outcome::Conflict => "failed",
        }
    }

    /// Appends the data of the reply.
    pub fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"outcome\":");
        push_string(out, self.outcome.code());
        if let Some(version) = self.version {
            push_number(out, "version", version.0);
        }
        if self.repeated {
            out.extend_from_slice(b",\"repeated\":true");
        }
        if let Some(current) = self.current {
            out.extend_from_slice(b",\"current\":{\"version\":");
            out.extend_from_slice(itoa::Buffer::new().format(current.version.0).as_bytes());
            if let Some(state) = current.state {
                out.extend_from_slice(b",\"state\":");
                out.extend_from_slice(state.as_bytes());
            }
            out.push(b'}');
        }
        if !self.reasons.is_empty() {
            out.extend_from_slice(b",\"reasons\":[");
            for (index, reason) in self.reasons.iter().enumerate() {
                out.extend_from_slice(if index == 0 { b"{\"code\":" } else { b",{\"code\":" });
                push_string(out, reason.code.code());
                push_field(out, "message", &reason.message);
                out.push(b'}');
            }
            out.push(b']');
        }
        out.push(b'}');
    }
}

/// A reply as its client reads it.
#[derive(Debug, Deserialize)]
pub struct Reply<'a> {
    /// `state.put.completed` and the like.
    #[serde(borrow)]
    pub event_type: Cow<'a, str>,
    /// The tenant.
    #[serde(borrow)]
    pub tenant_id: Cow<'a, str>,
    #[serde(borrow)]
    payload: Payload<'a>,
}

#[derive(Debug, Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    data: Told<'a>,
    #[serde(borrow)]
    metadata: Metadata<'a>,
}

#[derive(Debug, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    causation_id: Cow<'a, str>,
}

/// The data of a reply.
#[derive(Debug, Deserialize)]
pub struct Told<'a> {
    /// How the update ended.
    #[serde(borrow)]
    pub outcome: Cow<'a, str>,
    /// The version that it made, or that a conflict met.
    #[serde(default)]
    pub version: Option<u64>,
    /// Whether it was decided before.
    #[serde(default)]
    pub repeated: bool,
    /// The entity that a conflict met.
    #[serde(borrow, default)]
    pub current: Option<ToldCurrent<'a>>,
    /// Why it was not done.
    #[serde(borrow, default)]
    pub reasons: Vec<ReplyReason<'a>>,
}

/// The entity that a conflict met.
#[derive(Debug, Deserialize)]
pub struct ToldCurrent<'a> {
    /// Its version; 0 where it is not there.
    pub version: u64,
    /// Its state, where it is there and not too large for an answer.
    #[serde(borrow, default)]
    pub state: Option<&'a RawValue>,
}

/// A reason, as a reply names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReplyReason<'a> {
    /// Its code.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    /// Its sentence.
    #[serde(borrow)]
    pub message: Cow<'a, str>,
}

impl<'a> Reply<'a> {
    /// Reads one; `None` for what is no reply to a state update.
    #[must_use]
    pub fn read(value: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    /// The id of the update that it answers.
    #[must_use]
    pub fn update_id(&self) -> &str {
        &self.payload.metadata.causation_id
    }

    /// What it says.
    #[must_use]
    pub const fn told(&self) -> &Told<'a> {
        &self.payload.data
    }
}
