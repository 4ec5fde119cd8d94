//! The checks that every record must pass (decision 60): text, envelope, type and topic, owner, tenant, time, payload.
//! All breaches are collected.

use std::borrow::Cow;

use super::effects::Observed;
use crate::catalogue::{Catalogue, EventType, Kind, RecordKey, Tenants, TypeName};
use crate::diagnostic::shorten;
use crate::envelope::{self, Envelope};
use crate::ids::{self, MAX_ENTITY_BYTES, TypeId};
use crate::reason::{Reason, ReasonCode};
use crate::schema::{self, Checked};
use crate::time::{Timestamp, Zone};

/// A record as far as it could be read; a valid event where no reasons were found.
#[derive(Debug, Default)]
pub(super) struct Admitted<'a> {
    pub(super) envelope: Envelope<'a>,
    pub(super) checked: Checked<'a>,
    /// Its type, where the catalogue has it.
    pub(super) event_type: Option<TypeId>,
    /// The entity whose order counts: the key field's text, or the event id.
    pub(super) entity: Option<Cow<'a, str>>,
}

/// Where a record stands, as far as that is checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'r> {
    /// The event type whose topic it came from.
    pub(super) topic: TypeId,
    /// Its key.
    pub(super) key: Option<&'r [u8]>,
}

/// Runs all checks and adds every breach to `reasons`. A value without a place is checked as if it stood where its own
/// type says.
pub(super) fn admit<'a>(
    catalogue: &Catalogue,
    (value, place): (Option<&'a [u8]>, Option<Place<'_>>),
    now: Timestamp,
    observed: &mut Observed,
    reasons: &mut Vec<Reason>,
) -> Admitted<'a> {
    let Some(text) = text(catalogue, value, reasons) else { return Admitted::default() };
    let envelope = envelope::read(text, reasons);
    let mut admitted = Admitted { envelope, checked: Checked::default(), event_type: None, entity: None };
    let mut admission = Admission { catalogue, place, reasons, observed };
    let known = admission.event_type(&admitted.envelope);
    admission.tenant(&admitted.envelope);
    admission.time(&admitted.envelope, now);
    if let Some((id, event_type)) = known {
        admitted.event_type = Some(id);
        admission.payload(event_type, &mut admitted);
    }
    admitted
}

/// The text of a record's value, if it is one that is read at all.
pub(super) fn text<'a>(catalogue: &Catalogue, value: Option<&'a [u8]>, reasons: &mut Vec<Reason>) -> Option<&'a str> {
    let mut refuse = |code, message: String| {
        reasons.push(Reason::new(code, message));
        None
    };
    let value = match value {
        None => return refuse(ReasonCode::EmptyRecord, "the record is a tombstone: it has no value".to_owned()),
        Some([]) => return refuse(ReasonCode::EmptyRecord, "the record's value is empty".to_owned()),
        Some(value) => value,
    };
    let limit = catalogue.settings.max_event_bytes as usize;
    if value.len() > limit {
        let message = format!("the value has {} bytes, more than max_event_bytes ({limit})", value.len());
        return refuse(ReasonCode::RecordTooLarge, message);
    }
    if let [0, a, b, c, d, ..] = *value {
        let schema = u32::from_be_bytes([a, b, c, d]);
        let message = format!("the value is not JSON: it looks like a schema registry's framing (schema id {schema})");
        return refuse(ReasonCode::NotJson, message);
    }
    if value.starts_with(b"\xef\xbb\xbf") {
        return refuse(ReasonCode::NotJson, "the value begins with a byte order mark, which is not JSON".to_owned());
    }
    match std::str::from_utf8(value) {
        Ok(text) => Some(text),
        Err(error) => refuse(ReasonCode::NotUtf8, format!("the value is not UTF-8 at byte {}", error.valid_up_to())),
    }
}

/// The checks at work.
pub(super) struct Admission<'s> {
    pub(super) catalogue: &'s Catalogue,
    pub(super) place: Option<Place<'s>>,
    pub(super) reasons: &'s mut Vec<Reason>,
    pub(super) observed: &'s mut Observed,
}

impl<'s> Admission<'s> {
    pub(super) fn breach(&mut self, code: ReasonCode, message: String) {
        self.reasons.push(Reason::new(code, message));
    }

    /// The event type, where the catalogue has it; whether it is this topic's, and its owner's.
    fn event_type(&mut self, envelope: &Envelope<'_>) -> Option<(TypeId, &'s EventType)> {
        let name = envelope.event_type.as_deref()?;
        let catalogue = self.catalogue;
        // Mostly it is its topic's own, which is told without a look into the table of all names.
        let own = self.place.map(|place| place.topic).filter(|topic| *catalogue.event_type(*topic).name == *name);
        let Some(resolved) = own.map(TypeName::Canonical).or_else(|| catalogue.resolve(name)) else {
            self.breach(ReasonCode::UnknownType, format!("the catalogue has no event type `{}`", shorten(name)));
            return None;
        };
        let event_type = catalogue.event_type(resolved.id());
        match self.place.filter(|place| place.topic != resolved.id()) {
            None => self.observed.aliased |= matches!(resolved, TypeName::Alias(_)),
            Some(place) => {
                let (name, topic) = (&event_type.name, &catalogue.event_type(place.topic).topic.name);
                self.breach(ReasonCode::WrongTopic, format!("`{name}` does not belong on the topic {topic}"));
            }
        }
        self.owner(event_type, envelope);
        Some((resolved.id(), event_type))
    }

