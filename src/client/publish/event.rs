//! An event made of a few values.

use crate::catalogue::{Catalogue, Kind};
use crate::envelope::push_field;
use crate::ids::TypeId;
use crate::json::push_string;
use crate::time::Timestamp;

/// What an event is made of.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// Its type.
    pub event_type: TypeId,
    /// Its id.
    pub event_id: &'a str,
    /// Who publishes it; the module that owns the type where absent.
    pub source_module: Option<&'a str>,
    /// Whose it is.
    pub tenant: &'a str,
    /// Who caused it.
    pub user: Option<&'a str>,
    /// When it happened, RFC 3339; now where absent.
    pub timestamp: Option<&'a str>,
    /// What it belongs to.
    pub correlation: Option<&'a str>,
    /// Its data: the text of a JSON object.
    pub data: &'a str,
}

/// Writes an event in the Standard Event Format, the data byte for byte.
#[must_use]
pub fn write_event(catalogue: &Catalogue, event: &NewEvent<'_>, now: Timestamp) -> Vec<u8> {
    let event_type = catalogue.event_type(event.event_type);
    let owner = &catalogue.module(event_type.module).name;
    let mut out = b"{\"event_id\":".to_vec();
    push_string(&mut out, event.event_id);
    push_field(&mut out, "event_type", &event_type.name);
    push_field(&mut out, "source_module", event.source_module.unwrap_or(owner));
    if matches!(event_type.kind, Kind::Command(_)) {
        push_field(&mut out, "target_module", owner);
    }
    push_field(&mut out, "tenant_id", event.tenant);
    if let Some(user) = event.user {
        push_field(&mut out, "user_id", user);
    }
    match event.timestamp {
        Some(given) => push_field(&mut out, "timestamp", given),
        None => push_field(&mut out, "timestamp", &now.to_rfc3339()),
    }
    out.extend_from_slice(b",\"payload\":{\"action\":");
    push_string(&mut out, &event_type.action);
    out.extend_from_slice(b",\"data\":");
    out.extend_from_slice(event.data.trim().as_bytes());
    out.push(b'}');
    if let Some(correlation) = event.correlation {
        push_field(&mut out, "correlation_id", correlation);
    }
    out.push(b'}');
    out
}
