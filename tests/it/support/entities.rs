//! Updates of entities, and a bus whose router decides on them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::bus::Bus;
use super::cluster::Broker;
use super::produce::Sender;
use super::read::Follower;
use super::record::Outgoing;
use super::wait::eventually;

const LATEST: Duration = Duration::from_secs(60);

/// Customer success keeps the health of accounts, and a change of it makes a notification.
pub const CATALOGUE: &str = r#"
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
pub struct World {
    pub bus: Bus,
    pub sender: Sender,
    pub replies: Follower,
    /// How many answers were read.
    answered: usize,
}

/// An update as a producer of any language writes it.
pub struct Update<'a> {
    pub event_id: &'a str,
    pub tenant: &'a str,
    pub by: &'a str,
    pub operation: &'a str,
    pub id: &'a str,
    pub rest: Value,
}

impl<'a> Update<'a> {
    pub fn of(event_id: &'a str, operation: &'a str, rest: Value) -> Self {
        Self { event_id, tenant: "acme", by: "success", operation, id: "a1", rest }
    }

    pub fn key(&self) -> String {
        let encode = |part: &str| {
            let plain = |c: char| if c.is_control() || "%/".contains(c) { None } else { Some(c.to_string()) };
            let hex = |c: char| c.to_string().bytes().map(|b| format!("%{b:02X}")).collect();
            part.chars().map(|c| plain(c).unwrap_or_else(|| hex(c))).collect::<String>()
        };
        format!("{}/success/account/{}", self.tenant, encode(self.id))
    }

    pub fn outgoing(&self, bus: &Bus) -> Outgoing {
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
                "metadata": {"client_id": "test", "reply_partition": 0},
            },
        });
        bus.outgoing("revbus.state_updates", &self.key(), event.to_string())
    }
}

impl World {
    pub fn new(broker: &Broker, name: &str, partitions: u32) -> Self {
        let bus = Bus::new(broker, name, CATALOGUE, partitions);
        bus.apply();
        Self::on(bus)
    }

    /// The same on a bus whose topics are there.
    pub fn on(bus: Bus) -> Self {
        let replies = Follower::of(&bus.broker, &[bus.topic("revbus.replies")]);
        Self { sender: Sender::new(&bus.broker), bus, replies, answered: 0 }
    }

    /// Sends updates and waits for their answers, in the order of the updates.
    pub fn ask(&mut self, updates: &[Update<'_>]) -> Vec<Value> {
        self.send(updates);
        self.answers(updates)
    }

    /// Sends updates, and waits for nothing.
    pub fn send(&self, updates: &[Update<'_>]) {
        self.sender.send(&updates.iter().map(|update| update.outgoing(&self.bus)).collect::<Vec<_>>());
    }

    /// Waits for the answers to updates that were sent.
    pub fn answers(&mut self, updates: &[Update<'_>]) -> Vec<Value> {
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
    pub fn put(&mut self, update: Update<'_>) -> Value {
        self.ask(&[update])[0]["payload"]["data"].clone()
    }

    /// The state topic folded: what there is of each key.
    pub fn entities(&self) -> BTreeMap<String, Value> {
        let mut entities = BTreeMap::new();
        for record in self.bus.drain("revbus.state") {
            let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
            match record.value {
                Some(_) => drop(entities.insert(key, record.json())),
                None => drop(entities.remove(&key)),
            }
        }
        entities
    }

    /// Every version that the log of the entities has ever had of each key, in the order of the log.
    pub fn versions(&self) -> BTreeMap<String, Vec<u64>> {
        let mut versions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in self.bus.drain("revbus.state") {
            let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
            versions.entry(key).or_default().push(record.json()["version"].as_u64().unwrap());
        }
        versions
    }

    pub fn audit(&self, event_id: &str) -> Vec<Value> {
        let records = self.bus.drain("revbus.audit").into_iter().map(|record| record.json());
        records.filter(|record| record["event_id"] == event_id).collect()
    }
}

pub fn healthy(score: u32) -> Value {
    json!({"state": {"health_score": score, "risk_level": "low"}})
}

pub fn expecting(mut rest: Value, version: u64) -> Value {
    rest["expected_version"] = json!(version);
    rest
}

/// A put of `healthy(score)`, wherever the entity must stand at this version.
pub fn put_at(event_id: &str, score: u32, version: u64) -> Update<'_> {
    Update::of(event_id, "put", expecting(healthy(score), version))
}
