//! Rows about the payload: flat and nested, contracts, types, aliases, metadata.

use serde_json::json;

use super::harness::{Event, Row, row};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = shapes();
    rows.extend(contracts());
    rows.extend(types());
    rows.extend(aliases());
    rows.extend(metadata());
    rows
}

fn noted(payload: &str) -> Event {
    Event::of("sales.noted", "{}").set("payload", payload)
}

fn shapes() -> Vec<Row> {
    let data = |data| json!({"payload": {"action": "take", "data": data}});
    vec![
        row(12, "the Standard Event Format", &noted(r#"{"action":"noted","data":{"note":"n"},"metadata":{}}"#))
            .derives("work.take", data(json!({"note": "n"}))),
        row(12, "a flat payload is normalised", &noted(r#"{"note":"n","more":[1]}"#))
            .derives("work.take", data(json!({"note": "n", "more": [1]}))),
        row(32, "nested with nothing beside it", &noted(r#"{"data":{"note":"n"}}"#))
            .derives("work.take", data(json!({"note": "n"}))),
        row(32, "a key beside data: flat", &noted(r#"{"data":{"note":"x"},"note":"n"}"#))
            .derives("work.take", data(json!({"note": "n", "data": {"note": "x"}}))),
        row(33, "an action that is not the name", &noted(r#"{"action":"won","data":{"note":"n"}}"#))
            .derives("work.take", data(json!({"note": "n"}))),
        row(64, "flat with action and metadata", &noted(r#"{"action":"x","note":"n","metadata":{"hops":2}}"#)).derives(
            "work.take",
            json!({"payload": {"data": {"note": "n", "action": null, "metadata": null},
                "metadata": {"hops": 3}}}),
        ),
        row(64, "data that is no object", &noted(r#"{"data":[],"note":"n"}"#)).invalid("payload_invalid"),
        row(64, "data that is null", &noted(r#"{"data":null}"#)).invalid("payload_invalid"),
        row(64, "a payload that is no object", &noted("[]")).invalid("payload_invalid"),
        row(49, "data twice", &noted(r#"{"data":{"note":"n"},"data":{}}"#)).invalid("duplicate_name"),
        row(49, "an undeclared name twice passes", &noted(r#"{"data":{"note":"n","x":1,"x":2}}"#))
            .derives("work.take", data(json!({"note": "n", "x": 2}))),
        row(49, "a declared name twice", &noted(r#"{"data":{"note":"n","note":"n"}}"#)).invalid("duplicate_name"),
        row(49, "also in a flat payload", &noted(r#"{"note":"n","note":null}"#)).invalid("duplicate_name"),
    ]
}

fn contracts() -> Vec<Row> {
    let closed = |data: &str| Event::of("sales.closed_world", data);
    let long = format!(r#"{{"id":"i","{}":1}}"#, "x".repeat(2000));
    vec![
        row(31, "undeclared fields pass", &Event::of("sales.noted", r#"{"note":"n","new":{"a":1.50}}"#))
            .derives("work.take", json!({"payload": {"data": {"new": {"a": 1.5}}}})),
        row(31, "undeclared fields refused", &closed(r#"{"id":"i","new":1}"#)).invalid("field_undeclared"),
        row(31, "a stranger's name is shortened", &closed(&long))
            .invalid("field_undeclared")
            .says("x…` is not declared"),
        row(65, "null for a required field", &Event::of("sales.noted", r#"{"note":null}"#)).invalid("field_missing"),
        row(65, "null for an optional one", &Event::of("sales.typed", r#"{"id":"i","n":null,"any":null}"#)),
        row(80, "without a key the event id is the entity", &Event::of("sales.noted", r#"{"note":"n"}"#))
            .keys(&["acme/evt_1"]),
        row(80, "the first required id is the key", &Event::of("sales.noted", r#"{"note":"n","note_id":"7"}"#))
            .patch("note: string", "{note: string, note_id: string}")
            .keys(&["acme/7"]),
    ]
}

fn types() -> Vec<Row> {
    let one = |decision, field: &str, good: &[&str], bad: &[&str]| {
        let event = |value: &str| Event::of("sales.typed", &format!("{{\"id\":\"i\",\"{field}\":{value}}}"));
        let passes = good.iter().map(|value| {
            let row = row(decision, &format!("{field}: {value}"), &event(value));
            let zoneless = matches!((field, *value), ("t", "\"2024-01-15T10:30:00\""));
            row.observed(if zoneless { "zoneless" } else { "" })
        });
        let fails =
            bad.iter().map(|value| row(decision, &format!("{field}: {value}"), &event(value)).invalid("field_invalid"));
        passes.chain(fails).collect::<Vec<_>>()
    };
    [
        one(51, "n", &["1", "-0.0", "1e308", "12345678901234567890"], &["1e400", "\"1\"", "true", "[]", "{}"]),
        one(51, "f", &["0", "1.0", "5e-1"], &["1.01", "-0.1"]),
        one(51, "i", &["1.0", "-9223372036854775808", "1e3", "0.0"], &["1.5", "9223372036854775808", "1e30", "\"1\""]),
        one(
            51,
            "d",
            &["\"1234.50\"", "1234.5", "\"-0.01\"", "0", "9999.99"],
            &["\"1234.500\"", "12345", "\"1e2\"", "1e2", "\"\"", "\"1.\"", "\"+1\"", "\"00001\"", "\" 1\""],
        ),
        one(51, "rate", &["\"0.25\"", "0.25", "0"], &["1", "0.255", "\"00.25\""]),
        one(51, "list", &["[]", "[1,2.0]"], &["[1,\"2\"]", "{}"]),
        one(
            52,
            "t",
            &[
                "\"1969-07-20T20:17:40Z\"",
                "\"2024-01-15T10:30:00\"",
                "\"9999-12-31T23:59:59Z\"",
                "\"0001-01-01T00:00:00Z\"",
            ],
            &["\"0000-12-31T00:00:00Z\"", "\"9999-12-31T23:59:59-01:00\"", "\"2024-1-5T1:2:3\"", "0", "\"\""],
        ),
        one(52, "day", &["\"2024-02-29\""], &["\"2023-02-29\"", "\"2024-2-9\"", "\"2024-01-15T00:00:00Z\""]),
        one(
            52,
            "p",
            &["\"2024\"", "\"2024-Q1\"", "\"2024-12\"", "\"Q1_2024\""],
            &["\"2024-Q5\"", "\"2024-13\"", "\"Q1-2024\"", "2024", "\"\""],
        ),
        one(51, "e", &["\"low\""], &["\"Low\"", "0"]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn aliases() -> Vec<Row> {
    let won = |data: &str| Event::of("sales.won", data);
    let aliased = r#"{ "deal_id": "d", "value": 1.50, "person": {"who": "W", "tags": [ {"who":1} ]}, "salary": 1 }"#;
    let both = r#"{"deal_id":"d","value":1,"amount":1,"salary":1,"person":{"name":"n","tags":[]}}"#;
    let plain = r#"{"deal_id":"d","amount":1.50,"salary":1,"person":{"name":"n","tags":[]}}"#;
    vec![
        row(36, "aliases become canonical, also inside", &won(aliased))
            .derives(
                "work.pay",
                json!({"payload": {"data": {"amount": 1.5, "value": null,
                "person": {"name": "W", "who": null, "tags": [{"who": 1}]}}}}),
            )
            .observed("aliased"),
        row(59, "a field under both its names", &won(both)).invalid("field_twice").observed("aliased"),
        row(59, "also where one is null", &won(&both.replace("\"amount\":1", "\"amount\":null")))
            .invalid("field_twice")
            .observed("aliased"),
        row(49, "one name twice, of a field that has two", &won(&both.replace("value", "amount")))
            .invalid("duplicate_name"),
        row(
            59,
            "what is valid passes as it was written",
            &Event::of("sales.typed", r#"{"id":"i","p":"Q1_2024","i":1.0,"d":5}"#),
        )
        .derives("work.take", json!({"payload": {"data": {"p": "Q1_2024", "i": 1.0, "d": 5}}})),
        row(35, "an alias of the type", &won(plain).set("event_type", "\"sales.closed\""))
            .derives("work.pay", json!({"payload": {"metadata": {"trigger": "work.pay"}}}))
            .audit(json!({"event_type": "sales.won", "source": {"topic": "sales.won"}}))
            .observed("aliased"),
    ]
}

fn metadata() -> Vec<Row> {
    let with = |metadata: &str| noted(&format!("{{\"data\":{{\"note\":\"n\"}},\"metadata\":{metadata}}}"));
    let mut rows = vec![
        row(43, "hops absent are 0", &with("null")).derives("work.take", json!({"payload": {"metadata": {"hops": 1}}})),
        row(43, "hops + 1", &with(r#"{"hops":15.0}"#))
            .derives("work.take", json!({"payload": {"metadata": {"hops": 16}}}))
            .audit(json!({"hops": 15})),
        row(28, "past the limit", &with(r#"{"hops":16}"#)).dies("loop", "hop_limit").audit(json!({"hops": 16})),
        row(28, "another limit", &with(r#"{"hops":2}"#))
            .patch("max_event_bytes: 50000", "max_hops: 2")
            .dies("loop", "hop_limit"),
        row(
            43,
            "past the limit, without a trigger",
            &Event::of("sales.closed_world", "{}").set("payload", r#"{"data":{"id":"i"},"metadata":{"hops":99}}"#),
        )
        .ends("no_trigger"),
        row(43, "ids of the chain are kept", &with(r#"{"root_id":"r","causation_id":"c","hops":3,"other":[1]}"#))
            .derives(
                "work.take",
                json!({"payload": {"metadata": {"root_id": "r", "causation_id": "evt_1", "other": null}}}),
            )
            .audit(json!({"root_id": "r", "causation_id": "c"})),
        row(65, "null is absent in metadata", &with(r#"{"root_id":null,"causation_id":null,"hops":null}"#))
            .derives("work.take", json!({"payload": {"metadata": {"root_id": "evt_1", "hops": 1}}})),
        row(68, "a causation id that is not a string", &with(r#"{"causation_id":7}"#)).invalid("payload_invalid"),
        row(64, "metadata that is no object", &with("[]")).invalid("payload_invalid"),
        row(49, "hops twice", &with(r#"{"hops":1,"hops":1}"#)).invalid("duplicate_name"),
    ];
    for hops in ["-1", "1.5", "1e99", "\"1\"", "1000001"] {
        rows.push(row(43, &format!("hops {hops}"), &with(&format!("{{\"hops\":{hops}}}"))).invalid("hops_invalid"));
    }
    rows
}
