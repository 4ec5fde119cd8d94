//! An update of an entity: the data of an event on `revbus.state_updates`.

use std::borrow::Cow;

use super::{EntityKey, KeyFault, Version};
use crate::diagnostic::shorten;
use crate::envelope::{self, Data, push_field, push_number};
use crate::json::{Fault, Kind, MAX_DEPTH, Member, Scanner, Value, members};
use crate::reason::{Reason, ReasonCode};
use crate::schema::{MAX_REASONS, integral};

/// What an update does; each is an event type of the reserved module `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Replaces the state.
    Put,
    /// Merges a patch into the state (RFC 7386).
    Patch,
    /// Leaves a tombstone.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Put, Self::Patch, Self::Delete];

    /// The type of the event.
    #[must_use]
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::Put => "state.put",
            Self::Patch => "state.patch",
            Self::Delete => "state.delete",
        }
    }

    /// The name part of the type: the event's `action`, and the verb.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.event_type()["state.".len()..]
    }

    /// The operation of an event type.
    #[must_use]
    pub fn of_event_type(event_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.event_type() == event_type)
    }

    /// The operation of a record's value that is an update of an entity, as far as it can be read.
    #[must_use]
    pub fn of_value(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).unwrap_or_default();
        Self::of_event_type(&envelope::read(text, &mut Vec::new()).event_type?)
    }
}

/// What an update does, with what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateBody<'a> {
    /// The new state: an object.
    Put(Value<'a>),
    /// The patch: an object.
    Patch(Value<'a>),
    /// Nothing.
    Delete,
}

impl UpdateBody<'_> {
    /// What it does.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Put(_) => Operation::Put,
            Self::Patch(_) => Operation::Patch,
            Self::Delete => Operation::Delete,
        }
    }
}

/// The largest version that an update can expect: numbers are read as 64 bits with a sign.
pub const MAX_EXPECTED: Version = Version(i64::MAX.cast_unsigned());

/// An update, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update<'a> {
    /// The module that owns the entity.
    pub module: Cow<'a, str>,
    /// Its entity type.
    pub entity_type: Cow<'a, str>,
    /// Its id.
    pub entity_id: Cow<'a, str>,
    /// What is to be done.
    pub body: UpdateBody<'a>,
    /// Which version the entity must have; 0: none, it must not be there. `None`: whatever it is.
    pub expected: Option<Version>,
}

/// How many levels lie above a state in the event that writes it: the envelope, its payload, and the data.
pub const LEVELS_ABOVE: u32 = 3;

const FIELDS: [&str; 6] = ["module", "entity_type", "entity_id", "state", "patch", "expected_version"];

impl<'a> Update<'a> {
    /// Reads the data of an update event, and adds every breach to `reasons`. What is not known is a breach: an
    /// `expected_version` that is misspelt must not become an update without a condition.
    pub fn read(operation: Operation, data: &Data<'a>, reasons: &mut Vec<Reason>) -> Option<Self> {
        let mut reading = Reading { values: [None; 6], reasons };
        for Member { name, value } in &data.members {
            reading.take(name, *value);
        }
        let module = reading.text(0);
        let entity_type = reading.text(1);
        let entity_id = reading.text(2);
        let body = reading.body(operation);
        // In a flat payload it lies one level higher than where another may have to write it.
        if data.raw.is_none() {
            reading.depth(body);
        }
        let expected = reading.expected();
        Some(Self {
            module: module?,
            entity_type: entity_type?,
            entity_id: entity_id?,
            body: body?,
            expected: expected?,
        })
    }

    /// The key of its entity.
    ///
    /// # Errors
    /// A part that cannot be one.
    pub fn key<'s>(&'s self, tenant: &'s str) -> Result<EntityKey<'s>, KeyFault> {
        EntityKey::new(tenant, &self.module, &self.entity_type, &self.entity_id)
    }

    /// Appends the data of the update event.
    pub fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"module\":");
        crate::json::push_string(out, &self.module);
        push_field(out, "entity_type", &self.entity_type);
        push_field(out, "entity_id", &self.entity_id);
        match self.body {
            UpdateBody::Put(state) => push_raw(out, "state", state.raw),
            UpdateBody::Patch(patch) => push_raw(out, "patch", patch.raw),
            UpdateBody::Delete => {}
        }
        if let Some(expected) = self.expected {
            push_number(out, "expected_version", expected.0);
        }
        out.push(b'}');
    }
}

fn push_raw(out: &mut Vec<u8>, name: &str, raw: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(raw.as_bytes());
}

struct Reading<'a, 'r> {
    /// By the order of [`FIELDS`].
    values: [Option<Value<'a>>; 6],
    reasons: &'r mut Vec<Reason>,
}

impl<'a> Reading<'a, '_> {
    fn breach(&mut self, code: ReasonCode, message: String) {
        if self.reasons.len() < MAX_REASONS {
            self.reasons.push(Reason::new(code, message));
        }
    }

