//! `revbus verify`: it says that all is well where it is, and names every kind of damage that is done to the topics on
//! purpose.

mod again;
mod group;
mod retention;
mod since;
mod state;
mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::producer::Producer;
use serde_json::json;

use crate::support::cluster::text;
use crate::support::router::revbus;
use crate::support::{Bus, Cluster, Follower, Outgoing, Record, Sender, Sent, eventually, facts, while_flowing};
use group::skip;
use verdict::{finds, is_clean, verify, yaml};

const FACT: &str = "pipeline.deal_won";
const COMMAND: &str = "compensation.calculate";

/// A bus on which a router has routed some facts, one in ten of them bad, and has stopped.
fn routed(bus: &Bus, facts: usize) -> Vec<Sent> {
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(bus, 0..facts, 10));
    eventually("all are audited", Duration::from_secs(60), || (audit.count() >= facts).then_some(()));
    router.stop();
    sent
}

fn outgoing(record: &Record) -> Outgoing {
    Outgoing {
        topic: record.topic.clone(),
        partition: Some(record.partition),
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
    }
}

/// Writes records again, as they are.
fn write_again(bus: &Bus, records: &[&Record]) {
    Sender::new(&bus.broker).send(&records.iter().map(|record| outgoing(record)).collect::<Vec<_>>());
}

/// What the router would have written of a fact: its commands on their topics, and its audit record.
fn forged(bus: &Bus, fact: &Sent, sequence: usize) -> (Vec<Outgoing>, Outgoing) {
    let event = facts::deal_won(sequence);
    let (tenant, id) = (event["tenant_id"].as_str().unwrap(), event["event_id"].as_str().unwrap());
    let (mut commands, mut derived) = (Vec::new(), Vec::new());
    for trigger in facts::DEAL_WON {
        let event_id = format!("evt_{}", revbus::ids::derived_event_id(tenant, FACT, id, trigger));
        let metadata = json!({"causation_id": id});
        let command = json!({"event_id": event_id, "event_type": trigger, "tenant_id": tenant,
            "payload": {"data": {}, "metadata": metadata}});
        commands.push(bus.outgoing(trigger, "forged/key", command.to_string()));
        derived.push(json!({"trigger": trigger, "event_id": event_id, "event_type": trigger}));
    }
    let source = json!({"topic": fact.topic, "partition": fact.partition, "offset": fact.offset});
    let audit = json!({"v": 1, "at": "2024-01-15T10:00:00Z", "outcome": "routed", "source": source, "event_id": id, "event_type": FACT,
        "tenant_id": tenant, "derived": derived});
    (commands, bus.outgoing("revbus.audit", "forged", audit.to_string()))
}

#[test]
fn a_cluster_on_which_all_is_well_is_clean() {
    let bus = Bus::lean(Cluster::shared(), "verify", 2);
    let sent = while_flowing(&bus, 20, 20, || {
        let mut router = bus.router("a");
        let commands = Follower::of(&bus.broker, &[bus.topic(COMMAND)]);
        eventually("commands flow", Duration::from_secs(120), || (commands.count() > 200).then_some(()));
        is_clean(&bus, &[]);
        router.kill();
        is_clean(&bus, &[]);
        let router = bus.router("a");
        let before = commands.count();
        eventually("commands flow again", Duration::from_secs(120), || (commands.count() > before + 200).then_some(()));
        is_clean(&bus, &["--since", "5s"]);
        router.stop();
    });
    assert_eq!(yaml(&bus)["findings"], json!([]));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    eventually("every fact is audited", Duration::from_secs(60), || (audit.count() >= sent.len()).then_some(()));
    router.stop();
    bus.judge(&sent);
    let counted = is_clean(&bus, &[]).json["counted"].clone();
    let (facts, dead) = (sent.len() as u64, sent.len() as u64 / 10);
    let expected = json!({"consumed": facts, "waiting": 0, "derived": 3 * (facts - dead), "dead_letters": dead,
        "audit_records": facts, "updates": 0, "updates_waiting": 0, "values": 0, "repeated": 0, "other_data": 0,
        "decided_again": facts, "other_catalogue": 0, "other_types": 0, "unseen_first": 0});
    assert_eq!(counted, expected);
}

