//! Facts to feed the router with: good ones, and ones that are bad in every way a producer has found so far.
//! Everything follows from the sequence number, so a run can be repeated.

use std::ops::Range;

use serde_json::{Value, json};

use super::bus::Bus;
use super::oracle::{Expect, Sent};
use super::produce::Sender;
use super::record::Outgoing;

/// What `pipeline.deal_won` triggers in the shipped catalogue.
pub const DEAL_WON: &[&str] = &["compensation.calculate", "forecast.validate", "customer_success.onboard"];

/// How many tenants the facts belong to.
pub const TENANTS: usize = 20;

/// A good `pipeline.deal_won`.
pub fn deal_won(sequence: usize) -> Value {
    json!({
        "event_id": format!("evt_{sequence}"),
        "event_type": "pipeline.deal_won",
        "source_module": "pipeline",
        "tenant_id": tenant(sequence),
        "timestamp": "2026-01-05T10:00:00Z",
        "correlation_id": format!("corr_{sequence}"),
        "payload": {
            "action": "deal_won",
            "data": {
                "deal_id": entity(sequence),
                "final_amount": 1000.5 + sequence as f64,
                "close_date": "2026-01-05",
                "rep_id": format!("rep_{}", sequence % 7),
                "account_id": format!("account_{}", sequence % 11),
            },
            "metadata": {},
        },
    })
}

fn tenant(sequence: usize) -> String {
    format!("tenant_{:03}", sequence % TENANTS)
}

/// Ten entities a tenant, so that each key has many facts whose order can be judged.
fn entity(sequence: usize) -> String {
    format!("deal_{}", sequence / TENANTS % 10)
}

/// A way to be bad: its name, the reason code it must get, and how to make it of a good fact.
pub struct Bad {
    pub name: &'static str,
    pub code: &'static str,
    pub make: fn(Value) -> Option<Vec<u8>>,
}

const fn bad(name: &'static str, code: &'static str, make: fn(Value) -> Option<Vec<u8>>) -> Bad {
    Bad { name, code, make }
}

/// The ways to be bad that need nothing but a value.
pub const BAD: &[Bad] = &[
    bad("not JSON", "not_json", |_| Some(b"{\"event_id\": ".to_vec())),
    bad("no JSON object", "not_json", |fact| bytes(&json!([fact]))),
    bad("byte order mark", "not_json", |fact| Some([b"\xef\xbb\xbf", &bytes(&fact).unwrap()[..]].concat())),
    bad("Confluent framing", "not_json", |fact| Some([b"\0\0\0\0\x01", &bytes(&fact).unwrap()[..]].concat())),
    bad("not UTF-8", "not_utf8", |fact| replace(&fact, ":\"rep_", ":\"\u{1}").map(|value| swap(value, 1, 0xff))),
    bad("tombstone", "empty_record", |_| None),
    bad("empty value", "empty_record", |_| Some(Vec::new())),
    bad("missing field", "field_missing", |mut fact| {
        data(&mut fact).as_object_mut().unwrap().remove("final_amount");
        bytes(&fact)
    }),
    bad("null for a required field", "field_missing", |fact| with(fact, "final_amount", Value::Null)),
    bad("wrong type", "field_invalid", |fact| with(fact, "final_amount", json!("a lot"))),
    bad("number beyond a double", "field_invalid", |fact| with_text(fact, "final_amount", "1e400")),
    bad("field under both its names", "field_twice", |fact| with(fact, "amount", json!(5))),
    bad("empty entity", "entity_invalid", |fact| with(fact, "deal_id", json!(""))),
    bad("wrong owner", "wrong_owner", |fact| top(fact, "source_module", json!("forecast"))),
    bad("unknown type", "unknown_type", |fact| top(fact, "event_type", json!("pipeline.deal_eaten"))),
    bad("another topic's type", "wrong_topic", |fact| top(fact, "event_type", json!("pipeline.deal_lost"))),
    bad("bad tenant", "envelope_field_invalid", |fact| top(fact, "tenant_id", json!("_no tenant"))),
    bad("no tenant", "envelope_field_missing", |fact| top(fact, "tenant_id", Value::Null)),
    bad("no time", "timestamp_invalid", |fact| top(fact, "timestamp", json!("yesterday"))),
    bad("future", "timestamp_in_future", |fact| top(fact, "timestamp", json!("2999-01-01T00:00:00Z"))),
    bad("duplicate name", "duplicate_name", |fact| replace(&fact, "\"event_id\":", "\"event_id\":\"x\",\"event_id\":")),
    bad("duplicate data field", "duplicate_name", |fact| replace(&fact, "\"rep_id\":", "\"rep_id\":\"x\",\"rep_id\":")),
    bad("lone surrogate", "lone_surrogate", |fact| replace(&fact, ":\"rep_", ":\"\\ud800")),
    bad("deep nesting", "too_deep", |fact| {
        with_text(fact, "extra", &format!("{}1{}", "[".repeat(5000), "]".repeat(5000)))
    }),
    bad("payload that is text", "payload_invalid", |fact| top(fact, "payload", json!("deal"))),
    bad("response to a fact", "response_on_fact", |fact| top(fact, "requires_response", json!(true))),
    bad("hop loop", "hop_limit", |fact| metadata(fact, "hops", json!(99))),
    bad("negative hops", "hops_invalid", |fact| metadata(fact, "hops", json!(-1))),
];

