//! From a text to an envelope: which fields must be there, and what each may be (decisions 30, 32, 45, 50, 52, 64, 65).

use std::borrow::Cow;

use super::members::{Found, Name, Payload, twice};
use super::{Data, Envelope, MAX_CLAIMED_HOPS, Metadata};
use crate::ids::{MAX_EVENT_ID_BYTES, is_tenant_id};
use crate::json::{Escapes, Fault, Kind, Member, Value, members};
use crate::reason::{Reason, ReasonCode};
use crate::schema::integral;
use crate::time::Timestamp;

/// Reads an envelope and adds every breach to `reasons`. A text that is not JSON gives an empty envelope and the one
/// reason that says so.
#[must_use]
pub fn read<'a>(text: &'a str, reasons: &mut Vec<Reason>) -> Envelope<'a> {
    let mut found = Found::default();
    match found.read(text, reasons) {
        Ok(()) => Reading { found: &mut found, reasons }.envelope(),
        Err(fault) => {
            reasons.clear();
            let code = match fault {
                Fault::TooDeep => ReasonCode::TooDeep,
                Fault::Syntax { .. } => ReasonCode::NotJson,
            };
            reasons.push(Reason::new(code, format!("the value is {fault}")));
            Envelope::default()
        }
    }
}

/// Only an escape can have made one: as it stands, a string has no control characters.
fn has_nul(value: Value<'_>, text: &str) -> bool {
    value.kind == Kind::String(Escapes::Some) && text.contains('\0')
}

struct Reading<'a, 'r> {
    found: &'r mut Found<'a>,
    reasons: &'r mut Vec<Reason>,
}

