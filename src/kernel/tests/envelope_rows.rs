//! Rows about the envelope: what must be there, what may be, what is tolerated.

use serde_json::json;

use super::harness::{Event, Row, row};

fn open() -> Event {
    Event::of("sales.noted", "{\"note\":\"n\"}")
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = required();
    rows.extend(ids());
    rows.extend(forms());
    rows.extend(order());
    rows
}

fn required() -> Vec<Row> {
    let mut rows = Vec::new();
    for name in ["event_id", "event_type", "source_module", "tenant_id", "timestamp", "payload"] {
        let missing = format!("`{name}` is missing");
        let missing: &'static str = missing.leak();
        for json in ["", "null"] {
            let event = open().set(name, json);
            let what = format!("{name} is {}", if json.is_empty() { "absent" } else { "null" });
            rows.push(row(30, &what, &event).on("sales.noted").invalid("envelope_field_missing").says(missing));
        }
    }
    let id = |id: &str| open().set("event_id", &format!("\"{id}\""));
    rows.extend([
        row(30, "128 bytes of event id", &id(&"é".repeat(64))).derives("work.take", json!({})),
        row(30, "129 bytes of event id", &id(&"x".repeat(129))).invalid("envelope_field_invalid"),
        row(30, "an empty event id", &id("")).invalid("envelope_field_invalid"),
        row(30, "an unknown envelope field is not carried on", &open().set("priority", "[1]"))
            .derives("work.take", json!({"priority": null})),
        row(30, "a missing correlation id is the root's", &root("r-1")).derives(
            "work.take",
            json!({"correlation_id": "r-1", "payload": {"metadata": {"root_id": "r-1", "causation_id": "evt_1"}}}),
        ),
        row(30, "without a root it is the event's own", &open())
            .derives("work.take", json!({"correlation_id": "evt_1", "payload": {"metadata": {"root_id": "evt_1"}}})),
        row(68, "an empty correlation id is absent", &open().set("correlation_id", "\"\""))
            .derives("work.take", json!({"correlation_id": "evt_1"}))
            .audit(json!({"correlation_id": "evt_1"})),
        row(16, "a user id is kept, and the trigger named", &open().set("user_id", "\"u\""))
            .derives("work.take", json!({"user_id": "u", "payload": {"metadata": {"trigger": "work.take"}}}))
            .audit(json!({"user_id": "u"})),
        row(16, "no user id", &open()).derives("work.take", json!({"user_id": null})).audit(json!({"user_id": null})),
        row(65, "null is absent in the envelope", &open().set("user_id", "null").set("requires_response", "null"))
            .derives("work.take", json!({"user_id": null})),
    ]);
    rows
}

fn root(id: &str) -> Event {
    open().set("payload", &format!("{{\"data\":{{\"note\":\"n\"}},\"metadata\":{{\"root_id\":\"{id}\"}}}}"))
}

fn ids() -> Vec<Row> {
    let tenant = |tenant: &str| open().set("tenant_id", &format!("\"{tenant}\""));
    let entity = |id: &str| Event::of("sales.closed_world", &format!("{{\"id\":\"{id}\"}}"));
    vec![
        row(45, "tenants", &tenant("9.x-y_Z")).keys(&["9.x-y_Z/evt_1"]),
        row(45, "a tenant with a slash", &tenant("a/b"))
            .invalid("envelope_field_invalid")
            .letter("revbus.dead.tenant", ""),
        row(45, "a tenant of 129 bytes", &tenant(&"t".repeat(129))).invalid("envelope_field_invalid"),
        row(45, "a tenant that begins with a point", &tenant(".t")).invalid("envelope_field_invalid"),
        row(45, "an entity of 512 bytes", &entity(&"x".repeat(512))).ends("no_trigger"),
        row(45, "an entity of 513 bytes", &entity(&"x".repeat(513))).invalid("entity_invalid"),
        row(45, "an empty entity", &entity("")).invalid("entity_invalid"),
        row(50, "a NUL in an entity", &entity("a\\u0000b")).invalid("entity_invalid"),
        row(50, "a NUL in an event id", &open().set("event_id", "\"a\\u0000\"")).invalid("envelope_field_invalid"),
        row(50, "a NUL in a root id", &root("a\\u0000b")).invalid("payload_invalid"),
        row(50, "a lone surrogate in data", &Event::of("sales.noted", "{\"note\":\"\\ud800\"}"))
            .invalid("lone_surrogate"),
        row(50, "a lone surrogate in a name", &open().set("x", "{\"\\udc00\":1}")).invalid("lone_surrogate"),
        row(50, "a pair of surrogates", &Event::of("sales.noted", "{\"note\":\"\\ud83d\\ude00\"}"))
            .derives("work.take", json!({"payload": {"data": {"note": "😀"}}})),
        row(50, "not UTF-8", &open()).bytes(Some(b"{\"event_id\":\"\xff\"}")).invalid("not_utf8"),
        row(54, "a tenant that is not listed", &open())
            .patch("max_event_bytes: 50000", "tenants: [b, c]")
            .invalid("unknown_tenant")
            .letter("revbus.dead.tenant", "acme")
            .audit(json!({"tenant_id": "acme"})),
        row(54, "a tenant that is", &open()).patch("max_event_bytes: 50000", "tenants: [b, acme, a]"),
    ]
}

