//! The audit record's JSON: fields in the order of decision 62, absent ones left out.

use sha2::{Digest as _, Sha256};

use super::{Decision, PayloadOf, VERSION};
use crate::catalogue::AuditPayload;
use crate::envelope::{push_event_id, push_field, push_number};
use crate::ids;
use crate::json::push_string;
use crate::schema::Rewrite;

/// Whether tenant and root id are known, so that the record has a key.
#[must_use]
pub fn has_key(decision: &Decision<'_, '_>) -> bool {
    decision.envelope.tenant_id.is_some() && decision.envelope.root().is_some()
}

/// Appends the key: `tenant/root_id`.
pub fn push_key(decision: &Decision<'_, '_>, out: &mut Vec<u8>) {
    if let (Some(tenant), Some(root)) = (decision.envelope.tenant_id.as_deref(), decision.envelope.root()) {
        ids::push_key(out, tenant, root);
    }
}

/// Appends the record's JSON.
pub fn write(decision: &Decision<'_, '_>, payload: PayloadOf<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"v\":");
    out.extend_from_slice(itoa::Buffer::new().format(VERSION).as_bytes());
    out.extend_from_slice(b",\"at\":\"");
    decision.at.push_rfc3339(out);
    out.push(b'"');
    push_field(out, "outcome", decision.outcome.code());
    out.extend_from_slice(b",\"source\":{\"topic\":");
    push_string(out, decision.topic);
    push_number(out, "partition", decision.partition);
    push_number(out, "offset", decision.offset.0);
    out.push(b'}');
    push_event(decision, out);
    push_field(out, "catalogue", decision.catalogue);
    push_lists(decision, out);
    push_payload(decision, payload, out);
    if decision.replays > 0 {
        push_number(out, "replays", decision.replays);
    }
    out.push(b'}');
}

fn push_event(decision: &Decision<'_, '_>, out: &mut Vec<u8>) {
    let envelope = decision.envelope;
    let event_type = decision.known_type.map(|(name, _)| name).or(envelope.event_type.as_deref());
    let root = envelope.root();
    for (name, value) in [
        ("event_id", envelope.event_id.as_deref()),
        ("event_type", event_type),
        ("tenant_id", envelope.tenant_id.as_deref()),
        ("source_module", envelope.source_module.as_deref()),
        ("user_id", envelope.user_id.as_deref()),
        ("correlation_id", envelope.correlation_id.as_deref().or(root)),
        ("causation_id", envelope.metadata.causation_id.as_deref()),
        ("root_id", root),
    ] {
        if let Some(value) = value {
            push_field(out, name, value);
        }
    }
    if envelope.data.is_some() {
        push_number(out, "hops", envelope.metadata.hops);
    }
}

fn push_lists(decision: &Decision<'_, '_>, out: &mut Vec<u8>) {
    push_list(out, "reasons", decision.reasons, |reason, out| {
        out.extend_from_slice(b"{\"code\":");
        push_string(out, reason.code.code());
        push_field(out, "message", &reason.message);
        out.push(b'}');
    });
    push_list(out, "derived", &decision.derived, |derivation, out| {
        out.extend_from_slice(b"{\"trigger\":");
        push_string(out, derivation.trigger);
        out.extend_from_slice(b",\"event_id\":\"");
        push_event_id(out, derivation.id);
        out.push(b'"');
        push_field(out, "event_type", derivation.event_type);
        out.push(b'}');
    });
    push_list(out, "not_fired", &decision.not_fired, |trigger, out| push_string(out, trigger));
}

/// Appends `,"name":[…]`; nothing for an empty list.
fn push_list<T>(out: &mut Vec<u8>, name: &str, list: &[T], push: impl Fn(&T, &mut Vec<u8>)) {
    if list.is_empty() {
        return;
    }
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":[");
    for (index, one) in list.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(one, out);
    }
    out.push(b']');
}

fn push_payload(decision: &Decision<'_, '_>, payload: PayloadOf<'_>, out: &mut Vec<u8>) {
    if payload.what == AuditPayload::None {
        return;
    }
    if let Some(value) = decision.value {
        out.extend_from_slice(b",\"payload_digest\":\"");
        ids::push_hex(out, &Sha256::digest(value));
        out.push(b'"');
    }
    if let (AuditPayload::Full, Some(data)) = (payload.what, &decision.envelope.data) {
        out.extend_from_slice(b",\"payload\":{");
        let rewrite = Rewrite::Redacted(&payload.settings.redact);
        rewrite.push_members(decision.known_type.map(|(_, contract)| contract), &data.members, out);
        out.push(b'}');
    }
}