/// Facts of these sequence numbers; every `every`th is bad, each in the next way.
pub fn mixed(bus: &Bus, sequence: Range<usize>, every: usize) -> Vec<(Outgoing, Expect)> {
    sequence
        .map(|n| {
            let (fact, key) = (deal_won(n), format!("{}/{}", tenant(n), entity(n)));
            let good = bus.outgoing("pipeline.deal_won", &key, fact.to_string());
            if n % every != every - 1 {
                return (good, routed(&fact, DEAL_WON));
            }
            let bad = &BAD[n / every % BAD.len()];
            let headers = vec![(b"sequence".to_vec(), Some(n.to_string().into_bytes()))];
            (Outgoing { value: (bad.make)(fact), headers, ..good }, Expect::Dead(bad.code))
        })
        .collect()
}

/// A good fact of an entity of its own, on a given partition: its command shows that this partition is served.
pub fn probe(bus: &Bus, sequence: usize, partition: i32) -> (Outgoing, Expect) {
    let mut fact = deal_won(sequence);
    data(&mut fact)["deal_id"] = json!(format!("probe_{sequence}"));
    let record = bus.outgoing("pipeline.deal_won", &format!("{}/probe_{sequence}", tenant(sequence)), fact.to_string());
    (Outgoing { partition: Some(partition), ..record }, routed(&fact, DEAL_WON))
}

/// What a good fact must lead to.
pub fn routed(fact: &Value, triggers: &'static [&'static str]) -> Expect {
    let text = |name: &str| fact[name].as_str().unwrap().to_owned();
    Expect::Routed { tenant: text("tenant_id"), event_type: text("event_type"), event_id: text("event_id"), triggers }
}

/// Sends the same facts again.
pub fn repeat(sender: &Sender, sent: &[Sent], expect: &Expect) -> Vec<Sent> {
    let again = sent.iter().map(|sent| {
        let record = Outgoing {
            topic: sent.topic.clone(),
            partition: Some(sent.partition),
            key: sent.key.clone(),
            value: sent.value.clone(),
            headers: sent.headers.clone(),
        };
        (record, expect.clone())
    });
    send(sender, again.collect())
}

/// Writes records and notes where they landed, for the oracle.
pub fn send(sender: &Sender, records: Vec<(Outgoing, Expect)>) -> Vec<Sent> {
    let (outgoing, expected): (Vec<_>, Vec<_>) = records.into_iter().unzip();
    let places = sender.send(&outgoing);
    let sent = outgoing.into_iter().zip(expected).zip(places);
    sent.map(|((record, expect), (partition, offset))| Sent {
        topic: record.topic,
        partition,
        offset,
        key: record.key,
        value: record.value,
        headers: record.headers,
        expect,
    })
    .collect()
}

fn bytes(fact: &Value) -> Option<Vec<u8>> {
    Some(fact.to_string().into_bytes())
}

fn data(fact: &mut Value) -> &mut Value {
    &mut fact["payload"]["data"]
}

fn top(mut fact: Value, name: &str, value: Value) -> Option<Vec<u8>> {
    fact[name] = value;
    bytes(&fact)
}

fn with(mut fact: Value, name: &str, value: Value) -> Option<Vec<u8>> {
    data(&mut fact)[name] = value;
    bytes(&fact)
}

/// A field of the data whose value is this JSON text, which `serde_json` could not write.
fn with_text(mut fact: Value, name: &str, text: &str) -> Option<Vec<u8>> {
    data(&mut fact)[name] = json!("PLACE");
    replace(&fact, "\"PLACE\"", text)
}

fn metadata(mut fact: Value, name: &str, value: Value) -> Option<Vec<u8>> {
    fact["payload"]["metadata"][name] = value;
    bytes(&fact)
}

fn replace(fact: &Value, from: &str, to: &str) -> Option<Vec<u8>> {
    Some(fact.to_string().replacen(from, to, 1).into_bytes())
}

fn swap(mut value: Vec<u8>, from: u8, to: u8) -> Vec<u8> {
    value.iter_mut().filter(|byte| **byte == from).for_each(|byte| *byte = to);
    value
}
