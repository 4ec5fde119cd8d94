//! Entities through the router: what an update changes, emits, answers and leaves, on a real broker.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::record::{Outgoing, Record};
use crate::support::{Bus, Cluster, Follower, Sender, eventually};

const LATEST: Duration = Duration::from_secs(30);

/// Customer success keeps the health of accounts, and a change of it makes a notification.
const CATALOGUE: &str = r#"
version: 1
modules:
  success:
    name: Success
    outbound:
      success.health_changed:
        key: account_id
        payload: {account_id: string, old_score: integer, new_score: integer}
        triggers:
          - alerts.notify
    state:
      account:
        fields:
          health_score: {type: integer(0..100), aliases: [score]}
          risk_level: enum(low|medium|high)
        emits:
          success.health_changed:
            when: "new.health_score != old.health_score"
            map:
              account_id: "entity.id"
              old_score: "old.health_score"
              new_score: "new.health_score"
  alerts:
    name: Alerts
    actions:
      alerts.notify:
        payload: {account_id: string, old_score: integer, new_score: integer}
"#;

/// A bus with a running router, and who writes to it and reads its answers.
struct World {
    bus: Bus,
    sender: Sender,
    replies: Follower,
    /// How many answers were read.
    answered: usize,
}

/// An update as a producer of any language writes it.
struct Update<'a> {
    event_id: &'a str,
    tenant: &'a str,
    by: &'a str,
    operation: &'a str,
    id: &'a str,
    rest: Value,
}

impl<'a> Update<'a> {
    fn of(event_id: &'a str, operation: &'a str, rest: Value) -> Self {
        Self { event_id, tenant: "acme", by: "success", operation, id: "a1", rest }
    }

    fn key(&self) -> String {
        let encode = |part: &str| {
            let plain = |c: char| if c.is_control() || "%/".contains(c) { None } else { Some(c.to_string()) };
            let hex = |c: char| c.to_string().bytes().map(|b| format!("%{b:02X}")).collect();
            part.chars().map(|c| plain(c).unwrap_or_else(|| hex(c))).collect::<String>()
        };
        format!("{}/success/account/{}", self.tenant, encode(self.id))
    }

    fn outgoing(&self, bus: &Bus) -> Outgoing {
        let mut data = json!({"module": "success", "entity_type": "account", "entity_id": self.id});
        data.as_object_mut().unwrap().extend(self.rest.as_object().unwrap().clone());
        let event = json!({
            "event_id": self.event_id,
            "event_type": format!("state.{}", self.operation),
            "source_module": self.by,
            "tenant_id": self.tenant,
            "user_id": "ann",
            "timestamp": "2024-01-15T10:30:00Z",
            "payload": {
                "action": self.operation,
                "data": data,
                "metadata": {"client_id": "test", "reply_partition": 1},
            },
        });
        bus.outgoing("revbus.state_updates", &self.key(), event.to_string())
    }
}

impl World {
    fn new(name: &str) -> Self {
        let bus = Bus::new(Cluster::shared(), name, CATALOGUE, 3);
        bus.apply();
        let replies = Follower::of(&bus.broker, &[bus.topic("revbus.replies")]);
        Self { sender: Sender::new(&bus.broker), bus, replies, answered: 0 }
    }

    /// Sends updates and waits for their answers, in the order of the updates.
    fn ask(&mut self, updates: &[Update<'_>]) -> Vec<Value> {
        self.sender.send(&updates.iter().map(|update| update.outgoing(&self.bus)).collect::<Vec<_>>());
        let upto = self.answered + updates.len();
        eventually("all are answered", LATEST, || (self.replies.count() >= upto).then_some(()));
        let seen = self.replies.seen();
        let answers: Vec<_> = seen[self.answered..].iter().map(|(_, record)| record.json()).collect();
        self.answered = seen.len();
        let of = |update: &Update<'_>| {
            let causes = |answer: &&Value| answer["payload"]["metadata"]["causation_id"] == update.event_id;
            answers.iter().find(causes).unwrap_or_else(|| panic!("no answer to {}", update.event_id)).clone()
        };
        updates.iter().map(of).collect()
    }

    /// The data of the answer to one update.
    fn put(&mut self, update: Update<'_>) -> Value {
        self.ask(&[update])[0]["payload"]["data"].clone()
    }

    /// The state topic folded: what there is of each key.
    fn entities(&self) -> std::collections::BTreeMap<String, Value> {
        let mut entities = std::collections::BTreeMap::new();
        for record in self.bus.drain("revbus.state") {
            let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
            match record.value {
                Some(_) => drop(entities.insert(key, record.json())),
                None => drop(entities.remove(&key)),
            }
        }
        entities
    }

    fn audit(&self, event_id: &str) -> Vec<Value> {
        let records = self.bus.drain("revbus.audit").into_iter().map(|record| record.json());
        records.filter(|record| record["event_id"] == event_id).collect()
    }
}

fn healthy(score: u32) -> Value {
    json!({"state": {"health_score": score, "risk_level": "low"}})
}

fn expecting(mut rest: Value, version: u64) -> Value {
    rest["expected_version"] = json!(version);
    rest
}

#[test]
fn a_change_is_written_emitted_routed_answered_and_audited() {
    let mut world = World::new("change");
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
    let mut world = World::new("refused");
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
    let mut world = World::new("restart");
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
    let mut world = World::new("hostile");
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
