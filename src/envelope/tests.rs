use super::*;
use crate::reason::Reason;

fn breaches(text: &str) -> Vec<String> {
    let mut reasons: Vec<Reason> = Vec::new();
    let _ = read(text, &mut reasons);
    reasons.iter().map(|reason| format!("{}: {}", reason.code.code(), reason.message)).collect()
}

/// A whole envelope with one field set, or removed where the value is empty.
fn with(name: &str, value: &str) -> String {
    let fields = [
        ("event_id", "\"e1\""),
        ("event_type", "\"pipeline.deal_won\""),
        ("source_module", "\"pipeline\""),
        ("tenant_id", "\"t1\""),
        ("timestamp", "\"2024-01-15T10:30:00Z\""),
        ("payload", "{\"action\":\"deal_won\",\"data\":{\"deal_id\":\"d\"},\"metadata\":{}}"),
    ];
    let mut members: Vec<_> =
        fields.iter().filter(|(other, _)| *other != name).map(|(name, value)| format!("\"{name}\":{value}")).collect();
    if !value.is_empty() {
        members.push(format!("\"{name}\":{value}"));
    }
    format!("{{{}}}", members.join(","))
}

#[test]
fn what_an_envelope_must_have() {
    assert_eq!(breaches(&with("user_id", "null")), [""; 0]);
    for name in ["event_id", "event_type", "source_module", "tenant_id", "timestamp", "payload"] {
        assert_eq!(breaches(&with(name, "")), [format!("envelope_field_missing: `{name}` is missing")]);
        assert_eq!(breaches(&with(name, "null")), [format!("envelope_field_missing: `{name}` is missing")]);
    }
    for (name, value, expected) in [
        ("event_id", "\"\"", "envelope_field_invalid: `event_id` must have 1 to 128 bytes"),
        ("event_id", "7", "envelope_field_invalid: `event_id` must be a string, not a number"),
        ("event_id", "\"a\\u0000b\"", "envelope_field_invalid: `event_id` has a NUL in it"),
        (
            "timestamp",
            "\"yesterday\"",
            "timestamp_invalid: `timestamp` is not a time as RFC 3339 has it, such as 2024-01-15T10:30:00Z",
        ),
        ("payload", "[]", "payload_invalid: `payload` must be an object, not an array"),
        ("payload", "{\"data\":7}", "payload_invalid: `payload.data` must be an object, not a number"),
        ("payload", "{\"data\":{},\"data\":{}}", "duplicate_name: `payload.data` stands there twice"),
        (
            "payload",
            "{\"data\":{},\"metadata\":7}",
            "payload_invalid: `payload.metadata` must be an object, not a number",
        ),
        (
            "payload",
            "{\"data\":{},\"metadata\":{\"hops\":-1}}",
            "hops_invalid: `payload.metadata.hops` must be a whole number from 0 to 1000000",
        ),
        (
            "payload",
            "{\"data\":{},\"metadata\":{\"hops\":1.5}}",
            "hops_invalid: `payload.metadata.hops` must be a whole number from 0 to 1000000",
        ),
        (
            "payload",
            "{\"data\":{},\"metadata\":{\"hops\":1e99}}",
            "hops_invalid: `payload.metadata.hops` must be a whole number from 0 to 1000000",
        ),
        (
            "payload",
            "{\"data\":{},\"metadata\":{\"causation_id\":1}}",
            "payload_invalid: `payload.metadata.causation_id` must be a string, not a number",
        ),
        ("requires_response", "1", "envelope_field_invalid: `requires_response` must be a boolean, not a number"),
        ("user_id", "{}", "envelope_field_invalid: `user_id` must be a string, not an object"),
        ("x", "\"\\ud800\"", "lone_surrogate: a string has half of a surrogate pair, which is no text"),
        ("x", "{\"y\":[\"\\udfff\"]}", "lone_surrogate: a string has half of a surrogate pair, which is no text"),
    ] {
        assert_eq!(breaches(&with(name, value)), [expected], "{name} {value}");
    }
}

#[test]
fn all_breaches_at_once() {
    let text = r#"{"event_id":"","tenant_id":"-","tenant_id":"b","timestamp":5,"payload":{"data":[]}}"#;
    assert_eq!(breaches(text).len(), 7, "{:#?}", breaches(text));
}

#[test]
fn the_first_of_two_counts() {
    let number = "payload_invalid: `payload.data` must be an object, not a number".to_owned();
    let twice = |name| format!("duplicate_name: `{name}` stands there twice");
    for (payload, expected) in [
        (r#"{"data":{},"metadata":{"hops":1},"metadata":7}"#, vec![twice("payload.metadata")]),
        (r#"{"action":"a","data":{},"action":7}"#, vec![twice("payload.action")]),
        (r#"{"data":{},"dat\u0061":7}"#, vec![twice("payload.data")]),
        (r#"{"data":7,"data":{}}"#, vec![twice("payload.data"), number]),
    ] {
        assert_eq!(breaches(&with("payload", payload)), expected, "{payload}");
    }
    let text = with("payload", "{}").replacen("{", "{\"payload\":null,", 1);
    assert_eq!(breaches(&text), [twice("payload"), "envelope_field_missing: `payload` is missing".to_owned()]);
}

#[test]
fn a_name_is_known_by_its_text() {
    let escaped = with("x", "1").replace("event_id", "event\\u005fid");
    assert_eq!(breaches(&escaped), [""; 0]);
    let longer = with("x", "1").replace("event_id", "event_idx");
    assert_eq!(breaches(&longer), ["envelope_field_missing: `event_id` is missing"]);
}

#[test]
fn flat_and_nested_payloads_are_told_apart() {
    let cases = [
        ("{\"data\":{\"a\":1}}", "a", true),
        ("{\"action\":\"x\",\"data\":{\"a\":1},\"metadata\":null}", "a", true),
        ("{\"deal_id\":\"d\",\"amount\":1}", "deal_id amount", false),
        ("{\"action\":\"x\",\"deal_id\":\"d\",\"metadata\":{\"hops\":2}}", "deal_id", false),
        ("{\"deal_id\":\"d\",\"data\":{\"a\":1}}", "deal_id data", false),
        ("{}", "", false),
    ];
    for (payload, names, nested) in cases {
        let text = with("payload", payload);
        let mut reasons = Vec::new();
        let envelope = read(&text, &mut reasons);
        let data = envelope.data.unwrap();
        let seen: Vec<_> = data.members.iter().map(|member| &*member.name).collect();
        assert_eq!((seen.join(" "), data.raw.is_some(), reasons.len()), (names.to_owned(), nested, 0), "{payload}");
    }
}

#[test]
fn ids_of_the_chain() {
    let text = with("correlation_id", "\"\"");
    let mut reasons = Vec::new();
    let envelope = read(&text, &mut reasons);
    let event = envelope.event().unwrap();
    assert_eq!((event.root, event.correlation, event.hops), ("e1", "e1", 0));

    let text = with("payload", r#"{"data":{},"metadata":{"root_id":"r","causation_id":"c","hops":3,"other":[1]}}"#);
    let envelope = read(&text, &mut reasons);
    let event = envelope.event().unwrap();
    assert_eq!((event.root, event.correlation, event.hops), ("r", "r", 3));
    assert_eq!(envelope.metadata.causation_id.as_deref(), Some("c"));
    assert_eq!(reasons, []);
}
