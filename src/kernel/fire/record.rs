//! What a derived event has beside its value: its headers, and a topic that takes it.

use crate::catalogue::EventType;
use crate::envelope::Derived;
use crate::kernel::{Effects, Produce, Record, Span, TopicFacts};
use crate::reason::{Reason, ReasonCode};

/// Adds the headers of a derived event.
pub(in crate::kernel) fn push_headers<T>(
    record: &Record<'_, T>,
    target: &EventType,
    derived: &Derived<'_>,
    out: &mut Effects,
) -> (usize, usize) {
    let start = out.headers.len();
    for name in ["traceparent", "tracestate"] {
        let found = record.headers.iter().find(|(header, _)| *header == name.as_bytes());
        if let Some((_, Some(value))) = found {
            let span = out.write(|bytes| bytes.extend_from_slice(value));
            out.headers.push((name, span));
        }
    }
    if target.cloudevents {
        push_cloudevents(derived, out);
    }
    (start, out.headers.len())
}

/// Whether a topic takes a derived event.
pub(in crate::kernel) fn check_size(
    trigger: &str,
    topic: TopicFacts,
    produce: &Produce,
    out: &Effects,
) -> Result<(), Reason> {
    let headers: usize =
        out.headers[produce.headers.0..].iter().map(|(name, value)| name.len() + value.len() + 10).sum();
    let size = produce.value.len() + produce.key.map_or(0, Span::len) + headers;
    if size <= topic.room() {
        return Ok(());
    }
    let message =
        format!("trigger {trigger}: the derived event has {size} bytes, its topic takes {}", topic.max_message_bytes);
    Err(Reason::new(ReasonCode::DerivedTooLarge, message))
}

/// CloudEvents 1.0 in binary mode, as the Kafka protocol binding has it.
fn push_cloudevents(derived: &Derived<'_>, out: &mut Effects) {
    let id = format!("evt_{}", derived.id);
    let source = format!("/revbus/{}", derived.source_module);
    let time = derived.timestamp.to_rfc3339();
    for (name, value) in [
        ("ce_specversion", "1.0"),
        ("ce_id", &id),
        ("ce_type", derived.event_type),
        ("ce_source", &source),
        ("ce_time", &time),
        ("content-type", "application/json"),
    ] {
        let span = out.write(|bytes| bytes.extend_from_slice(value.as_bytes()));
        out.headers.push((name, span));
    }
}
