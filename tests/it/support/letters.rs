//! Dead letters of the lean catalogue, and the verbs that look at them and send them back.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;

use super::bus::Bus;
use super::cluster::text;
use super::facts;
use super::record::{Outgoing, Record};

/// The event type whose dead letters these are.
pub const FACT: &str = "pipeline.deal_won";

/// A `pipeline.deal_won` without its `close_date`, which the lean catalogue wants.
pub fn undated(sequence: usize) -> Value {
    let mut fact = facts::deal_won(sequence);
    fact["payload"]["data"].as_object_mut().unwrap().remove("close_date");
    fact
}

pub fn key(fact: &Value) -> String {
    format!("{}/{}", fact["tenant_id"].as_str().unwrap(), fact["payload"]["data"]["deal_id"].as_str().unwrap())
}

/// Mends the cause: the date may be missing from now on.
pub fn mend(bus: &Bus) {
    let catalogue = std::fs::read_to_string(&bus.catalogue).unwrap();
    let mended = catalogue.replace("close_date: date\n", "close_date: date?\n");
    assert_ne!(mended, catalogue);
    std::fs::write(&bus.catalogue, mended).unwrap();
}

/// A dead letter as the router writes it, of a fact that stood on this partition.
pub fn letter(bus: &Bus, (sequence, partition): (usize, i32), headers: &[(&str, &str)]) -> Outgoing {
    let fact = undated(sequence);
    let mut all = BTreeMap::from([
        ("reason", "field_missing".to_owned()),
        ("message", "`close_date` is missing".to_owned()),
        ("topic", bus.topic(FACT)),
        ("partition", partition.to_string()),
        ("offset", sequence.to_string()),
        ("tenant", fact["tenant_id"].as_str().unwrap().to_owned()),
        ("replays", "0".to_owned()),
    ]);
    all.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let own = [(b"traceparent".to_vec(), Some(b"00-ab".to_vec())), (b"\xff".to_vec(), None)];
    let dead = all.into_iter().map(|(name, value)| (format!("revbus.dead.{name}").into_bytes(), Some(value.into())));
    let record = bus.outgoing("revbus.dead_letters", &key(&fact), fact.to_string());
    Outgoing { partition: Some(partition), headers: own.into_iter().chain(dead).collect(), ..record }
}

pub fn dlq(bus: &Bus, verb: &str, arguments: &[&str]) -> Output {
    bus.command(&["dlq", verb]).args(arguments).output().unwrap()
}

/// What a verb says as JSON; it must end with this exit code.
pub fn answer(bus: &Bus, verb: &str, arguments: &[&str], code: i32) -> Value {
    let output = dlq(bus, verb, &[arguments, &["-o", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "dlq {verb} {arguments:?}: {}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output)))
}

pub fn replay(bus: &Bus, arguments: &[&str], code: i32) -> Value {
    answer(bus, "replay", arguments, code)["report"].take()
}

/// The ids of events, and how often each is there.
pub fn ids<'r>(records: impl IntoIterator<Item = &'r Record>) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for record in records {
        *out.entry(record.json()["event_id"].as_str().unwrap_or("?").to_owned()).or_default() += 1;
    }
    out
}

/// The ids of these facts, each once.
pub fn once(sequence: impl Iterator<Item = usize>) -> BTreeMap<String, usize> {
    sequence.map(|n| (format!("evt_{n}"), 1)).collect()
}