    fn owner(&mut self, event_type: &EventType, envelope: &Envelope<'_>) {
        let name = &event_type.name;
        let owner = &self.catalogue.module(event_type.module).name;
        match event_type.kind {
            // The router writes commands and does not read them (decision 48): here it is another's.
            Kind::Command(_) => {
                let message = format!("`{name}` is a command, and the router alone publishes commands");
                self.breach(ReasonCode::WrongOwner, message);
            }
            Kind::Fact(_) => {
                if envelope.source_module.as_deref().is_some_and(|module| *module != **owner) {
                    let message = format!("only the module `{owner}` may publish `{name}`");
                    self.breach(ReasonCode::WrongOwner, message);
                }
                if envelope.requires_response {
                    let message = "`requires_response` is true on a fact: only commands and requests are answered";
                    self.breach(ReasonCode::ResponseOnFact, message.to_owned());
                }
            }
        }
    }

    pub(super) fn tenant(&mut self, envelope: &Envelope<'_>) {
        if let (Some(tenant), Tenants::Listed(listed)) =
            (envelope.tenant_id.as_deref(), &self.catalogue.settings.tenants)
            && listed.binary_search_by(|one| (**one).cmp(tenant)).is_err()
        {
            self.breach(ReasonCode::UnknownTenant, format!("the catalogue lists no tenant `{tenant}`"));
        }
    }

    pub(super) fn time(&mut self, envelope: &Envelope<'_>, now: Timestamp) {
        let Some((time, zone)) = envelope.timestamp else { return };
        self.observed.event_time = Some(time);
        self.observed.zoneless |= zone == Zone::Assumed;
        let max_future = self.catalogue.settings.max_future;
        let ahead = u64::try_from(time.millis().saturating_sub(now.millis())).unwrap_or(0);
        if u128::from(ahead) > max_future.as_millis() {
            let message =
                format!("`timestamp` lies {} s ahead, more than max_future ({} s)", ahead / 1000, max_future.as_secs());
            self.breach(ReasonCode::TimestampInFuture, message);
        }
    }

    fn payload(&mut self, event_type: &EventType, admitted: &mut Admitted<'_>) {
        let Some(data) = &admitted.envelope.data else { return };
        admitted.checked = schema::check(&event_type.contract, &data.members, self.reasons);
        self.observed.zoneless |= admitted.checked.zoneless;
        self.observed.aliased |= admitted.checked.aliased;
        admitted.entity = self.entity(event_type, admitted);
        self.record_key(event_type, admitted);
    }

    fn entity<'a>(&mut self, event_type: &EventType, admitted: &Admitted<'a>) -> Option<Cow<'a, str>> {
        let Some(index) = event_type.key else { return admitted.envelope.event_id.clone() };
        let entity = admitted.checked.values[index]?.text()?;
        if let Err(problem) = check_entity(&entity) {
            let field = &event_type.contract.fields[index].name;
            self.breach(ReasonCode::EntityInvalid, format!("`{field}` {problem}"));
            return None;
        }
        Some(entity)
    }

    fn record_key(&mut self, event_type: &EventType, admitted: &Admitted<'_>) {
        let Some(place) = self.place else { return };
        let (Some(tenant), Some(entity)) = (admitted.envelope.tenant_id.as_deref(), admitted.entity.as_deref()) else {
            return;
        };
        if place.key.is_some_and(|key| is_key(key, tenant, entity)) {
            return;
        }
        self.observed.foreign_key = true;
        if event_type.record_key == RecordKey::Required {
            let message = "the record's key is not `tenant/entity`, which `record_key: required` asks for";
            self.breach(ReasonCode::RecordKeyMismatch, message.to_owned());
        }
    }
}

/// Whether a record's key is the one that we would have given it.
fn is_key(key: &[u8], tenant: &str, entity: &str) -> bool {
    // The plain case, without building the key: tenants never need encoding.
    let plain = key
        .strip_prefix(tenant.as_bytes())
        .and_then(|rest| rest.strip_prefix(b"/"))
        .is_some_and(|rest| rest == entity.as_bytes() && ids::is_plain_key_part(rest));
    plain || {
        let mut expected = Vec::with_capacity(key.len());
        ids::push_key(&mut expected, tenant, entity);
        key == expected
    }
}

/// Whether a text can be an entity's id (decision 45); if not, the rest of a sentence.
pub(super) fn check_entity(entity: &str) -> Result<(), &'static str> {
    if entity.is_empty() {
        Err("is the event's key and is empty")
    } else if entity.len() > MAX_ENTITY_BYTES {
        Err("is the event's key and has more than 512 bytes")
    } else if entity.contains('\0') {
        Err("is the event's key and has a NUL in it")
    } else {
        Ok(())
    }
}
