//! Entities through the router: what an update changes, emits, answers and leaves, on a real broker.

use std::time::Duration;

use serde_json::json;

use crate::support::entities::{Update, World, expecting, healthy};
use crate::support::{Cluster, Record, eventually};

const LATEST: Duration = Duration::from_secs(120);

#[test]
fn a_change_is_written_emitted_routed_answered_and_audited() {
    let mut world = World::new(Cluster::shared(), "change", 3);
    let router = world.bus.router("a");
    assert_eq!(world.put(Update::of("e1", "put", healthy(80))), json!({"outcome": "state_changed", "version": 1}));
    let answers = world.ask(&[Update::of("e2", "patch", json!({"patch": {"score": 40}}))]);
    assert_eq!(answers[0]["event_type"], "state.patch.completed");
    assert_eq!(answers[0]["payload"]["data"], json!({"outcome": "state_changed", "version": 2}));
    let entity = &world.entities()["acme/success/account/a1"];
    assert_eq!(entity["state"], json!({"health_score": 40, "risk_level": "low"}));
    assert_eq!((&entity["version"], &entity["event_id"]), (&json!(2), &json!("e2")));
    assert_eq!(entity["written_by"], json!({"module": "success", "user_id": "ann"}));
    // The fact that the change emits, and what a trigger makes of it.
    let command = eventually("the trigger fires", LATEST, || world.bus.drain("alerts.notify").pop()).json();
    let facts: Vec<_> = world.bus.drain("success.health_changed").iter().map(Record::json).collect();
    assert_eq!(facts.len(), 1, "a creation emits nothing");
    assert_eq!(facts[0]["payload"]["data"], json!({"account_id": "a1", "old_score": 80, "new_score": 40}));
    assert_eq!(facts[0]["payload"]["metadata"]["causation_id"], "e2");
    assert_eq!(facts[0]["payload"]["metadata"]["trigger"], "state:account");
    assert_eq!(command["payload"]["metadata"]["hops"], 2);
    let audit = world.audit("e2");
    assert_eq!(audit.len(), 1);
    assert_eq!((&audit[0]["outcome"], &audit[0]["version"]), (&json!("state_changed"), &json!(2)));
    assert_eq!(audit[0]["derived"][0]["event_id"], facts[0]["event_id"]);
    router.stop();
}

#[test]
fn what_is_refused_is_answered_and_only_what_is_wrong_dies() {
    let mut world = World::new(Cluster::shared(), "refused", 3);
    let router = world.bus.router("a");
    world.put(Update::of("e1", "put", expecting(healthy(80), 0)));
    let conflict = world.put(Update::of("e2", "put", expecting(healthy(10), 7)));
    let current = json!({"version": 1, "state": {"health_score": 80, "risk_level": "low"}});
    assert_eq!(conflict, json!({"outcome": "conflict", "version": 1, "current": current}));
    let denied = world.put(Update { by: "alerts", ..Update::of("e3", "delete", json!({})) });
    assert_eq!((&denied["outcome"], &denied["reasons"][0]["code"]), (&json!("denied"), &json!("wrong_owner")));
    let invalid = world.put(Update::of("e4", "put", healthy(101)));
    assert_eq!((&invalid["outcome"], &invalid["reasons"][0]["code"]), (&json!("invalid"), &json!("field_invalid")));
    let dead = world.bus.drain("revbus.dead_letters");
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].json()["event_id"], "e4");
    // The same event again: its first answer, and nothing else.
    let again = world.put(Update::of("e1", "put", expecting(healthy(80), 0)));
    assert_eq!(again, json!({"outcome": "state_changed", "version": 1, "repeated": true}));
    assert_eq!(world.bus.drain("revbus.state").len(), 1);
    assert_eq!(world.audit("e1").iter().map(|one| &one["outcome"]).collect::<Vec<_>>(), ["state_changed", "duplicate"]);
    router.stop();
}

#[test]
fn versions_and_answers_survive_a_kill() {
    let mut world = World::new(Cluster::shared(), "restart", 3);
    let mut router = world.bus.router("a");
    world.put(Update::of("e1", "put", healthy(1)));
    world.put(Update { id: "gone", ..Update::of("e2", "put", healthy(1)) });
    let deleted = world.put(Update { id: "gone", ..Update::of("e3", "delete", json!({})) });
    assert_eq!(deleted, json!({"outcome": "state_changed", "version": 2}));
    router.kill();
    let router = world.bus.router("b");
    let again = world.put(Update::of("e1", "put", healthy(1)));
    assert_eq!(again, json!({"outcome": "state_changed", "version": 1, "repeated": true}));
    assert_eq!(world.put(Update::of("e4", "put", healthy(2)))["version"], 2);
    assert_eq!(world.put(Update { id: "gone", ..Update::of("e5", "put", healthy(1)) })["version"], 1);
    router.stop();
}

/// Ids that could be taken for paths, for keys or for other ids, under two tenants: each is an entity of its own.
#[test]
fn tenants_and_hostile_ids_never_mix() {
    let mut world = World::new(Cluster::shared(), "hostile", 3);
    let router = world.bus.router("a");
    let ids = ["a", "a/b", "a%2Fb", "..", "../../globex/success/account/a", "a\n", "\u{202e}a", "é", "e\u{301}", " "];
    let tenants = ["acme", "globex"];
    let names: Vec<_> = (0..ids.len() * tenants.len()).map(|at| format!("e{at}")).collect();
    let updates: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| Update {
            tenant: tenants[at % 2],
            id: ids[at / 2],
            ..Update::of(name, "put", expecting(healthy(u32::try_from(at).unwrap()), 0))
        })
        .collect();
    for answer in world.ask(&updates) {
        assert_eq!(answer["payload"]["data"], json!({"outcome": "state_changed", "version": 1}));
    }
    let entities = world.entities();
    assert_eq!(entities.len(), updates.len());
    for update in &updates {
        assert_eq!(entities[&update.key()]["event_id"], update.event_id, "{:?}", update.id);
    }
    router.stop();
}
