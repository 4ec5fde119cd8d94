//! Updates decided: every outcome, and what it leaves.

mod refusals;
mod registry;
mod typed;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Entities, PartitionView, Registry};
use crate::catalogue::{ControlTopic, compile};
use crate::ids::{RecordOffset, SourceId};
use crate::kernel::worker::SourcePartition;
use crate::kernel::{
    Effects, EntityWrite, Input, Ledger, LedgerKeys, LedgerLimits, Record, Remembered, Rules, Settlement, StateTopics,
    StateUpdates, Topic, TopicFacts, Topology, decide, refuse,
};
use crate::reason::Outcome;
use crate::state::Version;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);
const PARTITION: SourcePartition = SourcePartition { topic: SourceId(0), partition: 0 };
const CATALOGUE: &str = r#"
version: 1
max_hops: 2
tenants: [acme, globex]
modules:
  success:
    name: Success
    outbound:
      success.health_changed:
        key: account_id
        payload: {account_id: string, old_score: integer, new_score: integer(0..100)}
    state:
      account:
        fields:
          score: {type: integer(0..200), aliases: [health]}
          note: string?
        emits:
          success.health_changed:
            when: "new.score != old.score"
            map: {account_id: "entity.id", old_score: "old.score", new_score: "new.score"}
  other:
    name: Other
"#;

