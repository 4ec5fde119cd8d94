//! `revbus verify` on audit records that are wrong by themselves: forged, in a trail that is whole.

use std::sync::Arc;

use revbus::ids::RecordOffset;
use revbus::kernel::{Effects, Input, NoMemory, Record, Rules, Topic, Topology, decide};
use revbus::time::Timestamp;
use serde_json::{Value, json};

use super::verdict::{finds, is_clean};
use super::{FACT, routed, skip};
use crate::support::{Bus, Cluster, Outgoing, Sender, Sent, facts};

/// What a router writes of a fact: its commands, and its audit record.
fn decided(bus: &Bus, fact: &Sent) -> (Vec<Outgoing>, Value) {
    let (catalogue, _) = revbus::catalogue::compile("topics.yaml", &std::fs::read_to_string(&bus.catalogue).unwrap());
    let catalogue = Arc::new(catalogue.unwrap());
    let rules = Rules::new(Arc::clone(&catalogue), Topology::unlimited(&catalogue));
    let record = Record {
        topic: catalogue.resolve(FACT).unwrap().id(),
        partition: fact.partition,
        offset: RecordOffset(fact.offset),
        timestamp: None,
        key: fact.key.as_deref(),
        value: fact.value.as_deref(),
        headers: &[],
    };
    let mut effects = Effects::new();
    decide(&rules, &NoMemory, Input::Record(record), Timestamp::now(), &mut effects);
    let (mut commands, mut audit) = (Vec::new(), Value::Null);
    for produce in effects.produced() {
        let value = effects.bytes(produce.value);
        match produce.topic {
            Topic::Event(id) => {
                let key = String::from_utf8(effects.bytes(produce.key.unwrap()).to_vec()).unwrap();
                commands.push(bus.outgoing(&catalogue.event_type(id).name, &key, value));
            }
            Topic::Control(_) => audit = serde_json::from_slice(value).unwrap(),
        }
    }
    (commands, audit)
}

fn audit(bus: &Bus, record: &Value) -> Outgoing {
    let part = |name: &str| record[name].as_str().unwrap_or_default();
    bus.outgoing("revbus.audit", &format!("{}/{}", part("tenant_id"), part("root_id")), record.to_string())
}

/// The audit record of a fact of which nothing came.
fn nothing(bus: &Bus, fact: &Sent, outcome: &str) -> Outgoing {
    let mut record = decided(bus, fact).1;
    record["outcome"] = json!(outcome);
    record.as_object_mut().unwrap().remove("derived");
    audit(bus, &record)
}

#[test]
fn audit_records_that_are_forged_are_named() {
    let bus = Bus::lean(Cluster::shared(), "forged", 1);
    let before = routed(&bus, 20);
    let sender = Sender::new(&bus.broker);
    let facts = facts::send(&sender, facts::mixed(&bus, 20..26, 1000));
    let place = |fact: &Sent| format!("{FACT}/0@{}", fact.offset);
    // As a router does it: the first is clean.
    let (mut commands, whole) = decided(&bus, &facts[0]);
    sender.send(&commands);
    sender.send(&[audit(&bus, &whole), nothing(&bus, &facts[1], "duplicate"), nothing(&bus, &facts[2], "no_trigger")]);
    sender.send(&[nothing(&bus, &facts[3], "denied")]);
    // Two of three commands, named and written.
    let mut part;
    (commands, part) = decided(&bus, &facts[4]);
    commands.pop();
    part["derived"].as_array_mut().unwrap().pop();
    sender.send(&commands);
    // One command says something else than its fact.
    let other;
    (commands, other) = decided(&bus, &facts[5]);
    let value = String::from_utf8(commands[0].value.take().unwrap()).unwrap();
    commands[0].value = Some(value.replace("\"rep_id\":\"rep_", "\"rep_id\":\"me_").into_bytes());
    sender.send(&commands);
    // Of a record that nobody wrote.
    let mut beyond = nothing(&bus, &before[1], "no_trigger");
    let value = String::from_utf8(beyond.value.take().unwrap()).unwrap();
    let (from, to) = (format!("\"offset\":{}", before[1].offset), "\"offset\":9999999");
    beyond.value = Some(value.replace(&from, to).into_bytes());
    sender.send(&[audit(&bus, &part), audit(&bus, &other), beyond]);
    skip(&bus, FACT);
    finds(
        &bus,
        &[("lost", 3), ("duplicated", 1), ("torn", 3)],
        &[
            &format!("{} is audited as a duplicate, and its event was not decided on before", place(&facts[1])),
            &format!("{} is audited as no_trigger, and deciding again gives routed with 3", place(&facts[2])),
            &format!("{} is audited as denied, and deciding again gives routed with 3", place(&facts[3])),
            "as routed with 2 derived events, and deciding again gives routed with 3 derived events",
            "compensation.calculate/0@",
            "has another content than the fact gives that it was derived from",
            "/0@9999999, where no record stands",
        ],
    );
}

#[test]
fn what_another_catalogue_decided_is_not_decided_on_again() {
    let bus = Bus::lean(Cluster::shared(), "edition", 1);
    routed(&bus, 20);
    assert_eq!(is_clean(&bus, &[]).json["counted"]["decided_again"], 20);
    let text = std::fs::read_to_string(&bus.catalogue).unwrap();
    std::fs::write(&bus.catalogue, text + "# changed\n").unwrap();
    let verdict = is_clean(&bus, &[]);
    assert_eq!(verdict.json["counted"]["decided_again"], 0);
    let notes = verdict.json["notes"].to_string();
    assert!(notes.contains("20 facts were decided on under another catalogue"), "{notes}");
}

#[test]
fn commands_that_a_later_catalogue_renames_or_drops_are_not_torn() {
    let bus = Bus::lean(Cluster::shared(), "renamed", 1);
    routed(&bus, 20);
    let text = std::fs::read_to_string(&bus.catalogue).unwrap();
    let (kept, _) = text.split_once("  customer_success:\n").unwrap();
    let renamed = kept
        .replace("          - customer_success.onboard\n", "")
        .replace("- forecast.validate", "- forecast.check")
        .replace("forecast.validate:", "forecast.check:\n        aliases: [forecast.validate]");
    std::fs::write(&bus.catalogue, renamed).unwrap();
    assert!(bus.command(&["topics", "apply", "--yes"]).output().unwrap().status.success());
    let verdict = is_clean(&bus, &[]);
    // Two of the facts are dead letters, and led to no command.
    assert_eq!(verdict.json["counted"]["other_types"], 18);
    let notes = verdict.json["notes"].to_string();
    assert!(notes.contains("event types that this catalogue has not"), "{notes}");
}
