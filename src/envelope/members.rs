//! The known members of the envelope and of its payload, as they stand in the text.

use std::borrow::Cow;

use super::{Data, Members};
use crate::json::{Fault, Kind, Member, MemberName, Scanner, Value};
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
}

impl Name {
    /// Those on the wire, in the order above; of the last one nothing is asked.
    const ALL: [&'static str; 11] = [
        "event_id",
        "event_type",
        "source_module",
        "target_module",
        "tenant_id",
        "user_id",
        "timestamp",
        "payload",
        "correlation_id",
        "requires_response",
        "timeout_seconds",
    ];

    /// The name on the wire.
    pub(super) const fn as_str(self) -> &'static str {
        Self::ALL[self as usize]
    }
}

/// The names of the members of an envelope, on the wire.
pub fn member_names() -> impl Iterator<Item = &'static str> {
    Name::ALL.into_iter()
}

/// The members found; `null` is kept and told apart later.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    values: [Option<Value<'a>>; Name::ALL.len()],
    pub(super) payload: Option<Payload<'a>>,
    pub(super) lone_surrogate: bool,
}

/// The members of a payload that is an object; of `action` nothing is asked.
#[derive(Debug, Default)]
pub(super) struct Payload<'a> {
    /// A `data` that is an object.
    pub(super) data: Option<Data<'a>>,
    /// A `data` that is none.
    pub(super) bad_data: Option<Value<'a>>,
    pub(super) metadata: Option<Value<'a>>,
    /// Every other member.
    pub(super) others: Members<'a>,
}

impl Payload<'_> {
    const KNOWN: [&'static str; 3] = ["action", "data", "metadata"];
}

impl<'a> Found<'a> {
    /// The value of a field; `null` is absent.
    pub(super) fn get(&self, name: Name) -> Option<Value<'a>> {
        self.values[name as usize].filter(|value| value.kind != Kind::Null)
    }

    /// Reads the text whole. A name that stands twice is a breach; the first one counts.
    ///
    /// # Errors
    /// A text that is not JSON, or no object.
    pub(super) fn read(&mut self, text: &'a str, reasons: &mut Vec<Reason>) -> Result<(), Fault> {
        let mut scanner = Scanner::new(text);
        scanner.object_knowing(&Name::ALL, |name, scanner| {
            let MemberName::Known(index) = name else { return scanner.value().map(drop) };
            if index == Name::Payload as usize && scanner.next_is_object() {
                let start = scanner.position();
                let payload = read_payload(scanner, reasons)?;
                let value = Value { raw: scanner.since(start), kind: Kind::Object };
                if self.keep(index, value, reasons) {
                    self.payload = Some(payload);
                }
            } else {
                let value = scanner.value()?;
                self.keep(index, value, reasons);
            }
            Ok(())
        })?;
        scanner.end()?;
        self.lone_surrogate = scanner.lone_surrogate().is_some();
        Ok(())
    }

    /// Whether it was kept.
    fn keep(&mut self, index: usize, value: Value<'a>, reasons: &mut Vec<Reason>) -> bool {
        let slot = &mut self.values[index];
        let first = slot.is_none();
        if first {
            *slot = Some(value);
        } else {
            twice(Name::ALL[index], reasons);
        }
        first
    }
}

fn read_payload<'a>(scanner: &mut Scanner<'a>, reasons: &mut Vec<Reason>) -> Result<Payload<'a>, Fault> {
    let mut payload = Payload::default();
    let mut seen = [false; Payload::KNOWN.len()];
    scanner.object_knowing(&Payload::KNOWN, |name, scanner| {
        let index = match name {
            MemberName::Known(index) => index,
            MemberName::Other(name) => {
                payload.others.push(Member { name, value: scanner.value()? });
                return Ok(());
            }
        };
        let name = Payload::KNOWN[index];
        if std::mem::replace(&mut seen[index], true) {
            twice(&format!("payload.{name}"), reasons);
            return scanner.value().map(drop);
        }
        match name {
            "data" if scanner.next_is_object() => payload.data = Some(read_data(scanner)?),
            "data" => payload.bad_data = Some(scanner.value()?),
            "metadata" => payload.metadata = Some(scanner.value()?),
            _ => drop(scanner.value()?),
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
