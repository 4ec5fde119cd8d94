//! Updates that are refused.

use serde_json::{Value, json};

use super::super::{check_update, largest_state, partition_of};
use super::*;

/// What is wrong, which outcome and which codes it has.
#[test]
fn what_is_wrong_is_refused() {
    let with = |change: fn(&mut Value)| {
        let mut event = put("e1", 1);
        change(&mut event);
        event
    };
    type Row = (&'static str, fn(&mut Value), &'static str, &'static [&'static str]);
    let cases: [Row; 13] = [
        ("another's entity", |e| e["source_module"] = json!("other"), "denied", &[]),
        ("no update", |e| e["event_type"] = json!("state.get"), "invalid", &["unknown_type"]),
        ("a fact", |e| e["event_type"] = json!("success.health_changed"), "invalid", &["wrong_topic"]),
        ("a tenant", |e| e["tenant_id"] = json!("nobody"), "invalid", &["unknown_tenant"]),
        ("a type", |e| e["payload"]["data"]["entity_type"] = json!("deal"), "invalid", &["unknown_entity_type"]),
        ("a module", |e| e["payload"]["data"]["module"] = json!("nobody"), "invalid", &["unknown_entity_type"]),
        ("an id", |e| e["payload"]["data"]["entity_id"] = json!(""), "invalid", &["entity_invalid"]),
        ("a state", |e| e["payload"]["data"]["state"] = json!({"score": "x"}), "invalid", &["field_invalid"]),
        ("a slip", |e| e["payload"]["data"]["expected"] = json!(1), "invalid", &["field_undeclared"]),
        ("no patch", |e| e["payload"]["data"]["patch"] = json!({}), "invalid", &["field_undeclared"]),
        ("a depth", |e| deep_and_flat(e, 62), "invalid", &["too_deep"]),
        ("an answer", |e| e["payload"]["metadata"]["reply_partition"] = json!(9), "invalid", &["payload_invalid"]),
        ("a time", |e| e["timestamp"] = json!("now"), "invalid", &["timestamp_invalid"]),
    ];
    for (what, change, outcome, codes) in cases {
        let mut world = World::new();
        let seen = world.decide(&with(change));
        assert_eq!((seen.outcome, &*seen.dead), (outcome, codes), "{what}");
        assert!(world.effects.entity().is_none() && world.effects.remember().is_none(), "{what}");
        assert_eq!(
            seen.reply.is_null(),
            ["an answer", "a depth"].contains(&what),
            "{what}: whoever can be answered is"
        );
    }
}

/// Makes the payload flat, and the state that deep.
fn deep_and_flat(event: &mut Value, levels: usize) {
    let inner = (1..levels).fold(json!(1), |inner, _| json!([inner]));
    event["payload"] = event["payload"]["data"].take();
    event["payload"]["state"]["deep"] = inner;
}

/// A state that is put flat could else be one level deeper than what can be put otherwise.
#[test]
fn a_state_is_as_deep_as_one_can_be_written_again() {
    let mut world = World::new();
    let mut deepest = put("e1", 1);
    deep_and_flat(&mut deepest, 61);
    assert_eq!(world.decide(&deepest).outcome, "state_changed");
    let mut patch = event("e2", "patch", json!({"patch": {}}));
    patch["payload"] = patch["payload"]["data"].take();
    patch["payload"]["patch"] = json!({"deeper": (1..62).fold(json!(1), |inner, _| json!([inner]))});
    assert_eq!(world.decide(&patch).dead, ["too_deep"]);
}

#[test]
fn null_is_absent_also_where_it_has_no_place() {
    let mut world = World::new();
    assert_eq!(world.decide(&event("e1", "put", json!({"state": {"score": 1}, "patch": null}))).reply, changed(1));
    assert_eq!(world.decide(&event("e2", "patch", json!({"patch": {"score": 2}, "state": null}))).reply, changed(2));
    assert_eq!(world.decide(&event("e3", "put", json!({"state": null}))).dead, ["field_invalid"]);
    let deleted = world.decide(&event("e4", "delete", json!({"state": null, "patch": null})));
    assert_eq!(deleted.outcome, "state_changed");
}

