//! What a router must make of the updates that stand on their topic: told without a line of its code. A partition of
//! updates has one writer, so its order decides everything.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::update::{FACT, MODULE, is_valid};
use crate::linear::{canonical, merged};
use crate::support::{Bus, Record};

/// An entity that is there: its version and its state.
pub type Entity = (u64, Value);
/// A record of the state topic: key, version, state (none: a tombstone), the update.
pub type Written = (String, u64, Option<String>, String);

/// All that must be there.
#[derive(Debug, Default)]
pub struct Replay {
    /// Each update's outcome and version.
    pub outcomes: BTreeMap<(i32, i64), (&'static str, Option<u64>)>,
    /// The state topic, partition by partition.
    pub log: BTreeMap<i32, Vec<Written>>,
    /// The facts that were emitted, by their ids.
    pub facts: BTreeMap<String, Value>,
    /// Their fold.
    pub entities: BTreeMap<String, Entity>,
    /// How the updates of one id ended that count against their repetition.
    settled: HashMap<String, Option<u64>>,
}

impl Replay {
    pub fn of(bus: &Bus) -> Self {
        let mut replay = Self::default();
        let mut updates = bus.drain("revbus.state_updates");
        updates.sort_by_key(|record| (record.partition, record.offset));
        updates.iter().for_each(|record| replay.take(record));
        replay
    }

    fn take(&mut self, record: &Record) {
        let event = record.json();
        let id = event["event_id"].as_str().unwrap().to_owned();
        let outcome = self.decide(record, &event, &id);
        if matches!(outcome.0, "state_changed" | "conflict") {
            self.settled.insert(id, outcome.1);
        }
        self.outcomes.insert((record.partition, record.offset), outcome);
    }

    fn decide(&mut self, record: &Record, event: &Value, id: &str) -> (&'static str, Option<u64>) {
        let data = &event["payload"]["data"];
        let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
        if event["source_module"] != MODULE {
            return ("denied", None);
        }
        if let Some(version) = self.settled.get(id) {
            return ("duplicate", *version);
        }
        let before = self.entities.get(&key).cloned();
        let version = before.as_ref().map_or(0, |(version, _)| *version);
        let deletes = event["event_type"] == "state.delete";
        let expected = data["expected_version"].as_u64();
        if expected.is_some_and(|expected| expected != version) || (deletes && before.is_none()) {
            return ("conflict", Some(version));
        }
        let after = if deletes {
            None
        } else if let Some(patch) = data.get("patch") {
            Some(merged(before.as_ref().map_or(Value::Null, |(_, state)| state.clone()), patch))
        } else {
            Some(data["state"].clone())
        };
        if after.as_ref().is_some_and(|state| !is_valid(state)) {
            return ("invalid", None);
        }
        self.write(record.partition, (&key, version + 1, after.as_ref()), id);
        if let (Some((_, old)), Some(new)) = (&before, &after)
            && old["health_score"] != new["health_score"]
        {
            self.emit(event, (old, new));
        }
        ("state_changed", Some(version + 1))
    }

    fn write(&mut self, partition: i32, (key, version, state): (&str, u64, Option<&Value>), id: &str) {
        let written = (key.to_owned(), version, state.map(canonical), id.to_owned());
        self.log.entry(partition).or_default().push(written);
        match state {
            Some(state) => drop(self.entities.insert(key.to_owned(), (version, state.clone()))),
            None => drop(self.entities.remove(key)),
        }
    }

    fn emit(&mut self, event: &Value, (old, new): (&Value, &Value)) {
        let text = |name: &str| event[name].as_str().unwrap();
        let id = revbus::ids::derived_event_id(text("tenant_id"), text("event_type"), text("event_id"), FACT);
        let account = &event["payload"]["data"]["entity_id"];
        let data = json!({"account_id": account, "old_score": old["health_score"], "new_score": new["health_score"]});
        self.facts.insert(format!("evt_{id}"), data);
    }

    /// All in which a cluster differs from it.
    pub fn compare(&self, bus: &Bus) -> Vec<String> {
        let mut findings = Vec::new();
        let mut log: BTreeMap<i32, Vec<Written>> = BTreeMap::new();
        for record in bus.drain("revbus.state") {
            log.entry(record.partition).or_default().push(written(&record));
        }
        for partition in log.keys().chain(self.log.keys()).collect::<HashSet<_>>() {
            let (there, due) = (log.get(partition), self.log.get(partition));
            let (there, due) = (there.map_or(&[][..], |log| log), due.map_or(&[][..], |log| log));
            if let Some(at) = (0..there.len().max(due.len())).find(|at| there.get(*at) != due.get(*at)) {
                let (there, due) = (there.get(at), due.get(at));
                findings.push(format!("revbus.state[{partition}], record {at}: {there:?}, and not {due:?}"));
            }
        }
        self.compare_audit(bus, &mut findings);
        let mut due = self.facts.clone();
        for record in bus.drain(FACT) {
            let event = record.json();
            let id = event["event_id"].as_str().unwrap();
            match due.remove(id) {
                None => findings.push(format!("{}: {id} is there twice, or nothing emits it", record.place())),
                Some(data) if data != event["payload"]["data"] => {
                    findings.push(format!("{}: {} of {data}", record.place(), event["payload"]["data"]));
                }
                Some(_) => {}
            }
        }
        findings.extend(due.into_iter().map(|(id, data)| format!("{id} {data} was not emitted")));
        findings
    }

    fn compare_audit(&self, bus: &Bus, findings: &mut Vec<String>) {
        let mut due = self.outcomes.clone();
        for record in bus.drain("revbus.audit").into_iter().filter(|record| is_of_update(bus, record)) {
            let json = record.json();
            let source = &json["source"];
            let partition = i32::try_from(source["partition"].as_i64().unwrap()).unwrap();
            let at = (partition, source["offset"].as_i64().unwrap());
            let told = (json["outcome"].as_str().unwrap(), json["version"].as_u64());
            match due.remove(&at) {
                Some(wanted) if wanted == told => {}
                other => findings.push(format!("{}: {at:?} is audited as {told:?}, and not {other:?}", record.place())),
            }
        }
        findings.extend(due.into_iter().map(|(at, wanted)| format!("{at:?} is not audited as {wanted:?}")));
    }
}

/// Whether an audit record tells of an update.
pub fn is_of_update(bus: &Bus, record: &Record) -> bool {
    record.json()["source"]["topic"] == bus.topic("revbus.state_updates").as_str()
}

/// A record of the state topic.
fn written(record: &Record) -> Written {
    let value = match record.header("revbus.state") {
        Some(header) => serde_json::from_str(header).unwrap(),
        None => record.json(),
    };
    let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
    let state = record.value.as_ref().map(|_| canonical(&value["state"]));
    (key, value["version"].as_u64().unwrap(), state, value["event_id"].as_str().unwrap().to_owned())
}
