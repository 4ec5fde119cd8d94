//! The value of an entity on `revbus.state`, and what a tombstone says of the change that left it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{FORM, Version, plain};
use crate::envelope::{push_field, push_number};
use crate::time::Timestamp;

/// The header of a tombstone: what the value would say, without a state.
pub const TOMBSTONE_HEADER: &str = "revbus.state";

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author<'a> {
    /// The module.
    pub module: Cow<'a, str>,
    /// Its user, where one was named.
    pub user: Option<Cow<'a, str>>,
}

/// Which write an entity's version came of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<'a> {
    /// The version that it made.
    pub version: Version,
    /// When the router decided.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: Author<'a>,
    /// The id of the update event.
    pub event_id: Cow<'a, str>,
}

/// An entity as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity<'a> {
    /// The write that made it so.
    pub written: Written<'a>,
    /// Its state: a JSON object, as it was written.
    pub state: Cow<'a, str>,
}

/// A value of a later form, which may mean something else (decision 72).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewerState {
    /// A later version of revbus wrote it.
    #[error("the state topic has values of form {0}, and this revbus reads {FORM}: upgrade it")]
    Newer(u32),
    /// It is no state value at all.
    #[error("a record of the state topic is no state value: something else than a router has written there")]
    Foreign,
}

#[derive(Deserialize)]
struct Wire<'a> {
    v: u32,
    version: u64,
    #[serde(borrow)]
    written_at: Cow<'a, str>,
    #[serde(borrow)]
    written_by: WireAuthor<'a>,
    #[serde(borrow)]
    event_id: Cow<'a, str>,
    #[serde(borrow, default)]
    state: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireAuthor<'a> {
    #[serde(borrow)]
    module: Cow<'a, str>,
    #[serde(borrow, default)]
    user_id: Option<Cow<'a, str>>,
}

impl Written<'_> {
    /// Appends the header of a tombstone.
    pub fn push(&self, out: &mut Vec<u8>) {
        self.push_open(out);
        out.push(b'}');
    }

    fn push_open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"v\":");
        out.extend_from_slice(itoa::Buffer::new().format(FORM).as_bytes());
        push_number(out, "version", self.version.0);
        out.extend_from_slice(b",\"written_at\":\"");
        self.at.push_rfc3339(out);
        out.extend_from_slice(b"\",\"written_by\":{\"module\":");
        crate::json::push_string(out, &self.by.module);
        if let Some(user) = &self.by.user {
            push_field(out, "user_id", user);
        }
        out.push(b'}');
        push_field(out, "event_id", &self.event_id);
    }

    /// The same, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Written<'static> {
        Written {
            version: self.version,
            at: self.at,
            by: Author {
                module: Cow::Owned(self.by.module.into_owned()),
                user: self.by.user.map(|user| Cow::Owned(user.into_owned())),
            },
            event_id: Cow::Owned(self.event_id.into_owned()),
        }
    }
}

impl<'a> Written<'a> {
    /// Reads the header of a tombstone.
    ///
    /// # Errors
    /// It is of a later form, or none.
    pub fn read(header: &'a [u8]) -> Result<Self, NewerState> {
        wire(header).map(|(written, _)| written)
    }
}

impl<'a> Entity<'a> {
    /// Reads the value of a record.
    ///
    /// # Errors
    /// It is of a later form, or none.
    pub fn read(value: &'a [u8]) -> Result<Self, NewerState> {
        if let Some((written, state)) = plain::read(value) {
            return Ok(Self { written, state: Cow::Borrowed(state) });
        }
        let (written, state) = wire(value)?;
        let state = state.filter(|state| state.starts_with('{')).ok_or(NewerState::Foreign)?;
        Ok(Self { written, state: Cow::Borrowed(state) })
    }

    /// Appends the value of a record.
    pub fn push(&self, out: &mut Vec<u8>) {
        self.written.push_open(out);
        out.extend_from_slice(b",\"state\":");
        out.extend_from_slice(self.state.as_bytes());
        out.push(b'}');
    }

    /// The same, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Entity<'static> {
        Entity { written: self.written.into_owned(), state: Cow::Owned(self.state.into_owned()) }
    }
}

fn wire(bytes: &[u8]) -> Result<(Written<'_>, Option<&str>), NewerState> {
    #[derive(Deserialize)]
    struct Form {
        v: u32,
    }
    let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(|_| match serde_json::from_slice(bytes) {
        Ok(Form { v }) if v > FORM => NewerState::Newer(v),
        _ => NewerState::Foreign,
    })?;
    if wire.v > FORM {
        return Err(NewerState::Newer(wire.v));
    }
    let (at, _) = Timestamp::parse(&wire.written_at).ok_or(NewerState::Foreign)?;
    let by = Author { module: wire.written_by.module, user: wire.written_by.user_id };
    let written = Written { version: Version(wire.version), at, by, event_id: wire.event_id };
    Ok((written, wire.state.map(RawValue::get)))
}