impl<'a> Reading<'a, '_> {
    fn envelope(mut self) -> Envelope<'a> {
        if self.found.lone_surrogate {
            self.breach(
                ReasonCode::LoneSurrogate,
                "a string has half of a surrogate pair, which is no text".to_owned(),
            );
        }
        let mut envelope = Envelope {
            event_id: self.required_text(Name::EventId),
            event_type: self.required_text(Name::EventType),
            source_module: self.required_text(Name::SourceModule),
            tenant_id: self.required_text(Name::TenantId),
            user_id: self.text(Name::UserId),
            timestamp: None,
            correlation_id: self.text(Name::CorrelationId).filter(|id| !id.is_empty()),
            requires_response: self.requires_response(),
            data: None,
            metadata: Metadata::default(),
        };
        // Tolerated on a fact, without effect (decision 34), but it still is a text.
        let _ = self.text(Name::TargetModule);
        self.check_ids(&mut envelope);
        self.timestamp(&mut envelope);
        self.payload(&mut envelope);
        envelope
    }

    fn breach(&mut self, code: ReasonCode, message: String) {
        self.reasons.push(Reason::new(code, message));
    }

    fn text(&mut self, name: Name) -> Option<Cow<'a, str>> {
        let value = self.found.get(name)?;
        let text = value.text();
        match &text {
            None => self.breach(
                ReasonCode::EnvelopeFieldInvalid,
                format!("`{}` must be a string, not {}", name.as_str(), value.what()),
            ),
            Some(text) if has_nul(value, text) => {
                self.breach(ReasonCode::EnvelopeFieldInvalid, format!("`{}` has a NUL in it", name.as_str()));
                return None;
            }
            Some(_) => {}
        }
        text
    }

    fn required_text(&mut self, name: Name) -> Option<Cow<'a, str>> {
        if self.found.get(name).is_none() {
            self.breach(ReasonCode::EnvelopeFieldMissing, format!("`{}` is missing", name.as_str()));
        }
        self.text(name)
    }

    fn check_ids(&mut self, envelope: &mut Envelope<'a>) {
        let long = |id: &Cow<'_, str>| id.is_empty() || id.len() > MAX_EVENT_ID_BYTES;
        if envelope.event_id.as_ref().is_some_and(long) {
            envelope.event_id = None;
            self.breach(ReasonCode::EnvelopeFieldInvalid, "`event_id` must have 1 to 128 bytes".to_owned());
        }
        if envelope.tenant_id.as_ref().is_some_and(|tenant| !is_tenant_id(tenant)) {
            envelope.tenant_id = None;
            self.breach(
                ReasonCode::EnvelopeFieldInvalid,
                "`tenant_id` must be 1 to 128 of A-Z, a-z, 0-9, `.`, `_`, `-`, and begin with a letter or a digit"
                    .to_owned(),
            );
        }
    }

    fn requires_response(&mut self) -> bool {
        match self.found.get(Name::RequiresResponse) {
            None => false,
            Some(Value { kind: Kind::Bool(value), .. }) => value,
            Some(value) => {
                self.breach(
                    ReasonCode::EnvelopeFieldInvalid,
                    format!("`requires_response` must be a boolean, not {}", value.what()),
                );
                false
            }
        }
    }

    fn timestamp(&mut self, envelope: &mut Envelope<'a>) {
        if let Some(text) = self.required_text(Name::Timestamp) {
            envelope.timestamp = Timestamp::parse(&text);
            if envelope.timestamp.is_none() {
                self.breach(
                    ReasonCode::TimestampInvalid,
                    "`timestamp` is not a time as RFC 3339 has it, such as 2024-01-15T10:30:00Z".to_owned(),
                );
            }
        }
    }

    fn payload(&mut self, envelope: &mut Envelope<'a>) {
        match (self.found.get(Name::Payload), self.found.payload.take()) {
            (None, _) => self.breach(ReasonCode::EnvelopeFieldMissing, "`payload` is missing".to_owned()),
            (Some(_), Some(payload)) => {
                if let Some(metadata) = payload.metadata {
                    envelope.metadata = self.metadata(metadata);
                }
                envelope.data = self.data(payload);
            }
            (Some(value), None) => {
                self.breach(ReasonCode::PayloadInvalid, format!("`payload` must be an object, not {}", value.what()));
            }
        }
    }

    /// Nested where `data` is an object and nothing but `action` and `metadata` stands beside it; otherwise flat.
    fn data(&mut self, payload: Payload<'a>) -> Option<Data<'a>> {
        if let Some(value) = payload.bad_data {
            let message = format!("`payload.data` must be an object, not {}", value.what());
            self.breach(ReasonCode::PayloadInvalid, message);
            return None;
        }
        match payload.data {
            Some(data) if payload.others.is_empty() => Some(data),
            data => {
                let mut members = payload.others;
                // Beside other keys, a `data` is a key like them.
                if let Some(raw) = data.and_then(|data| data.raw) {
                    members.push(Member { name: Cow::Borrowed("data"), value: Value { raw, kind: Kind::Object } });
                }
                Some(Data { members, raw: None })
            }
        }
    }

    fn metadata(&mut self, value: Value<'a>) -> Metadata<'a> {
        let mut metadata = Metadata::default();
        match value.kind {
            Kind::Null => return metadata,
            Kind::Object => metadata.raw = Some(value.raw),
            Kind::Bool(_) | Kind::Number | Kind::String(_) | Kind::Array => {
                let message = format!("`payload.metadata` must be an object, not {}", value.what());
                self.breach(ReasonCode::PayloadInvalid, message);
                return metadata;
            }
        }
        let mut seen = [false; 3];
        members(value, |Member { name, value }| {
            let Some(index) = ["causation_id", "root_id", "hops"].iter().position(|known| *known == name) else {
                return;
            };
            if std::mem::replace(&mut seen[index], true) {
                return twice(&format!("payload.metadata.{name}"), self.reasons);
            }
            match (&*name, value.kind) {
                (_, Kind::Null) => {}
                ("causation_id", _) => metadata.causation_id = self.metadata_id("causation_id", value),
                ("root_id", _) => metadata.root_id = self.metadata_id("root_id", value),
                _ => metadata.hops = self.hops(value),
            }
        });
        metadata
    }

    fn metadata_id(&mut self, name: &str, value: Value<'a>) -> Option<Cow<'a, str>> {
        let text = value.text();
        let message = match &text {
            None => format!("`payload.metadata.{name}` must be a string, not {}", value.what()),
            Some(text) if has_nul(value, text) => format!("`payload.metadata.{name}` has a NUL in it"),
            Some(_) => return text.filter(|text| !text.is_empty()),
        };
        self.breach(ReasonCode::PayloadInvalid, message);
        None
    }

    fn hops(&mut self, value: Value<'a>) -> u32 {
        let count = match value.kind {
            Kind::Number => integral(value.raw).filter(|hops| (0..=MAX_CLAIMED_HOPS).contains(hops)),
            Kind::Null | Kind::Bool(_) | Kind::String(_) | Kind::Array | Kind::Object => None,
        };
        count.and_then(|hops| u32::try_from(hops).ok()).unwrap_or_else(|| {
            let message = format!("`payload.metadata.hops` must be a whole number from 0 to {MAX_CLAIMED_HOPS}");
            self.breach(ReasonCode::HopsInvalid, message);
            0
        })
    }
}
