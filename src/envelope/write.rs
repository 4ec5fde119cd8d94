//! What the router writes: a derived event in the Standard Event Format, field for field in the document's order.

use uuid::Uuid;

use crate::json::{push_behind, push_string};
use crate::time::Timestamp;

/// Everything about a derived event but its data.
#[derive(Debug, Clone, Copy)]
pub struct Derived<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its type.
    pub event_type: &'a str,
    /// The name part of its type: `payload.action`.
    pub action: &'a str,
    /// The module that it comes from.
    pub source_module: &'a str,
    /// The module that it is for; `None` for a fact.
    pub target_module: Option<&'a str>,
    /// The source's tenant.
    pub tenant: &'a str,
    /// The root's user (decision 16).
    pub user: Option<&'a str>,
    /// The router's time.
    pub timestamp: Timestamp,
    /// The source's correlation.
    pub correlation: &'a str,
    /// The source's id.
    pub causation: &'a str,
    /// The root's id.
    pub root: &'a str,
    /// The source's hops + 1.
    pub hops: u32,
    /// Which trigger, or which entity type; `None` for a reply.
    pub trigger: Option<&'a str>,
    /// Which catalogue.
    pub catalogue: &'a str,
    /// The action's default; `None` for what nobody answers.
    pub timeout_seconds: Option<u32>,
}

/// Appends a derived event; `data` appends the object that is its data.
pub fn write(derived: &Derived<'_>, out: &mut Vec<u8>, data: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(br#"{"event_id":""#);
    push_event_id(out, derived.id);
    push_behind(out, r#"","event_type":""#, derived.event_type);
    push_behind(out, r#","source_module":""#, derived.source_module);
    if let Some(target) = derived.target_module {
        push_behind(out, r#","target_module":""#, target);
    }
    push_behind(out, r#","tenant_id":""#, derived.tenant);
    if let Some(user) = derived.user {
        push_behind(out, r#","user_id":""#, user);
    }
    out.extend_from_slice(br#","timestamp":""#);
    derived.timestamp.push_rfc3339(out);
    push_behind(out, r#"","payload":{"action":""#, derived.action);
    out.extend_from_slice(br#","data":"#);
    data(out);
    push_behind(out, r#","metadata":{"causation_id":""#, derived.causation);
    push_behind(out, r#","root_id":""#, derived.root);
    push_number(out, "hops", derived.hops);
    if let Some(trigger) = derived.trigger {
        push_behind(out, r#","trigger":""#, trigger);
    }
    push_behind(out, r#","catalogue":""#, derived.catalogue);
    push_behind(out, r#"}},"correlation_id":""#, derived.correlation);
    if let Some(seconds) = derived.timeout_seconds {
        push_number(out, "timeout_seconds", seconds);
    }
    out.push(b'}');
}

/// Appends `evt_` and the id.
pub fn push_event_id(out: &mut Vec<u8>, id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    out.extend_from_slice(b"evt_");
    out.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
}

/// Appends `,"name":"value"`.
pub fn push_field(out: &mut Vec<u8>, name: &str, value: &str) {
    push_name(out, name);
    push_string(out, value);
}

/// Appends `,"name":value`.
#[inline]
pub fn push_number(out: &mut Vec<u8>, name: &str, value: impl itoa::Integer) {
    push_name(out, name);
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

#[inline]
fn push_name(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}
