//! Whether an event may be published, before any broker sees it.

use crate::catalogue::{Catalogue, EventType, Kind, Tenants};
use crate::envelope::{self, Envelope};
use crate::ids::{self, TypeId};
use crate::reason::{Reason, ReasonCode};
use crate::schema;
use crate::time::Timestamp;

/// What is known of an event that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its type; the topic is the type's.
    pub event_type: TypeId,
    /// The record's key: `tenant/entity`.
    pub key: Vec<u8>,
}

/// Checks a whole envelope as the router will: envelope, type, owner, tenant, time, payload.
///
/// # Errors
/// Every breach.
pub fn check_event(catalogue: &Catalogue, value: &[u8], now: Timestamp) -> Result<Checked, Vec<Reason>> {
    let limit = catalogue.settings.max_event_bytes as usize;
    if value.len() > limit {
        let message = format!("the event has {} bytes, more than max_event_bytes ({limit})", value.len());
        return Err(vec![Reason::new(ReasonCode::RecordTooLarge, message)]);
    }
    let text = std::str::from_utf8(value).map_err(|error| {
        vec![Reason::new(ReasonCode::NotUtf8, format!("the event is not UTF-8 at byte {}", error.valid_up_to()))]
    })?;
    let mut reasons = Vec::new();
    let envelope = envelope::read(text, &mut reasons);
    around(catalogue, &envelope, now, &mut reasons);
    let key = known(catalogue, &envelope, &mut reasons).and_then(|id| {
        let event_type = catalogue.event_type(id);
        owner(catalogue, event_type, &envelope, &mut reasons);
        Some(Checked { event_type: id, key: key(event_type, &envelope, &mut reasons)? })
    });
    match key {
        Some(checked) if reasons.is_empty() => Ok(checked),
        Some(_) | None => Err(reasons),
    }
}

/// Tenant and time.
fn around(catalogue: &Catalogue, envelope: &Envelope<'_>, now: Timestamp, reasons: &mut Vec<Reason>) {
    if let (Some(tenant), Tenants::Listed(listed)) = (envelope.tenant_id.as_deref(), &catalogue.settings.tenants)
        && !listed.iter().any(|one| **one == *tenant)
    {
        reasons.push(Reason::new(ReasonCode::UnknownTenant, format!("the catalogue lists no tenant `{tenant}`")));
    }
    let ahead = envelope.timestamp.map_or(0, |(time, _)| time.millis().saturating_sub(now.millis()));
    if i128::from(ahead) > catalogue.settings.max_future.as_millis().cast_signed() {
        let message = format!("`timestamp` lies {} s ahead, more than max_future", ahead / 1000);
        reasons.push(Reason::new(ReasonCode::TimestampInFuture, message));
    }
}

fn known(catalogue: &Catalogue, envelope: &Envelope<'_>, reasons: &mut Vec<Reason>) -> Option<TypeId> {
    let name = envelope.event_type.as_deref()?;
    let resolved = catalogue.resolve(name);
    if resolved.is_none() {
        reasons.push(Reason::new(ReasonCode::UnknownType, format!("the catalogue has no event type `{name}`")));
    }
    Some(resolved?.id())
}

fn owner(catalogue: &Catalogue, event_type: &EventType, envelope: &Envelope<'_>, reasons: &mut Vec<Reason>) {
    let name = &event_type.name;
    let mut breach = |code, message| reasons.push(Reason::new(code, message));
    let owner = &catalogue.module(event_type.module).name;
    match event_type.kind {
        Kind::Command(_) => {
            breach(ReasonCode::WrongOwner, format!("`{name}` is a command, and the router alone publishes commands"));
        }
        Kind::Fact(_) if envelope.source_module.as_deref().is_some_and(|module| *module != **owner) => {
            breach(ReasonCode::WrongOwner, format!("only the module `{owner}` may publish `{name}`"));
        }
        Kind::Fact(_) if envelope.requires_response => {
            breach(ReasonCode::ResponseOnFact, "`requires_response` is true on a fact".to_owned());
        }
        Kind::Fact(_) => {}
    }
}

/// Checks the payload, and makes the record's key of the tenant and the event's entity.
fn key(event_type: &EventType, envelope: &Envelope<'_>, reasons: &mut Vec<Reason>) -> Option<Vec<u8>> {
    let checked = schema::check(&event_type.contract, &envelope.data.as_ref()?.members, reasons);
    let entity = match event_type.key {
        Some(index) => checked.values.get(index)?.as_ref()?.text()?,
        None => envelope.event_id.clone()?,
    };
    if entity.is_empty() || entity.len() > ids::MAX_ENTITY_BYTES || entity.contains('\0') {
        let message = "the event's key field is empty, has a NUL, or more than 512 bytes".to_owned();
        reasons.push(Reason::new(ReasonCode::EntityInvalid, message));
    }
    let mut key = Vec::new();
    ids::push_key(&mut key, envelope.tenant_id.as_deref()?, &entity);
    Some(key)
}
