//! `revbus verify` on module state: clean where it is, and each damage to the topics of state by its name.

use std::time::Duration;

use serde_json::{Value, json};

use super::verdict::{finds, is_clean};
use super::{skip, write_again};
use crate::support::{Bus, Cluster, Follower, Outgoing, Record, Sender, eventually};

const CATALOGUE: &str = "
version: 1
modules:
  success:
    name: Success
    outbound:
      success.changed:
        key: account_id
        payload: {account_id: string, score: integer}
    state:
      account:
        fields: {score: integer(0..100)}
        emits:
          success.changed:
            map: {account_id: entity.id, score: new.score}
";
const UPDATES: &str = "revbus.state_updates";
const KEY: &str = "acme/success/account/a1";

fn update(bus: &Bus, id: &str, operation: &str, rest: Value) -> Outgoing {
    let mut data = json!({"module": "success", "entity_type": "account", "entity_id": "a1"});
    data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let event = json!({"event_id": id, "event_type": format!("state.{operation}"), "source_module": "success",
        "tenant_id": "acme", "timestamp": "2024-01-15T10:30:00Z", "payload": {"data": data}});
    bus.outgoing(UPDATES, KEY, event.to_string())
}

/// Nine updates: two lives, two facts, a repetition, a conflict, and one that is invalid.
fn kept(name: &str) -> Bus {
    let bus = Bus::new(Cluster::shared(), name, CATALOGUE, 1);
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let put = |id: &str, score: u32| update(&bus, id, "put", json!({"state": {"score": score}}));
    Sender::new(&bus.broker).send(&[
        put("e1", 1),
        put("e2", 2),
        put("e2", 2),
        put("e3", 300),
        update(&bus, "e4", "put", json!({"state": {"score": 4}, "expected_version": 9})),
        update(&bus, "e5", "delete", json!({})),
        put("e6", 6),
        update(&bus, "e7", "patch", json!({"patch": {"score": 7}})),
        put("e8", 8),
    ]);
    eventually("updates and facts are audited", Duration::from_secs(60), || (audit.count() >= 9 + 3).then_some(()));
    router.stop();
    bus
}

/// A value of the state topic with another version and another update.
fn forged(bus: &Bus, value: &Record, version: u64, id: &str) -> Outgoing {
    let mut json = value.json();
    (json["version"], json["event_id"]) = (json!(version), json!(id));
    Outgoing { partition: Some(0), ..bus.outgoing("revbus.state", KEY, json.to_string()) }
}

/// An audit record of a change to a version, by the update at an offset.
fn audited(bus: &Bus, offset: i64, id: &str, version: u64) -> Outgoing {
    let source = json!({"topic": bus.topic(UPDATES), "partition": 0, "offset": offset});
    let record = json!({"v": 1, "at": "2024-01-15T10:00:00Z", "outcome": "state_changed", "source": source, "event_id": id,
        "event_type": "state.put", "tenant_id": "acme", "version": version});
    bus.outgoing("revbus.audit", "forged", record.to_string())
}

#[test]
fn state_on_which_all_is_well_is_clean() {
    let bus = kept("vstate");
    let counted = is_clean(&bus, &[]).json["counted"].clone();
    let of = |name: &str| counted[name].as_u64().unwrap();
    assert_eq!((of("updates"), of("updates_waiting"), of("values"), of("dead_letters")), (9, 0, 6, 1), "{counted}");
    Sender::new(&bus.broker).send(&[update(&bus, "e9", "delete", json!({}))]);
    assert_eq!(is_clean(&bus, &[]).json["counted"]["updates_waiting"], 1);
    is_clean(&bus, &["--since", "0s"]);
}

#[test]
fn what_is_written_of_state_without_a_change_is_named() {
    let bus = kept("vvalue");
    let values = bus.drain("revbus.state");
    let newest = values.last().unwrap();
    write_again(&bus, &[newest]);
    finds(&bus, &[("duplicated", 1)], &["revbus.state", "is there 2 times, for 1 changes"]);
    Sender::new(&bus.broker).send(&[forged(&bus, newest, 4, "nobody")]);
    finds(&bus, &[("duplicated", 1), ("torn", 1)], &["no audit record tells of this change"]);
    Sender::new(&bus.broker).send(&[forged(&bus, newest, 9, "nobody")]);
    finds(&bus, &[("duplicated", 1), ("torn", 2), ("out_of_order", 1)], &["has version 9 behind version 4"]);
    Sender::new(&bus.broker).send(&[bus.outgoing("revbus.state", KEY, "foreign")]);
    finds(&bus, &[("duplicated", 1), ("torn", 3), ("out_of_order", 1)], &["is no state value"]);
    is_clean(&bus, &["--since", "0s"]);
}

#[test]
fn changes_without_a_trace_or_a_value_are_named() {
    let bus = kept("vchange");
    let sender = Sender::new(&bus.broker);
    let put = |id: &str| update(&bus, id, "put", json!({"state": {"score": 9}}));
    let places = sender.send(&[put("e9"), put("e10")]);
    // The first is audited as a change whose value is not there, and nothing tells of the second.
    sender.send(&[audited(&bus, places[0].1, "e9", 4)]);
    skip(&bus, UPDATES);
    let lost = format!("{UPDATES}/0@{} was consumed, and nothing came of it", places[1].1);
    finds(&bus, &[("lost", 1), ("torn", 1)], &[&lost, "as a change to version 4, which is not on"]);
}

#[test]
fn facts_that_a_change_emitted_are_judged_with_it() {
    let bus = kept("vfact");
    let facts = bus.drain("success.changed");
    assert_eq!(facts.len(), 3, "a put that changes, a patch, a put");
    write_again(&bus, &[&facts[0]]);
    finds(&bus, &[("duplicated", 1)], &["success.changed", "is there 2 times, for 1 source records"]);
    // One that says of itself that a change emitted it, and none did.
    let name = "success.changed";
    let id = format!("evt_{}", revbus::ids::derived_event_id("acme", "state.put", "e1", name));
    let mut fact = facts[0].json();
    (fact["event_id"], fact["payload"]["metadata"]["causation_id"]) = (json!(id), json!("e1"));
    Sender::new(&bus.broker).send(&[bus.outgoing(name, "acme/a1", fact.to_string())]);
    finds(&bus, &[("duplicated", 1), ("torn", 1)], &["no audit record names it"]);
}