fn forms() -> Vec<Row> {
    let time = |time: &str| open().set("timestamp", &format!("\"{time}\""));
    vec![
        row(17, "a fact that wants an answer", &open().set("requires_response", "true")).invalid("response_on_fact"),
        row(17, "a fact that wants none", &open().set("requires_response", "false")),
        row(34, "target_module on a fact", &open().set("target_module", "\"nobody\""))
            .derives("work.take", json!({"target_module": "work"})),
        row(34, "requires_response beside it", &open().set("target_module", "\"x\"").set("requires_response", "true"))
            .invalid("response_on_fact"),
        row(53, "timeout_seconds on a fact is ignored", &open().set("timeout_seconds", "-5"))
            .derives("work.take", json!({"timeout_seconds": 30})),
        row(49, "an envelope field twice", &open().add("tenant_id", "\"acme\"")).invalid("duplicate_name"),
        row(49, "also one that is null", &open().set("user_id", "null").add("user_id", "\"u\""))
            .invalid("duplicate_name"),
        row(49, "a thousand times is one reason", &(0..1000).fold(open(), |event, _| event.add("user_id", "1")))
            .invalid("duplicate_name,envelope_field_invalid")
            .audit(json!({"reasons": [
                {"code": "duplicate_name", "message": "`user_id` stands there twice"},
                {"code": "envelope_field_invalid", "message": "`user_id` must be a string, not a number"},
            ]})),
        row(52, "no zone is UTC", &time("2024-01-15T10:30:00")).observed("zoneless"),
        row(52, "a fraction and an offset", &time("2024-01-15T10:30:00.5+01:00")),
        row(52, "one second too far ahead", &time("2024-01-16T10:30:01Z")).invalid("timestamp_in_future"),
        row(52, "as far ahead as may be", &time("2024-01-16T10:30:00Z")),
        row(52, "long ago", &time("1970-01-01T00:00:00Z")),
        row(52, "another form", &time("15.01.2024")).invalid("timestamp_invalid"),
        row(52, "short numbers", &time("2024-1-15T1:2:3")).invalid("timestamp_invalid"),
        row(52, "blanks for digits", &time("2024- 1-15T10:30:00")).invalid("timestamp_invalid"),
        row(52, "a point and no fraction", &time("2024-01-15T10:30:00.")).invalid("timestamp_invalid"),
        row(52, "a number", &open().set("timestamp", "1705314600")).invalid("envelope_field_invalid"),
        row(42, "a tombstone", &open()).bytes(None).invalid("empty_record").audit(json!({"payload_digest": null})),
        row(42, "an empty value", &open()).bytes(Some(b"")).invalid("empty_record"),
        row(68, "a byte order mark", &open())
            .bytes(Some(b"\xef\xbb\xbf{}"))
            .invalid("not_json")
            .says("byte order mark"),
        row(68, "Confluent framing", &open())
            .bytes(Some(b"\0\0\0\0\x07{}"))
            .invalid("not_json")
            .says("schema registry's framing (schema id 7)"),
        row(68, "64 levels", &Event::of("sales.noted", &nested(61))).derives("work.take", json!({})),
        row(68, "65 levels", &Event::of("sales.noted", &nested(62))).invalid("too_deep"),
        row(68, "64 levels, flat: one more in the command", &open().set("payload", &nested(62)))
            .dies("failed", "derived_invalid")
            .says("nested deeper than 64"),
        row(68, "a list", &open()).bytes(Some(b"[]")).invalid("not_json"),
        row(68, "two values", &open()).bytes(Some(b"{} {}")).invalid("not_json"),
    ]
}

/// Data with a value that nests so deep that the data has `levels` levels more than its own.
fn nested(levels: usize) -> String {
    format!("{{\"note\":\"n\",\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels))
}

fn order() -> Vec<Row> {
    let bad = Event::of("sales.noted", "{\"note\":7}")
        .set("source_module", "\"work\"")
        .set("timestamp", "\"2030-01-01T00:00:00Z\"")
        .set("event_id", "\"\"");
    vec![
        row(60, "all breaches at once", &bad)
            .patch("max_event_bytes: 50000", "tenants: [b]")
            .on("sales.won")
            .invalid("envelope_field_invalid,wrong_topic,wrong_owner,unknown_tenant,timestamp_in_future,field_invalid"),
        row(60, "no payload check of an unknown type", &bad.clone().set("event_type", "\"sales.nothing\""))
            .on("sales.noted")
            .invalid("envelope_field_invalid,unknown_type,timestamp_in_future"),
        row(63, "no sentence moves a reader's terminal", &open().set("event_type", "\"sales.\\u001b[2J\""))
            .on("sales.noted")
            .invalid("unknown_type")
            .letter("revbus.dead.message", "the catalogue has no event type `sales. [2J`"),
        row(48, "a command on a fact's topic", &Event::of("work.take", "{}"))
            .on("sales.noted")
            .invalid("wrong_topic,wrong_owner")
            .says("the router alone publishes commands"),
        row(82, "a module that claims another's fact", &open().set("source_module", "\"work\""))
            .invalid("wrong_owner")
            .audit(json!({"source_module": "work"})),
    ]
}
