//! Rows about triggers: what a command carries, conditions, mappings, and that an event is routed whole.

use serde_json::json;

use super::harness::{Event, Row, row};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = conditions();
    rows.extend(mappings());
    rows.extend(commands());
    rows
}

fn ruled(data: &str) -> Event {
    Event::of("sales.ruled", data)
}

fn conditions() -> Vec<Row> {
    vec![
        row(40, "some triggers fire", &ruled(r#"{"id":"i","amount":1000}"#))
            .derives("work.take", json!({"payload": {"metadata": {"trigger": "work.take"}}}))
            .derives("work.pay", json!({"payload": {"metadata": {"trigger": "big"}}, "timeout_seconds": 10}))
            .audit(json!({"outcome": "routed", "not_fired": ["parted"], "reasons": null})),
        row(40, "none fires", &ruled(r#"{"id":"i","amount":1}"#))
            .patch(
                "          - work.take\n          - {emit: work.pay, id: big",
                "          - {emit: work.pay, id: big",
            )
            .ends("no_trigger")
            .audit(json!({"outcome": "no_trigger", "not_fired": ["big", "parted"], "derived": null})),
        row(40, "there is none", &Event::of("sales.closed_world", r#"{"id":"i"}"#))
            .ends("no_trigger")
            .audit(json!({"outcome": "no_trigger", "not_fired": null})),
        row(37, "a condition that fails takes all with it", &ruled(r#"{"id":"i","amount":5000,"parts":0}"#))
            .dies("failed", "condition_failed")
            .says("trigger parted: `when: has(data.parts) && 100 / data.parts > 1` failed: a division by zero")
            .audit(json!({"outcome": "failed", "derived": null, "not_fired": null})),
        row(66, "an absent optional field, unguarded", &ruled(r#"{"id":"i","amount":1}"#))
            .patch("has(data.parts) && 100 / data.parts", "100 / metadata.parts")
            .dies("failed", "condition_failed")
            .says("there is no field `parts`"),
        typed("2024-01-15T10:30:00").derives("work.take", json!({})).observed("zoneless"),
        typed("2024-01-15T10:29:59.999").ends("no_trigger").observed("zoneless"),
        typed("2024-01-15T12:30:00+02:00").derives("work.take", json!({})),
        row(65, "null is absent for `has`", &ruled(r#"{"id":"i","amount":1,"parts":null}"#))
            .derives("work.take", json!({})),
        row(37, "a long condition is still named", &ruled(r#"{"id":"i","amount":1,"parts":0}"#))
            .patch("has(data.parts) &&", format!("'{}' != '' && has(data.parts) &&", "é".repeat(2020)).leak())
            .dies("failed", "condition_failed")
            .says("trigger parted: `when: 'éé"),
        row(
            43,
            "hops come before triggers",
            &ruled("{}").set("payload", r#"{"data":{"id":"i","amount":1,"parts":0},"metadata":{"hops":16}}"#),
        )
        .dies("loop", "hop_limit"),
    ]
}

/// A time that a condition compares with half past ten in UTC.
fn typed(time: &str) -> Row {
    let event = Event::of("sales.typed", &format!(r#"{{"id":"i","t":"{time}"}}"#));
    let when = "has(data.t) && timestamp(data.t) >= timestamp('2024-01-15T10:30:00Z')";
    row(52, &format!("a condition on the time {time}"), &event).patch(
        "          any: object?\n        triggers:\n          - work.take",
        format!("          any: object?\n        triggers:\n          - {{emit: work.take, when: \"{when}\"}}").leak(),
    )
}

fn mappings() -> Vec<Row> {
    let mapped = |data: &str| Event::of("sales.mapped", data);
    vec![
        row(36, "keep limits, map adds and overrides", &mapped(r#"{"secret":"s","id":"i/1","x":1,"value":50}"#))
            .derives("work.book", json!({"payload": {"data": {"id": "i/1", "amount": 100.0, "fee": "12.5",
                "fees": ["1", "2.5"], "by": "sales.mapped/acme", "chain": 0, "secret": null, "x": null, "value": null}}}))
            .keys(&["acme/i%2F1"])
            .observed("aliased"),
        row(51, "a decimal that we make has no more digits than declared", &mapped(r#"{"id":"i","amount":0.01}"#))
            .dies("failed", "derived_invalid")
            .says("trigger work.book: the derived work.book: `fee` has more digits than decimal(8,2)"),
        row(37, "a mapping that fails", &mapped(r#"{"id":"i","amount":1,"x":[]}"#))
            .patch("data.amount / 4.0", "dyn(data)['x'][3]")
            .dies("failed", "mapping_failed")
            .says("trigger work.book: `map.fee: dyn(data)['x'][3]` failed"),
        row(37, "all mappings that fail are named", &mapped(r#"{"id":"i","amount":1}"#))
            .patch("data.amount / 4.0", "dyn(data)['none']")
            .patch("data.amount * 2.0", "1 / (size(data.id) - 1)")
            .dies("failed", "mapping_failed")
            .says("`map.amount: 1 / (size(data.id) - 1)` failed: a division by zero; trigger work.book: `map.fee: dyn(data)['none']` failed"),
        row(36, "keys that a mapping walks have one order", &mapped(r#"{"id":"i","amount":1,"z":1,"b":1,"y":1,"c":1}"#))
            .patch("\"event.event_type + '/' + event.tenant_id\"", "\"data.filter(k, k != 'id').map(k, k)[0]\"")
            .derives("work.book", json!({"payload": {"data": {"by": "amount"}}})),
    ]
}

fn commands() -> Vec<Row> {
    let open = |data: &str| Event::of("sales.open", data);
    vec![
        row(19, "a command names its target", &Event::of("sales.noted", r#"{"note":"n"}"#)).derives(
            "work.take",
            json!({"source_module": "sales", "target_module": "work", "event_type": "work.take",
                "timestamp": "2024-01-15T10:30:00.000Z", "requires_response": null}),
        ),
        row(18, "the action's timeout, or 30", &ruled(r#"{"id":"i","amount":1e3}"#))
            .derives("work.take", json!({"timeout_seconds": 30}))
            .derives("work.pay", json!({"timeout_seconds": 10})),
        row(38, "ids are made of tenant, type, id and trigger", &ruled(r#"{"id":"i","amount":1000}"#))
            .derives("work.take", json!({"event_id": "evt_0889c64e-34f3-53ed-91e8-f2f6a4ff29dd"}))
            .derives("work.pay", json!({"event_id": "evt_51726238-5268-5fdc-8c63-9b7de1730ee7"})),
        row(37, "one command breaks its contract: none leaves", &open(r#"{"id":"i","size":"big"}"#))
            .dies("failed", "derived_invalid")
            .says("trigger work.checked: the derived work.checked: `size` must be an integer, not a string")
            .audit(json!({"derived": null, "reasons": [{"code": "derived_invalid",
                "message": "trigger work.checked: the derived work.checked: `size` must be an integer, not a string"}]})),
        row(67, "the command's key field", &open(r#"{"id":"i","other":"o\u0085/%é"}"#))
            .keys(&["acme/i", "acme/o%C2%85%2F%25é", "acme/i"]),
        row(36, "names that are aliases for the command are its own names there", &open(r#"{"id":"i","extent":"L"}"#))
            .derives("work.checked", json!({"payload": {"data": {"extent": "L"}}}))
            .derives("work.routed", json!({"payload": {"data": {"extent": "L"}}}))
            .derives("work.renamed", json!({"payload": {"data": {"size": "L", "extent": null}}})),
        row(36, "what is mapped goes before an alias that passes", &open(r#"{"id":"i","extent":"L"}"#))
            .patch("- work.renamed", "- {emit: work.renamed, map: {size: \"'S'\"}}")
            .derives("work.checked", json!({"payload": {"data": {"extent": "L"}}}))
            .derives("work.routed", json!({"payload": {"data": {"extent": "L"}}}))
            .derives("work.renamed", json!({"payload": {"data": {"size": "S", "extent": null}}})),
        row(67, "absent: the source's entity", &open(r#"{"id":"i"}"#)).keys(&["acme/i", "acme/i", "acme/i"]),
        row(67, "null is absent", &open(r#"{"id":"i","other":null}"#)).keys(&["acme/i", "acme/i", "acme/i"]),
        row(80, "empty: no key", &open(r#"{"id":"i","other":""}"#))
            .dies("failed", "derived_invalid")
            .says("the derived work.routed: `other` is the event's key and is empty"),
        row(67, "too long: no key", &open(&format!(r#"{{"id":"i","other":"{}"}}"#, "x".repeat(513))))
            .dies("failed", "derived_invalid")
            .says("the derived work.routed: `other` is the event's key and has more than 512 bytes"),
    ]
}