    fn take(&mut self, name: &str, value: Value<'a>) {
        let Some(at) = FIELDS.iter().position(|known| *known == name) else {
            let name = shorten(name);
            return self.breach(ReasonCode::FieldUndeclared, format!("`{name}` is no field of a state update"));
        };
        if self.values[at].replace(value).is_some() {
            self.breach(ReasonCode::DuplicateName, format!("`{name}` stands there twice"));
        }
    }

    fn value(&self, at: usize) -> Option<Value<'a>> {
        self.values[at].filter(|value| value.kind != Kind::Null)
    }

    fn text(&mut self, at: usize) -> Option<Cow<'a, str>> {
        let name = FIELDS[at];
        let Some(value) = self.value(at) else {
            self.breach(ReasonCode::FieldMissing, format!("`{name}` is missing"));
            return None;
        };
        if value.text().is_none() {
            self.breach(ReasonCode::FieldInvalid, format!("`{name}` must be a string, not {}", value.what()));
        }
        value.text()
    }

    fn body(&mut self, operation: Operation) -> Option<UpdateBody<'a>> {
        let (wanted, others): (Option<usize>, &[usize]) = match operation {
            Operation::Put => (Some(3), &[4]),
            Operation::Patch => (Some(4), &[3]),
            Operation::Delete => (None, &[3, 4]),
        };
        for &other in others {
            if self.value(other).is_some() {
                let message = format!("`{}` has no place in a {}", FIELDS[other], operation.event_type());
                self.breach(ReasonCode::FieldUndeclared, message);
            }
        }
        let Some(at) = wanted else { return Some(UpdateBody::Delete) };
        let name = FIELDS[at];
        match self.values[at] {
            None => self.breach(ReasonCode::FieldMissing, format!("`{name}` is missing")),
            Some(value) if value.kind == Kind::Object => {
                return Some(if operation == Operation::Put {
                    UpdateBody::Put(value)
                } else {
                    UpdateBody::Patch(value)
                });
            }
            Some(value) => {
                let message = format!("`{name}` must be an object, not {}", value.what());
                self.breach(ReasonCode::FieldInvalid, message);
            }
        }
        None
    }

    fn depth(&mut self, body: Option<UpdateBody<'_>>) {
        let (what, value) = match body {
            Some(UpdateBody::Put(state)) => ("state", state),
            Some(UpdateBody::Patch(patch)) => ("patch", patch),
            Some(UpdateBody::Delete) | None => return,
        };
        if Scanner::inside(value.raw, LEVELS_ABOVE).value() == Err(Fault::TooDeep) {
            let message = format!("`{what}` is nested deeper than {}", MAX_DEPTH - LEVELS_ABOVE);
            self.breach(ReasonCode::TooDeep, message);
        }
    }

    /// `Some(None)` where nothing is expected.
    fn expected(&mut self) -> Option<Option<Version>> {
        let Some(value) = self.value(5) else { return Some(None) };
        let number = if value.kind == Kind::Number { integral(value.raw) } else { None };
        let version = number.and_then(|number| u64::try_from(number).ok());
        if version.is_none() {
            let message = format!("`expected_version` must be a whole number from 0 to {MAX_EXPECTED}");
            self.breach(ReasonCode::FieldInvalid, message);
        }
        version.map(|version| Some(Version(version)))
    }
}

/// Where the answer to an event goes, as its `payload.metadata` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo<'a> {
    /// The client that asks: 1 to 128 bytes.
    pub client_id: Cow<'a, str>,
    /// The partition of `revbus.replies` that it reads.
    pub partition: i32,
}

impl<'a> ReplyTo<'a> {
    /// Reads it; `None` where no answer is asked for.
    ///
    /// # Errors
    /// A sentence, where it is asked for and cannot be given.
    pub fn read(metadata: Option<&'a str>) -> Result<Option<Self>, &'static str> {
        let Some(raw) = metadata else { return Ok(None) };
        let Ok(metadata) = Scanner::new(raw).value() else { return Ok(None) };
        let (mut client, mut partition) = (None, None);
        members(metadata, |Member { name, value }| match &*name {
            "client_id" if value.kind != Kind::Null => client = Some(value),
            "reply_partition" if value.kind != Kind::Null => partition = Some(value),
            _ => {}
        });
        let (client, partition) = match (client, partition) {
            (None, None) => return Ok(None),
            (Some(client), Some(partition)) => (client, partition),
            _ => {
                return Err(
                    "`payload.metadata` has one of `client_id` and `reply_partition`, and an answer needs both",
                );
            }
        };
        let client_id = client.text().filter(|id| (1..=128).contains(&id.len()) && !id.contains('\0'));
        let client_id = client_id.ok_or("`payload.metadata.client_id` must be a string of 1 to 128 bytes")?;
        let number = if partition.kind == Kind::Number { integral(partition.raw) } else { None };
        let number = number.and_then(|number| i32::try_from(number).ok()).filter(|number| *number >= 0);
        let partition = number.ok_or("`payload.metadata.reply_partition` must be a partition's number")?;
        Ok(Some(Self { client_id, partition }))
    }
}