/// Whatever is missing from a patch beside it: a field under two names is no patch that anybody meant.
#[test]
fn what_stands_twice_in_a_patch_is_seen_behind_all_that_is_missing() {
    let fields: Vec<String> = (0..40).map(|n| format!("f{n}: string")).collect();
    let many = fields.join(", ");
    let nested = format!(
        "many: {{{many}}}\n          one: {{last: {{type: 'string?', aliases: [end]}}}}\n          score: {{type"
    );
    let catalogue = CATALOGUE.replace("score: {type", &nested);
    let mut world = World::of(rules_with(&catalogue, 1_000_000));
    let many: serde_json::Map<String, Value> = (0..40).map(|n| (format!("f{n}"), json!("x"))).collect();
    assert_eq!(
        world.decide(&event("e1", "put", json!({"state": {"score": 1, "many": many, "one": {}}}))).reply,
        changed(1)
    );
    let patch = |one: Value| event("e2", "patch", json!({"patch": {"many": {}, "one": one}}));
    assert_eq!(world.decide(&patch(json!({"last": "a", "end": "b"}))).dead, ["field_twice"]);
    assert_eq!(world.decide(&patch(json!({"end": "b"}))).reply, changed(2));
}

#[test]
fn an_entity_that_its_topic_does_not_take_is_refused() {
    let mut world = World::of(rules_with(CATALOGUE, 1000));
    let large = event("e1", "put", json!({"state": {"score": 1, "note": "x".repeat(1000)}}));
    let seen = world.decide(&large);
    assert_eq!((seen.outcome, seen.dead), ("failed", vec!["derived_too_large"]));
}

/// What is there can be put once more, elsewhere or by another hand: a restored export is the same.
#[test]
fn a_state_does_not_grow_beyond_what_a_put_can_carry() {
    let mut world = World::of(rules_with(&format!("max_event_bytes: 100000\n{CATALOGUE}"), 1_000_000));
    let most = largest_state(&world.rules.catalogue.settings);
    assert_eq!(most, 100_000 - 8192);
    let bare = r#"{"score":1,"note":"","a":""}"#.len();
    let part = |name: &str, bytes: usize| json!({"score": 1, "note": "", name: "x".repeat(bytes)});
    assert_eq!(world.decide(&event("e1", "put", json!({"state": part("a", 60_000)}))).reply, changed(1));
    let patch = |id: &str, bytes: usize| event(id, "patch", json!({"patch": {"note": "x".repeat(bytes)}}));
    assert_eq!(world.decide(&patch("e2", most - bare - 60_000)).reply, changed(2));
    let seen = world.decide(&patch("e3", most - bare - 60_000 + 1));
    assert_eq!((seen.outcome, seen.dead), ("invalid", vec!["record_too_large"]));
    assert!(seen.reply["reasons"][0]["message"].as_str().unwrap().contains("has 91809 bytes"), "{}", seen.reply);
    assert_eq!(world.state().unwrap()["version"], 2);
    let put = |id: &str, bytes: usize| event(id, "put", json!({"state": part("a", bytes)}));
    assert_eq!(world.decide(&put("e4", most - bare)).reply, changed(3));
    assert_eq!(world.decide(&put("e5", most - bare + 1)).dead, ["record_too_large"]);
}

#[test]
fn an_open_catalogue_takes_any_object_of_a_module() {
    let mut world = World::of(rules_with(&format!("state_mode: open\n{CATALOGUE}"), 1_000_000));
    let of = |entity_type: &str, module: &str| {
        let mut event = event("e1", "put", json!({"state": {"anything": [1]}}));
        event["payload"]["data"]["entity_type"] = json!(entity_type);
        event["payload"]["data"]["module"] = json!(module);
        event
    };
    assert_eq!(world.decide(&of("account", "success")).outcome, "invalid", "what is declared keeps its contract");
    assert_eq!(world.decide(&of("nobody", "nobody")).outcome, "invalid");
    assert_eq!(world.decide(&of("deal", "success")).reply, changed(1));
}

/// An update on another partition than its entity's would be decided by another worker.
#[test]
fn an_update_stands_on_the_partition_of_its_entity() {
    let mut rules = rules_with(CATALOGUE, 1_000_000);
    rules.topology.state.updates.partitions = 6;
    let key = b"acme/success/account/a1";
    let (here, value) = (partition_of(key, 6), put("e1", 1).to_string());
    for partition in 0..6 {
        let key = (partition == 0).then_some(&key[..]);
        let (value, headers) = (Some(value.as_bytes()), &[][..]);
        let (offset, timestamp) = (RecordOffset(0), Some(NOW));
        let record = Record { topic: StateUpdates, partition, offset, timestamp, key, value, headers };
        let codes: Vec<_> = check_update(&rules, record, NOW).iter().map(|reason| reason.code.code()).collect();
        assert_eq!(codes.is_empty(), partition == here, "{partition}: {codes:?}");
        assert!(codes.is_empty() || codes == ["record_key_mismatch"]);
    }
}

