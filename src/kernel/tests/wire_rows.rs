//! Rows about what stands around an event: keys, headers, sizes, dead letters, audit records.

use serde_json::json;

use super::harness::{Event, Row, row};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = keys();
    rows.extend(letters());
    rows.extend(sizes());
    rows.extend(audits());
    rows
}

fn noted() -> Event {
    Event::of("sales.noted", r#"{"note":"n"}"#)
}

fn keys() -> Vec<Row> {
    let keyed = |id: &str| Event::of("sales.keyed", &format!("{{\"id\":\"{id}\"}}"));
    vec![
        row(44, "the entity's key", &keyed("a/b%\\u0001é")).key("acme/a%2Fb%25%01é").keys(&["acme/a%2Fb%25%01é"]),
        row(44, "required and missing", &keyed("a")).invalid("record_key_mismatch"),
        row(44, "required and different", &keyed("a")).key("acme/b").invalid("record_key_mismatch").observed("foreign_key"),
        row(44, "not encoded is different", &keyed("a/b")).key("acme/a/b").invalid("record_key_mismatch").observed("foreign_key"),
        row(44, "different and tolerated: the body decides", &noted()).key("x").keys(&["acme/evt_1"]).observed("foreign_key"),
        row(36, "trace headers pass, others do not", &noted())
            .header(b"traceparent", Some(b"00-1"))
            .header(b"\xff", Some(b"x"))
            .header(b"tracestate", Some(b"s"))
            .header(b"traceparent", Some(b"00-2"))
            .derived_headers("traceparent=00-1 tracestate=s"),
        row(36, "a null trace header is none", &noted()).header(b"traceparent", None).derived_headers(""),
        row(36, "CloudEvents headers where asked for", &Event::of("sales.mapped", r#"{"id":"i","amount":1}"#))
            .derived_headers(
                "ce_specversion=1.0 ce_id=evt_659effea-f532-544e-8299-0cc5da5a0dd7 ce_type=work.book ce_source=/revbus/sales \
                 ce_time=2024-01-15T10:30:00.000Z content-type=application/json",
            ),
    ]
}

fn letters() -> Vec<Row> {
    let bad = noted().set("event_type", "\"sales.nothing\"");
    vec![
        row(63, "its headers", &bad)
            .on("sales.noted")
            .invalid("unknown_type")
            .letter("revbus.dead.message", "the catalogue has no event type `sales.nothing`")
            .letter("revbus.dead.topic", "sales.noted")
            .letter("revbus.dead.partition", "3")
            .letter("revbus.dead.offset", "41")
            .letter("revbus.dead.timestamp", "2024-01-15T10:30:00.000Z")
            .letter("revbus.dead.tenant", "acme")
            .letter("revbus.dead.replays", "0"),
        row(63, "replays are counted on", &bad)
            .on("sales.noted")
            .header(b"revbus.dead.replays", Some(b"2"))
            .invalid("unknown_type")
            .letter("revbus.dead.replays", "2")
            .audit(json!({"replays": 2})),
        row(62, "a good replay says so", &noted())
            .header(b"revbus.dead.replays", Some(b"1"))
            .audit(json!({"replays": 1, "outcome": "routed"})),
        row(62, "one that was edited, too, and not what", &noted())
            .header(b"revbus.dead.replays", Some(b"1"))
            .header(b"revbus.replay.edit", Some(b"data.deal_id = \"d\""))
            .audit(json!({"replays": 1, "edited": true, "outcome": "routed"})),
        row(41, "the prefix of topics", &bad)
            .on("sales.noted")
            .patch("max_event_bytes: 50000", "topic_prefix: eu.")
            .invalid("unknown_type")
            .letter("revbus.dead.topic", "eu.sales.noted"),
        row(74, "names of types have no prefix", &noted())
            .patch("max_event_bytes: 50000", "topic_prefix: eu.")
            .derives("work.take", json!({"event_type": "work.take"}))
            .audit(json!({"event_type": "sales.noted", "source": {"topic": "eu.sales.noted"}})),
    ]
}

fn sizes() -> Vec<Row> {
    let long = |bytes: usize| Event::of("sales.noted", &format!(r#"{{"note":"{}"}}"#, "x".repeat(bytes)));
    let ruled = Event::of("sales.ruled", &format!(r#"{{"id":"i","amount":1000,"x":"{}"}}"#, "x".repeat(12_000)));
    vec![
        row(69, "a derived event beyond its topic's limit", &long(20_000))
            .limit(20_000)
            .dies("failed", "derived_too_large")
            .says("trigger work.take: the derived event has"),
        row(69, "beyond it by a header", &long(1_000))
            .limit(2_000)
            .header(b"traceparent", Some(&[b'x'; 1_000]))
            .dies("failed", "derived_too_large"),
        row(41, "a value beyond the dead letters' limit is cut", &long(20_000))
            .limit(16_000)
            .dies("failed", "derived_too_large")
            .says("cut to its first"),
        row(68, "a value beyond max_event_bytes", &long(50_000)).invalid("record_too_large"),
        row(62, "a full payload that does not fit", &ruled)
            .patch("max_event_bytes: 50000", "audit: {payload: full}")
            .limit(12_750)
            .audit(json!({"payload": null, "outcome": "routed"}))
            .observed("left_out"),
        row(
            62,
            "ids that do not fit are cut, and are no key",
            &long(1).set("correlation_id", &format!("\"{}\"", "é".repeat(9_000))),
        )
        .limit(16_000)
        .dies("failed", "derived_too_large")
        .audit(json!({"event_id": "evt_1", "correlation_id": "é".repeat(256)}))
        .observed("left_out"),
    ]
}

fn audits() -> Vec<Row> {
    let full = "audit: {payload: full, redact: [note]}";
    let won = r#"{"deal_id":"d","amount":1,"wage":7,"person":{"name":"n","tags":[{"note":1}]}}"#;
    let patch = |row: Row| row.patch("max_event_bytes: 50000", full);
    let hidden = "[redacted]";
    let other = super::harness::EDGE.replacen("max_event_bytes: 50000", "max_event_bytes: 50001", 1);
    vec![
        row(25, "a digest by default", &noted()).audit(json!({"payload": null, "payload_digest":
            "a391ba48d0cc33694e7cd4e9549d3ae351c050693aa92e1bf19063be73d4972e"})),
        row(25, "no digest where none is wanted", &noted())
            .patch("max_event_bytes: 50000", "audit: {payload: none}")
            .audit(json!({"payload": null, "payload_digest": null})),
        patch(row(25, "declared and listed fields are redacted", &Event::of("sales.won", won)))
            .audit(json!({"payload": {"deal_id": "d", "salary": hidden, "wage": null,
                "person": {"tags": [{"note": hidden}]}}}))
            .observed("aliased"),
        patch(row(
            25,
            "a stray member that bears a hidden name",
            &Event::of("sales.won", &won.replace("}}", "},\"more\":[{\"wage\":7}]}")),
        ))
        .audit(json!({"payload": {"amount": 1, "more": [{"wage": hidden}]}}))
        .observed("aliased"),
        row(
            25,
            "what stands in another form than declared",
            &Event::of("sales.won", r#"{"deal_id":"d","amount":1,"salary":7,"person":"n"}"#),
        )
        .patch("max_event_bytes: 50000", "audit: {payload: full, redact: [who]}")
        .invalid("field_invalid")
        .audit(json!({"payload": {"amount": 1, "person": hidden}})),
        patch(row(25, "also of an unknown type", &Event::of("sales.x", won)))
            .on("sales.won")
            .invalid("unknown_type")
            .audit(json!({"payload": {"wage": hidden}})),
        patch(row(25, "also on another topic", &Event::of("sales.noted", won)))
            .on("sales.won")
            .invalid("wrong_topic,field_missing")
            .audit(json!({"payload": {"wage": hidden}})),
        row(25, "a field listed by its alias", &Event::of("sales.won", &won.replace("7", "8")))
            .patch("max_event_bytes: 50000", "audit: {payload: full, redact: [value]}")
            .audit(json!({"payload": {"amount": hidden}}))
            .observed("aliased"),
        patch(row(25, "half of a surrogate pair stays out", &Event::of("sales.open", r#"{"id":"\ud800"}"#)))
            .invalid("lone_surrogate")
            .audit(json!({"payload": null})),
        row(62, "no key without a tenant", &noted().set("tenant_id", "")).invalid("envelope_field_missing").audit(json!({
            "v": 1, "at": "2024-01-15T10:30:00.000Z", "outcome": "invalid", "tenant_id": null, "event_id": "evt_1",
            "source": {"topic": "sales.noted", "partition": 3, "offset": 41}, "root_id": "evt_1", "hops": 0, "replays": null,
            "reasons": [{"code": "envelope_field_missing", "message": "`tenant_id` is missing"}]})),
        row(72, "the record's version", &noted()).audit(json!({"v": 1})),
        row(75, "the digest of the rules", &noted()).patch("max_event_bytes: 50000", "max_event_bytes: 50001").audit(json!({
            "catalogue": crate::ids::CatalogueDigest::of(&other).as_str()})),
    ]
}
