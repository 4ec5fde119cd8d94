//! The known members of the envelope and of its payload, as they stand in the text.

use std::borrow::Cow;

use super::{Data, Members};
use crate::json::{Fault, Kind, Member, Scanner, Value};
use crate::reason::{Reason, ReasonCode};

/// How many members data is expected to have: most of it is read into one allocation.
const EXPECTED: usize = 8;

/// The fields of the envelope. Unknown ones are tolerated and not carried on (decision 30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    EventId,
    EventType,
    SourceModule,
    TargetModule,
    TenantId,
    UserId,
    Timestamp,
    Payload,
    CorrelationId,
    RequiresResponse,
    TimeoutSeconds,
}

impl Name {
    const ALL: [(Self, &'static str); 11] = [
        (Self::EventId, "event_id"),
        (Self::EventType, "event_type"),
        (Self::SourceModule, "source_module"),
        (Self::TargetModule, "target_module"),
        (Self::TenantId, "tenant_id"),
        (Self::UserId, "user_id"),
        (Self::Timestamp, "timestamp"),
        (Self::Payload, "payload"),
        (Self::CorrelationId, "correlation_id"),
        (Self::RequiresResponse, "requires_response"),
        (Self::TimeoutSeconds, "timeout_seconds"),
    ];

    fn of(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|&(name, _)| name)
    }

    /// The name on the wire.
    pub(super) const fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// The names of the members of an envelope, on the wire.
pub fn member_names() -> impl Iterator<Item = &'static str> {
    Name::ALL.iter().map(|(_, name)| *name)
}

/// The members found; `null` is kept and told apart later.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    values: [Option<Value<'a>>; 11],
    pub(super) payload: Option<Payload<'a>>,
    pub(super) lone_surrogate: bool,
}

/// The members of a payload that is an object.
#[derive(Debug, Default)]
pub(super) struct Payload<'a> {
    /// Every member but a `data` that is an object.
    pub(super) members: Members<'a>,
    /// A `data` that is an object.
    pub(super) data: Option<Data<'a>>,
}

impl<'a> Found<'a> {
    /// The value of a field; `null` is absent.
    pub(super) fn get(&self, name: Name) -> Option<Value<'a>> {
        self.values[name as usize].filter(|value| value.kind != Kind::Null)
    }
}

/// Reads the text whole. A name that stands twice is a breach; the first one counts.
///
/// # Errors
/// A text that is not JSON, or no object.
pub(super) fn find<'a>(text: &'a str, reasons: &mut Vec<Reason>) -> Result<Found<'a>, Fault> {
    let mut scanner = Scanner::new(text);
    let mut found = Found::default();
    scanner.object(|name, scanner| {
        let name = Name::of(&name);
        let start = scanner.position();
        let payload = if name == Some(Name::Payload) && scanner.next_is_object() {
            Some(read_payload(scanner, reasons)?)
        } else {
            None
        };
        let value = match &payload {
            Some(_) => Value { raw: scanner.since(start), kind: Kind::Object },
            None => scanner.value()?,
        };
        if let Some(name) = name {
            keep(&mut found, name, (value, payload), reasons);
        }
        Ok(())
    })?;
    scanner.end()?;
    found.lone_surrogate = scanner.lone_surrogate().is_some();
    Ok(found)
}

fn keep<'a>(
    found: &mut Found<'a>,
    name: Name,
    (value, payload): (Value<'a>, Option<Payload<'a>>),
    reasons: &mut Vec<Reason>,
) {
    let slot = &mut found.values[name as usize];
    if slot.is_some() {
        return twice(name.as_str(), reasons);
    }
    *slot = Some(value);
    found.payload = payload.or(found.payload.take());
}

fn read_payload<'a>(scanner: &mut Scanner<'a>, reasons: &mut Vec<Reason>) -> Result<Payload<'a>, Fault> {
    let mut payload = Payload::default();
    let mut seen = [false; 3];
    scanner.object(|name, scanner| {
        if let Some(index) = ["action", "data", "metadata"].iter().position(|known| *known == name)
            && std::mem::replace(&mut seen[index], true)
        {
            twice(&format!("payload.{name}"), reasons);
            return scanner.value().map(drop);
        }
        if name == "data" && scanner.next_is_object() {
            payload.data = Some(read_data(scanner)?);
        } else {
            payload.members.push(Member { name, value: scanner.value()? });
        }
        Ok(())
    })?;
    Ok(payload)
}

fn read_data<'a>(scanner: &mut Scanner<'a>) -> Result<Data<'a>, Fault> {
    let start = scanner.position();
    let mut members = Members::with_capacity(EXPECTED);
    scanner.object(|name: Cow<'a, str>, scanner| {
        members.push(Member { name, value: scanner.value()? });
        Ok(())
    })?;
    Ok(Data { members, raw: Some(scanner.since(start)) })
}

/// Says so once, however often the name stands there: the list of reasons stays short.
pub(super) fn twice(name: &str, reasons: &mut Vec<Reason>) {
    let reason = Reason::new(ReasonCode::DuplicateName, format!("`{name}` stands there twice"));
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}