#[test]
fn what_the_broker_refuses_is_a_dead_letter_with_an_answer() {
    let mut world = World::new();
    let value = put("e1", 1).to_string();
    let (offset, timestamp, value) = (RecordOffset(0), Some(NOW), Some(value.as_bytes()));
    let record = Record { topic: StateUpdates, partition: 0, offset, timestamp, key: None, value, headers: &[] };
    let outcome = refuse(&world.rules, Input::Update(record), NOW, &mut world.effects);
    let seen = world.seen(outcome);
    assert_eq!((seen.dead, &seen.reply["reasons"][0]["code"]), (vec!["produce_refused"], &json!("produce_refused")));
}

/// A producer may make some texts as long as it likes; what comes of them always fits, or the partition would stop.
#[test]
fn an_answer_fits_into_its_topic_whatever_the_update_says() {
    let mut world = World::new();
    let mut event = put("e1", 1);
    event["payload"]["metadata"]["root_id"] = json!("\u{8}".repeat(100_000));
    event["user_id"] = json!("u".repeat(300_000));
    let value = event.to_string();
    assert!(value.len() < 1_000_000);
    let value = Some(value.as_bytes());
    let (offset, timestamp) = (RecordOffset(0), Some(NOW));
    let record = Record { topic: StateUpdates, partition: 0, offset, timestamp, key: None, value, headers: &[] };
    for refused in [false, true] {
        let past = world.ledger.of(PARTITION, NOW);
        let view = PartitionView { past, entities: world.registry.of(0).unwrap() };
        let outcome = if refused {
            refuse(&world.rules, Input::Update(record), NOW, &mut world.effects)
        } else {
            decide(&world.rules, &view, Input::Update(record), NOW, &mut world.effects)
        };
        assert_eq!(outcome.code(), if refused { "failed" } else { "state_changed" });
        let room = world.rules.topology.state.replies.room();
        let replies: Vec<_> =
            world.effects.produced().iter().filter(|one| one.topic == Topic::Control(ControlTopic::Replies)).collect();
        assert_eq!(replies.len(), 1);
        assert!(world.effects.bytes(replies[0].value).len() < room);
    }
}

#[test]
fn nobody_spends_the_ids_of_another_module() {
    let mut world = World::of(rules_with(&format!("state_mode: open\n{CATALOGUE}"), 1_000_000));
    let mut other = put("e1", 1);
    other["source_module"] = json!("other");
    other["payload"]["data"] = json!({"module": "other", "entity_type": "x", "entity_id": "y", "state": {}});
    assert_eq!(world.decide(&other).reply, changed(1));
    world.commit();
    assert_eq!(world.decide(&put("e1", 1)).reply, changed(1));
}

/// What the ledger has forgotten, the entity still knows of its last update.
#[test]
fn the_last_update_of_an_entity_is_known_as_long_as_it_lives() {
    let mut world = World::new();
    world.decide(&put("e1", 1));
    world.commit();
    world.ledger.clear();
    let seen = world.decide(&put("e1", 1));
    assert_eq!((seen.outcome, &seen.reply["version"], &seen.reply["repeated"]), ("duplicate", &json!(1), &json!(true)));
}

#[test]
fn an_update_that_emits_an_invalid_fact_is_refused() {
    let text = CATALOGUE
        .replace("account_id: \"entity.id\"", "account_id: \"new.note\"")
        .replace("note: string?", "note: string");
    let mut world = World::of(rules_with(&text, 1_000_000));
    world.decide(&event("e1", "put", json!({"state": {"score": 1, "note": "x"}})));
    let seen = world.decide(&event("e2", "put", json!({"state": {"score": 2, "note": ""}})));
    assert_eq!((seen.outcome, seen.dead), ("failed", vec!["derived_invalid"]));

    let text = CATALOGUE
        .replace("account_id: string, old_score", "text: string, account_id: string, old_score")
        .replace("account_id: \"entity.id\"", "account_id: \"entity.id\", text: \"old.note + new.note\"")
        .replace("note: string?", "note: string");
    let mut rules = rules_with(&text, 1_131_072);
    for facts in &mut rules.topology.types {
        facts.max_message_bytes = 1_065_536;
    }
    let mut world = World::of(rules);
    let note = "n".repeat(510_000);
    world.decide(&event("e1", "put", json!({"state": {"score": 1, "note": note}})));
    let seen = world.decide(&event("e2", "put", json!({"state": {"score": 2, "note": note}})));
    assert_eq!((seen.outcome, seen.dead), ("failed", vec!["derived_too_large"]));
}
