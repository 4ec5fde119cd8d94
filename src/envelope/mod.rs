//! The Standard Event Format: read from a record's value, and written for what the router derives.
//!
//! Reading never stops at the first breach (decision 60): an [`Envelope`] holds what could be read, and every breach
//! is in the list of reasons. Only where that list stays empty does an envelope become an [`Event`].

mod members;
mod read;
pub mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;

pub use members::member_names;
pub use read::read;
pub use write::{Derived, push_event_id, push_field, push_number, write};

use crate::json::Member;
use crate::time::{Timestamp, Zone};

/// The members of an object, in the order of the text. Not in place: envelopes are moved, and what is in place is copied
/// with each move, which costs more than the one allocation.
pub type Members<'a> = Vec<Member<'a>>;

/// The most hops that a text may claim; more is no count but a mistake (decision 43).
pub const MAX_CLAIMED_HOPS: i64 = 1_000_000;

/// An envelope as far as it could be read.
#[derive(Debug, Default)]
pub struct Envelope<'a> {
    /// 1 to 128 bytes, no NUL.
    pub event_id: Option<Cow<'a, str>>,
    /// As written: it may be an alias, or unknown.
    pub event_type: Option<Cow<'a, str>>,
    /// As written.
    pub source_module: Option<Cow<'a, str>>,
    /// Well formed; whether it is listed is for the kernel to say.
    pub tenant_id: Option<Cow<'a, str>>,
    /// Who caused it.
    pub user_id: Option<Cow<'a, str>>,
    /// When it happened.
    pub timestamp: Option<(Timestamp, Zone)>,
    /// What it belongs to; an empty one is absent (decision 68).
    pub correlation_id: Option<Cow<'a, str>>,
    /// `true` only where it was said; on a fact it is a breach (decision 17).
    pub requires_response: bool,
    /// The payload's data.
    pub data: Option<Data<'a>>,
    /// The payload's metadata.
    pub metadata: Metadata<'a>,
}

/// `payload.data`, or the flat payload that stands for it (decision 32).
#[derive(Debug, Default)]
pub struct Data<'a> {
    /// Its members.
    pub members: Members<'a>,
    /// Its bytes, braces included, where it stands there as one object.
    pub raw: Option<&'a str>,
}

/// `payload.metadata`.
#[derive(Debug, Default)]
pub struct Metadata<'a> {
    /// The event that caused this one.
    pub causation_id: Option<Cow<'a, str>>,
    /// The event at the beginning of the chain.
    pub root_id: Option<Cow<'a, str>>,
    /// How many triggers lie behind it.
    pub hops: u32,
    /// The whole object as written, for expressions.
    pub raw: Option<&'a str>,
}

/// An envelope with everything that must be there.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e, 'a> {
    /// Its id.
    pub id: &'e str,
    /// Its tenant.
    pub tenant: &'e str,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who caused it.
    pub user: Option<&'e str>,
    /// What it belongs to: the root's id where nothing else was said (decision 30).
    pub correlation: &'e str,
    /// The event at the beginning of the chain: itself where nothing else was said.
    pub root: &'e str,
    /// How many triggers lie behind it.
    pub hops: u32,
    /// Its data.
    pub data: &'e Data<'a>,
}

impl<'a> Envelope<'a> {
    /// The event, where nothing that must be there is missing.
    #[must_use]
    pub fn event(&self) -> Option<Event<'_, 'a>> {
        let id = self.event_id.as_deref()?;
        let root = self.root()?;
        Some(Event {
            id,
            tenant: self.tenant_id.as_deref()?,
            timestamp: self.timestamp?.0,
            user: self.user_id.as_deref(),
            correlation: self.correlation_id.as_deref().unwrap_or(root),
            root,
            hops: self.metadata.hops,
            data: self.data.as_ref()?,
        })
    }

    /// The id at the beginning of the chain, as far as it is known.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        self.metadata.root_id.as_deref().or(self.event_id.as_deref())
    }
}