fn rules_with(text: &str, entity_bytes: usize) -> Rules {
    let (catalogue, diagnostics) = compile("state.yaml", text);
    let catalogue = Arc::new(catalogue.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let facts = TopicFacts { partitions: 1, max_message_bytes: 1_000_000 };
    let entities = TopicFacts { max_message_bytes: entity_bytes, ..facts };
    let state = StateTopics { updates: facts, entities, replies: facts };
    let types = vec![facts; catalogue.types.len()];
    Rules::new(catalogue, Topology { types, dead_letters: facts, audit: facts, state })
}

/// A worker's partition, as `router/sending.rs` keeps it.
struct World {
    rules: Rules,
    ledger: Ledger,
    registry: Registry,
    effects: Effects,
}

#[derive(Debug)]
struct Seen {
    outcome: &'static str,
    /// The data of the answer.
    reply: Value,
    reply_type: String,
    audit: Value,
    facts: Vec<Value>,
    /// Codes of the dead letter.
    dead: Vec<&'static str>,
}

fn event(id: &str, operation: &str, data: Value) -> Value {
    let mut all = json!({"module": "success", "entity_type": "account", "entity_id": "a1"});
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({
        "event_id": id, "event_type": format!("state.{operation}"), "source_module": "success", "tenant_id": "acme",
        "timestamp": "2024-01-15T10:30:00Z",
        "payload": {"data": all, "metadata": {"client_id": "c", "reply_partition": 0}},
    })
}

impl World {
    fn new() -> Self {
        Self::of(rules_with(CATALOGUE, 1_000_000))
    }

    fn of(rules: Rules) -> Self {
        let limits = LedgerLimits { window: Duration::from_secs(600), ids: 100 };
        let mut registry = Registry::default();
        registry.restored(0, Entities::default());
        Self { rules, ledger: Ledger::new(LedgerKeys::new(&[7; 16]), limits), registry, effects: Effects::new() }
    }

    fn commit(&mut self) {
        self.ledger.commit(NOW);
        self.registry.commit();
    }

    fn abort(&mut self) {
        self.ledger.abort();
        self.registry.abort();
    }

    fn decide(&mut self, event: &Value) -> Seen {
        let value = event.to_string();
        let record = Record {
            topic: StateUpdates,
            partition: 0,
            offset: RecordOffset(41),
            timestamp: Some(NOW),
            key: None,
            value: Some(value.as_bytes()),
            headers: &[],
        };
        let (past, entities) = (self.ledger.of(PARTITION, NOW), self.registry.of(0).unwrap());
        let view = PartitionView { past, entities };
        let outcome = decide(&self.rules, &view, Input::Update(record), NOW, &mut self.effects);
        if let Some(key) = self.effects.remember() {
            self.ledger.remember_update(key, self.effects.settlement().unwrap(), NOW);
        }
        if let Some(put) = self.effects.entity() {
            let value = match put.write {
                EntityWrite::Value(span) => Some(self.effects.bytes(span)),
                EntityWrite::Tombstone(_) => None,
            };
            self.registry.of_mut(0).unwrap().write(self.effects.bytes(put.key), value);
        }
        self.seen(outcome)
    }

    fn seen(&self, outcome: Outcome) -> Seen {
        let (mut reply, mut reply_type, mut audit, mut facts) = (Value::Null, String::new(), Value::Null, Vec::new());
        for produce in self.effects.produced() {
            let value: Value = serde_json::from_slice(self.effects.bytes(produce.value)).unwrap();
            match produce.topic {
                Topic::Event(_) => facts.push(value),
                Topic::Control(ControlTopic::Replies) => {
                    value["event_type"].as_str().unwrap().clone_into(&mut reply_type);
                    reply = value["payload"]["data"].clone();
                }
                Topic::Control(_) => audit = value,
            }
        }
        assert_eq!(audit["outcome"], outcome.code(), "AU-1");
        let dead = self.effects.dead_letter();
        let dead = dead.map(|dead| dead.codes.iter().map(|code| code.code()).collect()).unwrap_or_default();
        Seen { outcome: outcome.code(), reply, reply_type, audit, facts, dead }
    }

    fn state(&self) -> Option<Value> {
        let value = self.registry.of(0).unwrap().get(b"acme/success/account/a1")?;
        Some(serde_json::from_slice(value).unwrap())
    }
}

fn put(id: &str, score: i64) -> Value {
    event(id, "put", json!({"state": {"score": score}}))
}

fn changed(version: u64) -> Value {
    json!({"outcome": "state_changed", "version": version})
}

#[test]
fn versions_count_one_life_of_an_entity() {
    let mut world = World::new();
    assert_eq!(world.decide(&put("e1", 1)).reply, changed(1));
    assert_eq!(world.decide(&put("e2", 1)).reply, changed(2), "a put that changes nothing is a version too");
    let deleted = world.decide(&event("e3", "delete", json!({})));
    assert_eq!((deleted.reply, deleted.reply_type.as_str()), (changed(3), "state.delete.completed"));
    let header = match world.effects.entity().unwrap().write {
        EntityWrite::Tombstone(span) => serde_json::from_slice::<Value>(world.effects.bytes(span)).unwrap(),
        EntityWrite::Value(_) => panic!("a value"),
    };
    assert_eq!(header["version"], 3);
    assert_eq!(world.state(), None);
    assert_eq!(world.decide(&put("e4", 1)).reply, changed(1));
}

#[test]
fn another_version_than_the_expected_one_is_a_conflict() {
    let mut world = World::new();
    let expecting = |id, version| event(id, "put", json!({"state": {"score": 1}, "expected_version": version}));
    let missing = world.decide(&expecting("e1", 4));
    let nothing = json!({"outcome": "conflict", "version": 0, "current": {"version": 0}});
    assert_eq!((missing.outcome, &missing.reply), ("conflict", &nothing));
    assert_eq!((&missing.audit["version"], &missing.audit["expected_version"]), (&json!(0), &json!(4)));
    assert_eq!(world.decide(&expecting("e2", 0)).reply, changed(1));
    let there = world.decide(&expecting("e3", 0));
    let current = json!({"outcome": "conflict", "version": 1, "current": {"version": 1, "state": {"score": 1}}});
    assert_eq!((there.reply, there.reply_type.as_str()), (current, "state.put.failed"));
    assert_eq!(world.decide(&expecting("e4", 1)).reply, changed(2));
    // There is nothing to delete, whatever was expected.
    let mut empty = World::new();
    for rest in [json!({}), json!({"expected_version": 0})] {
        assert_eq!(empty.decide(&event("e1", "delete", rest)).reply["outcome"], "conflict");
        empty.abort();
    }
}

#[test]
fn an_update_that_comes_again_is_answered_as_at_first() {
    let mut world = World::new();
    world.decide(&put("e1", 1));
    world.commit();
    world.decide(&put("e2", 2));
    let again = world.decide(&put("e1", 1));
    assert_eq!((again.outcome, &again.audit["version"]), ("duplicate", &json!(1)));
    assert_eq!(again.reply, json!({"outcome": "state_changed", "version": 1, "repeated": true}));
    let lost = event("e3", "put", json!({"state": {"score": 1}, "expected_version": 9}));
    world.decide(&lost);
    assert_eq!(world.decide(&lost).reply, json!({"outcome": "conflict", "version": 2, "repeated": true}));
    world.abort();
    assert_eq!(world.decide(&put("e2", 2)).reply, changed(2), "an aborted batch left nothing");
}

#[test]
fn a_patch_is_merged_as_rfc_7386_says_and_checked_behind_it() {
    let mut world = World::new();
    let patch = |id: &str, patch: Value| event(id, "patch", json!({"patch": patch}));
    assert_eq!(world.decide(&patch("e1", json!({"note": "x"}))).dead, ["field_missing"], "merged into an empty object");
    assert_eq!(world.decide(&patch("e2", json!({"health": 5, "note": "x", "more": {"a": 1}}))).reply, changed(1));
    assert_eq!(world.decide(&patch("e3", json!({"score": 6, "note": null, "more": {"b": 2}}))).reply, changed(2));
    assert_eq!(world.state().unwrap()["state"], json!({"score": 6, "more": {"a": 1, "b": 2}}));
    let twice = world.decide(&patch("e4", json!({"score": 1, "health": 2})));
    assert_eq!(
        (twice.outcome, twice.dead, twice.reply_type.as_str()),
        ("invalid", vec!["field_twice"], "state.patch.failed")
    );
}

#[test]
fn a_state_of_before_a_field_was_renamed_is_seen_under_the_fields_new_name() {
    let before = CATALOGUE
        .replace("score: {type: integer(0..200), aliases: [health]}", "health: integer(0..200)")
        .replace(".score", ".health");
    let renamed = || {
        let mut world = World::of(rules_with(&before, 1_000_000));
        assert_eq!(world.decide(&event("e1", "put", json!({"state": {"health": 10}}))).outcome, "state_changed");
        World { rules: rules_with(CATALOGUE, 1_000_000), ..world }
    };
    let mut world = renamed();
    let noted = world.decide(&event("e2", "patch", json!({"patch": {"note": "x"}})));
    assert_eq!((noted.outcome, noted.facts.len()), ("state_changed", 0), "{noted:?}");
    assert_eq!(world.state().unwrap()["state"], json!({"score": 10, "note": "x"}));

    let data = json!({"account_id": "a1", "old_score": 10, "new_score": 20});
    assert_eq!(renamed().decide(&put("e2", 20)).facts[0]["payload"]["data"], data);
}

#[test]
fn what_a_change_emits_is_derived_with_it_or_nothing_is() {
    let mut world = World::new();
    assert!(world.decide(&put("e1", 10)).facts.is_empty(), "a creation emits nothing");
    let seen = world.decide(&put("e2", 20));
    let data = json!({"account_id": "a1", "old_score": 10, "new_score": 20});
    assert_eq!(seen.facts[0]["payload"]["data"], data);
    assert_eq!(seen.facts[0]["payload"]["metadata"]["hops"], 1);
    assert_eq!((&seen.facts[0]["source_module"], &seen.facts[0]["tenant_id"]), (&json!("success"), &json!("acme")));
    assert_eq!((seen.facts[0].get("target_module"), seen.facts[0].get("timeout_seconds")), (None, None));
    assert_eq!(seen.audit["derived"][0]["trigger"], "state:account");
    // A valid state whose fact is not.
    let failed = world.decide(&put("e3", 150));
    assert_eq!((failed.outcome, failed.dead, failed.facts.len()), ("failed", vec!["derived_invalid"], 0));
    assert!(world.effects.entity().is_none());
    assert_eq!(world.state().unwrap()["version"], 2);
    let mut far = put("e4", 30);
    far["payload"]["metadata"]["hops"] = json!(2);
    assert_eq!(world.decide(&far).outcome, "loop");
    far["payload"]["data"]["state"]["score"] = json!(20);
    assert_eq!(world.decide(&far).outcome, "state_changed", "where nothing is emitted no loop closes");
}

#[test]
fn how_updates_ended_is_read_back_from_the_audit_trail() {
    let mut world = World::new();
    let first = world.decide(&put("e1", 1));
    let settled = crate::audit::settled(first.audit.to_string().as_bytes()).unwrap().map(|event| {
        let key = world.ledger.keys().key(PARTITION, &event.scope, &event.event_id);
        let settlement = Settlement { outcome: event.outcome, version: event.version.unwrap() };
        (Remembered { key, at: NOW }, settlement)
    });
    let (event, settlement) = settled.unwrap();
    assert_eq!(settlement, Settlement { outcome: Outcome::StateChanged, version: Version(1) });
    let mut next = World::new();
    next.ledger.absorb_settlements(&[(event, settlement)]);
    next.ledger.absorb(&[event], None, NOW);
    assert_eq!(next.decide(&put("e1", 1)).reply, json!({"outcome": "state_changed", "version": 1, "repeated": true}));
    // What leaves the ledger takes its settlement with it.
    next.ledger.commit(Timestamp::from_millis(NOW.millis() + 3_600_000));
    assert_eq!(next.decide(&put("e1", 1)).reply, changed(1));
}