#[test]
fn facts_that_wait_are_not_lost_and_facts_that_were_skipped_are() {
    let bus = Bus::lean(Cluster::shared(), "lost", 1);
    routed(&bus, 20);
    let sender = Sender::new(&bus.broker);
    let first = facts::send(&sender, facts::mixed(&bus, 20..23, 1000))[0].offset;
    assert_eq!(is_clean(&bus, &[]).json["counted"]["waiting"], 3);
    skip(&bus, FACT);
    let lost = format!("{FACT}/0@{first} was consumed, and nothing came of it");
    finds(&bus, &[("lost", 3)], &[&lost]);
    let examples = verify(&bus, &[]).json["findings"][0]["examples"].clone();
    assert_eq!([0, 1, 2].map(|n| examples[n]["id"].clone()), ["evt_20", "evt_21", "evt_22"]);
    // What is lost is found in the tables too, and not in a window behind it.
    let output = bus.command(&["verify"]).args(["--group", "router"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("3 lost"), "{}", text(&output));
    is_clean(&bus, &["--since", "0s"]);
    assert_eq!(verify(&bus, &["--since", "1h"]).found(), BTreeMap::from([("lost".to_owned(), 3)]));
}

#[test]
fn what_is_there_twice_is_named() {
    let bus = Bus::lean(Cluster::shared(), "twice", 1);
    routed(&bus, 20);
    let (commands, audit, dead) = (bus.drain(COMMAND), bus.drain("revbus.audit"), bus.drain("revbus.dead_letters"));
    write_again(&bus, &[&commands[3]]);
    let id = commands[3].json()["event_id"].as_str().unwrap().to_owned();
    finds(&bus, &[("duplicated", 1)], &["is there 2 times, for 1 source records"]);
    assert_eq!(verify(&bus, &[]).json["findings"][0]["examples"][0]["id"], id);
    write_again(&bus, &[&audit[5]]);
    let event = audit[5].json()["event_id"].clone();
    finds(&bus, &[("duplicated", 2)], &[&format!("audits {}{FACT}/0@5, as another does already", bus.prefix)]);
    let examples = verify(&bus, &[]).json["findings"][0]["examples"].clone();
    assert!(examples.as_array().unwrap().iter().any(|one| one["id"] == event), "{event}: {examples}");
    write_again(&bus, &[&dead[0]]);
    finds(&bus, &[("duplicated", 3)], &["revbus.dead_letters", "is a dead letter of"]);
    is_clean(&bus, &["--since", "0s"]);
}

#[test]
fn what_is_torn_is_named() {
    let bus = Bus::lean(Cluster::shared(), "torn", 1);
    routed(&bus, 20);
    let sender = Sender::new(&bus.broker);
    let facts = facts::send(&sender, facts::mixed(&bus, 20..24, 1000));
    let (first, second) = (forged(&bus, &facts[0], 20), forged(&bus, &facts[1], 21));
    // The first is audited and two of its commands are missing; the second has its commands and no audit record.
    sender.send(&[first.0[0].clone(), first.1]);
    sender.send(&second.0);
    // The third is audited as refused, and the fourth is a dead letter that no audit record tells of, of another value.
    let source = |fact: &Sent| json!({"topic": fact.topic, "partition": 0, "offset": fact.offset});
    let refused = json!({"v": 1, "at": "2024-01-15T10:00:00Z", "outcome": "invalid", "source": source(&facts[2])});
    let headers =
        [("topic", facts[3].topic.clone()), ("partition", "0".into()), ("offset", facts[3].offset.to_string())];
    let headers = headers.map(|(name, value)| (format!("revbus.dead.{name}").into_bytes(), Some(value.into_bytes())));
    let letter = Outgoing { headers: headers.to_vec(), ..bus.outgoing("revbus.dead_letters", "key", "value") };
    sender.send(&[bus.outgoing("revbus.audit", "key", refused.to_string()), letter]);
    skip(&bus, FACT);
    finds(
        &bus,
        &[("torn", 2 + 3 + 1 + 2)],
        &[
            "as routed, and the event is not on",
            "no audit record names it",
            "as refused, and there is no dead letter of it",
            "is a dead letter without an audit record",
            "has another key, value, headers or time than",
        ],
    );
    // Records that nobody here wrote.
    sender.send(&["revbus.audit", "revbus.dead_letters", COMMAND].map(|topic| bus.outgoing(topic, "a", "foreign")));
    finds(&bus, &[("torn", 11)], &["is no audit record", "is no dead letter", "is no event"]);
}

#[test]
fn a_key_whose_events_are_out_of_order_is_named() {
    let bus = Bus::lean(Cluster::shared(), "order", 1);
    routed(&bus, 20);
    let sender = Sender::new(&bus.broker);
    let facts = facts::send(&sender, facts::mixed(&bus, 20..22, 1000));
    let (first, second) = (forged(&bus, &facts[0], 20), forged(&bus, &facts[1], 21));
    sender.send(&[first.0[0].clone(), second.0[0].clone(), first.1, second.1]);
    // The second command of the one trigger stands before the first one's, under one key.
    sender.send(&[second.0[1].clone(), first.0[1].clone(), first.0[2].clone(), second.0[2].clone()]);
    skip(&bus, FACT);
    finds(&bus, &[("out_of_order", 1)], &["forecast.validate", "under the same key"]);
}

#[test]
fn a_transaction_that_does_not_end_is_named() {
    let bus = Bus::lean(Cluster::shared(), "hanging", 1);
    routed(&bus, 20);
    let before = bus.drain(COMMAND).last().unwrap().offset;
    let foreign = bus.open_transaction(COMMAND);
    let verdict = verify(&bus, &["--patience", "1s"]);
    assert_eq!((verdict.code, verdict.found()), (1, BTreeMap::from([("hanging".to_owned(), 1)])), "{}", verdict.json);
    let example = &verdict.json["findings"][0]["examples"][0];
    assert_eq!((&example["topic"], &example["partition"]), (&bus.topic(COMMAND).into(), &0.into()));
    assert!(example["offset"].as_i64().unwrap() > before, "{example} is not behind {before}");
    foreign.abort_transaction(Duration::from_secs(20)).unwrap();
    is_clean(&bus, &[]);
}

#[test]
fn without_an_audit_what_can_be_judged_is_judged() {
    let catalogue = format!("{}\naudit: {{mode: off}}\n", include_str!("lean.yaml"));
    let bus = Bus::new(Cluster::shared(), "unaudited", &catalogue, 1);
    bus.apply();
    let commands = Follower::of(&bus.broker, &[bus.topic(COMMAND), bus.topic("revbus.dead_letters")]);
    let router = bus.router("a");
    let sender = Sender::new(&bus.broker);
    facts::send(&sender, facts::mixed(&bus, 0..20, 10));
    eventually("all are routed", Duration::from_secs(60), || (commands.count() >= 20).then_some(()));
    router.stop();
    let notes = is_clean(&bus, &[]).json["notes"].to_string();
    assert!(notes.contains("audit is off"), "{notes}");
    write_again(&bus, &[&bus.drain(COMMAND)[3]]);
    facts::send(&sender, facts::mixed(&bus, 20..22, 1000));
    skip(&bus, FACT);
    finds(&bus, &[("duplicated", 1), ("lost", 2)], &["no dead letter or derived event"]);
}

#[test]
fn what_cannot_be_verified_has_an_exit_code() {
    let bus = Bus::new(Cluster::shared(), "nowhere", include_str!("lean.yaml"), 1);
    let output = bus.command(&["verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("revbus topics apply"), "{}", text(&output));
    let output = revbus().args(["verify", "--since", "yesterday"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    bus.apply();
    routed(&bus, 20);
    for (arguments, sentence) in [
        (
            ["--group", "rooter"],
            "no positions in the catalogue's topics, so nothing counts as consumed; --group names one of: router",
        ),
        (["--since", "2099-01-01T00:00:00Z"], "'--since <DURATION|TIME>': it lies in the future"),
    ] {
        let output = bus.command(&["verify"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(sentence), "{}", text(&output));
    }
    let notes = is_clean(&bus, &["--since", "0s"]).json["notes"].to_string();
    assert!(notes.contains("nothing was judged"), "{notes}");
}

#[test]
fn as_many_examples_as_asked_for_are_named() {
    let bus = Bus::lean(Cluster::shared(), "examples", 1);
    routed(&bus, 20);
    facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 20..35, 1000));
    skip(&bus, FACT);
    for (arguments, examples) in [(&[][..], 10), (&["--examples", "3"], 3), (&["--examples", "all"], 15)] {
        let found = &verify(&bus, arguments).json["findings"][0];
        assert_eq!(found["count"], 15);
        assert_eq!(found["examples"].as_array().unwrap().len(), examples, "{arguments:?}");
    }
}
