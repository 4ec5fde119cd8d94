//! Settings of a cluster under which records that were acknowledged may be gone again: what a plan leaves alone, and says.

use std::collections::BTreeMap;

use super::{DesiredTopic, Plan};
use crate::kafka::admin::TopicDescription;

/// How many names a note has.
const NAMED: usize = 3;
/// A setting, its value, and what comes of it where a topic has several replicas.
const HAZARDS: [(&str, &str, &str); 2] = [
    (
        "min.insync.replicas",
        "1",
        "while the other replicas are away, a record counts as written with one copy, and is gone with that broker; say \
         --min-insync-replicas 2",
    ),
    (
        "unclean.leader.election.enable",
        "true",
        "a broker that does not have all records may lead, and what was written and routed is gone; set it to false, for the \
         topics in the catalogue's `config`, or for the cluster",
    ),
];

/// One note for each setting, with the topics that have it.
pub(super) fn note(plan: &mut Plan, desired: &[DesiredTopic], actual: &BTreeMap<String, TopicDescription>) {
    for (key, value, why) in HAZARDS {
        let there = desired.iter().filter_map(|topic| Some((topic, actual.get(&topic.name)?)));
        let bad =
            there.filter(|(topic, there)| there.replication_factor > 1 && in_force(topic, there, key) == Some(value));
        let names: Vec<_> = bad.map(|(topic, _)| topic.name.as_str()).collect();
        if !names.is_empty() {
            plan.notes.push(format!("{key} is {value} of {}: {why}", list(&names)));
        }
    }
}

/// The value once the plan is carried out.
fn in_force<'a>(topic: &'a DesiredTopic, there: &'a TopicDescription, key: &str) -> Option<&'a str> {
    let now = || there.config.get(key).map(|value| value.value.as_str());
    topic.config.get(key).map(String::as_str).or_else(now)
}

fn list(names: &[&str]) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    match more.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more topics", named.join(", ")),
    }
}
