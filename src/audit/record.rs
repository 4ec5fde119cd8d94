//! The audit record's JSON: fields in the order of decision 62, absent ones left out.

use sha2::{Digest as _, Sha256};

use super::{Decision, Extent, PayloadOf, VERSION};
use crate::catalogue::AuditPayload;
use crate::envelope::{push_event_id, push_number};
use crate::ids;
use crate::json::{push_behind, push_string};
use crate::reason;
use crate::schema::Rewrite;

/// The longest text of a bare record, in bytes; more than any id of ours.
const MAX_BARE_TEXT: usize = 512;
/// The most reasons of a bare record.
pub const MAX_BARE_LIST: usize = 32;

/// The parts of the key, `tenant/root_id`, where both are known.
#[must_use]
pub fn key<'d>(decision: &'d Decision<'_, '_>, extent: Extent) -> Option<(&'d str, &'d str)> {
    let (tenant, root) = (decision.envelope.tenant_id.as_deref()?, decision.envelope.root()?);
    (extent != Extent::Bare || root.len() <= MAX_BARE_TEXT).then_some((tenant, root))
}

/// Appends the record's JSON.
pub fn write(decision: &Decision<'_, '_>, payload: PayloadOf<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"v":"#);
    out.extend_from_slice(itoa::Buffer::new().format(VERSION).as_bytes());
    out.extend_from_slice(br#","at":""#);
    decision.at.push_rfc3339(out);
    push_behind(out, r#"","outcome":""#, decision.outcome.code());
    push_behind(out, r#","source":{"topic":""#, decision.topic);
    push_number(out, "partition", decision.partition);
    push_number(out, "offset", decision.offset.0);
    out.push(b'}');
    push_event(decision, payload.extent, out);
    push_behind(out, r#","catalogue":""#, decision.catalogue);
    push_lists(decision, payload.extent, out);
    push_payload(decision, payload, out);
    if let Some(version) = decision.version {
        push_number(out, "version", version.0);
    }
    if let Some(expected) = decision.expected {
        push_number(out, "expected_version", expected.0);
    }
    if decision.replays > 0 {
        push_number(out, "replays", decision.replays);
    }
    if decision.edited {
        // What, the record's header says: here it might be what the catalogue hides.
        out.extend_from_slice(br#","edited":true"#);
    }
    out.push(b'}');
}

fn push_event(decision: &Decision<'_, '_>, extent: Extent, out: &mut Vec<u8>) {
    let envelope = decision.envelope;
    let event_type = decision.known_type.map(|(name, _)| name).or(envelope.event_type.as_deref());
    let root = envelope.root();
    let mut push = |before, text: Option<&str>| {
        if let Some(text) = text {
            push_behind(out, before, cut(text, extent));
        }
    };
    push(r#","event_id":""#, envelope.event_id.as_deref());
    push(r#","event_type":""#, event_type);
    push(r#","tenant_id":""#, envelope.tenant_id.as_deref());
    push(r#","source_module":""#, envelope.source_module.as_deref());
    push(r#","user_id":""#, envelope.user_id.as_deref());
    push(r#","correlation_id":""#, envelope.correlation_id.as_deref().or(root));
    push(r#","causation_id":""#, envelope.metadata.causation_id.as_deref());
    push(r#","root_id":""#, root);
    if envelope.data.is_some() {
        push_number(out, "hops", envelope.metadata.hops);
    }
}

/// A text, cut where the record is to be bare.
fn cut(text: &str, extent: Extent) -> &str {
    match extent {
        Extent::Declared | Extent::Digest => text,
        Extent::Bare => bare(text),
    }
}

/// What a bare record has of a text.
#[must_use]
pub fn bare(text: &str) -> &str {
    reason::cut(text, MAX_BARE_TEXT)
}

fn push_lists(decision: &Decision<'_, '_>, extent: Extent, out: &mut Vec<u8>) {
    let most = if extent == Extent::Bare { MAX_BARE_LIST } else { usize::MAX };
    push_list(out, "reasons", &decision.reasons[..decision.reasons.len().min(most)], |reason, out| {
        push_behind(out, r#"{"code":""#, reason.code.code());
        push_behind(out, r#","message":""#, cut(&reason.message, extent));
        out.push(b'}');
    });
    push_list(out, "derived", &decision.derived, |derivation, out| {
        push_behind(out, r#"{"trigger":""#, derivation.trigger);
        out.extend_from_slice(br#","event_id":""#);
        push_event_id(out, derivation.id);
        push_behind(out, r#"","event_type":""#, derivation.event_type);
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
        out.extend_from_slice(br#","payload_digest":""#);
        ids::push_hex(out, &Sha256::digest(value));
        out.push(b'"');
    }
    if let (AuditPayload::Full, Extent::Declared, Some(data)) = (payload.what, payload.extent, &decision.envelope.data)
    {
        out.extend_from_slice(br#","payload":{"#);
        let rewrite = Rewrite::Redacted(payload.hidden);
        rewrite.push_members(decision.known_type.map(|(_, contract)| contract), &data.members, out);
        out.push(b'}');
    }
}
