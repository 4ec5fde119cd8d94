//! What must change so that the topics are as they should be. Pure: the cluster as it is goes in, the plan comes out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Allowed, Change, DesiredTopic, Plan, Purpose, durability, twins};
use crate::catalogue::ControlTopic;
use crate::kafka::admin::TopicDescription;

/// Plans. `actual` has those of the desired topics that are there.
#[must_use]
pub fn plan(desired: &[DesiredTopic], actual: &BTreeMap<String, TopicDescription>, allowed: Allowed<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut asked = BTreeMap::new();
    let mut shortened = BTreeSet::new();
    for name in allowed.shorten {
        match find(desired, name) {
            Some(topic) => _ = shortened.insert(topic.name.as_str()),
            None => plan.refusals.push(format!("--shorten {name}: the catalogue has no such topic")),
        }
    }
    for wish in allowed.grow {
        match find(desired, &wish.topic) {
            Some(topic) => _ = asked.insert(topic.name.as_str(), wish.partitions),
            None => plan.refusals.push(format!("--grow {}: the catalogue has no such topic", wish.topic)),
        }
    }
    for topic in desired {
        insync(&mut plan, topic, actual.get(&topic.name));
        match actual.get(&topic.name) {
            None if asked.contains_key(topic.name.as_str()) => plan.refusals.push(format!(
                "--grow {}: it does not exist yet; its `partitions` in the catalogue say how many it is created with",
                topic.name
            )),
            None => plan.changes.push(create(topic, twins::partitions(desired, actual, topic))),
            Some(there) => {
                partitions(&mut plan, topic, there, asked.get(topic.name.as_str()).copied());
                replicas(&mut plan, topic, there);
                configure(&mut plan, topic, there, shortened.contains(topic.name.as_str()));
            }
        }
    }
    audit_keeps_up(&mut plan, desired, actual);
    durability::note(&mut plan, desired, actual);
    plan.refusals.extend(twins::uneven(desired, actual));
    plan
}

/// By its full name, or by its name behind the catalogue's prefix.
fn find<'a>(desired: &'a [DesiredTopic], name: &str) -> Option<&'a DesiredTopic> {
    let exact = desired.iter().find(|topic| topic.name == name);
    // The prefix is what stands in front of the control topics' fixed names.
    let prefix = desired.iter().find_map(|topic| match topic.purpose {
        Purpose::Control(control) => topic.name.strip_suffix(control.name()),
        Purpose::Fact | Purpose::Command => None,
    });
    exact.or_else(|| {
        let full = format!("{}{name}", prefix?);
        desired.iter().find(|topic| topic.name == full)
    })
}

fn create(topic: &DesiredTopic, partitions: u32) -> Change {
    Change::Create {
        topic: topic.name.clone(),
        partitions,
        replication_factor: topic.replication_factor,
        config: topic.config.clone(),
        holds: topic.holds,
    }
}

fn partitions(plan: &mut Plan, topic: &DesiredTopic, there: &TopicDescription, asked: Option<u32>) {
    let (name, from) = (&topic.name, there.partitions);
    if let Some(to) = asked {
        match growth(topic, from, to) {
            Err(why) => plan.refusals.push(format!("--grow {name}={to}: {why}")),
            Ok(None) => {}
            Ok(Some(lost)) => plan.changes.push(Change::Grow { topic: name.clone(), from, to, lost }),
        }
    } else if from > topic.partitions && !is_audit(topic) {
        let wanted = topic.partitions;
        plan.notes.push(format!("{name} has {from} partitions, the catalogue says {wanted}: topics never shrink"));
    } else if from < topic.partitions && !is_audit(topic) {
        let wanted = topic.partitions;
        plan.notes.push(match growth(topic, from, wanted) {
            Err(why) => format!("{name} has {from} partitions, the catalogue says {wanted}: {why}"),
            Ok(lost) => {
                let lost = lost.flatten().map_or_else(String::new, |lost| format!(" ({lost})"));
                format!(
                    "{name} has {from} partitions, the catalogue says {wanted}: left alone, unless you say \
                     --grow {name}={wanted}{lost}"
                )
            }
        });
    }
}

/// Whether a topic may have more partitions: why not, or nothing to do, or what is lost.
fn growth(topic: &DesiredTopic, from: u32, to: u32) -> Result<Option<Option<String>>, String> {
    use ControlTopic as C;
    if to < from {
        return Err(format!("it has {from} already, and topics never shrink"));
    }
    if to == from {
        return Ok(None);
    }
    match topic.purpose {
        Purpose::Control(C::State | C::StateUpdates | C::Workflows | C::WorkflowState) => {
            Err("never grown: the state of an entity stands on the partition of its key, and would be looked for on \
             another one"
                .to_owned())
        }
        Purpose::Control(C::Audit | C::DeadLetters | C::Replays) => Ok(Some(None)),
        Purpose::Control(C::Replies) => {
            Ok(Some(Some("clients have partitions of their own here; those that run keep theirs".to_owned())))
        }
        Purpose::Control(C::Requests) | Purpose::Fact | Purpose::Command => Ok(Some(Some(
            "most keys move to another partition, so a record written after this may be read before older ones of \
             its key, and an id sent again may not be recognised as a duplicate; stop the producers and let readers \
             reach the end first"
                .to_owned(),
        ))),
    }
}

fn is_audit(topic: &DesiredTopic) -> bool {
    topic.purpose == Purpose::Control(ControlTopic::Audit)
}

/// The audit topic has as many partitions as the widest topic that the router reads, also where that one has more than
/// the catalogue says, or is about to.
fn audit_keeps_up(plan: &mut Plan, desired: &[DesiredTopic], actual: &BTreeMap<String, TopicDescription>) {
    let Some(audit) = desired.iter().find(|topic| is_audit(topic)) else { return };
    let planned = |name: &str| {
        plan.changes.iter().find_map(|change| match change {
            Change::Grow { topic, to, .. } if topic == name => Some(*to),
            Change::Create { topic, partitions, .. } if topic == name => Some(*partitions),
            Change::Grow { .. } | Change::Create { .. } | Change::Configure { .. } => None,
        })
    };
    let width = |topic: &DesiredTopic| {
        planned(&topic.name).or_else(|| actual.get(&topic.name).map(|there| there.partitions)).unwrap_or(0)
    };
    let Some(widest) = desired.iter().filter(|topic| is_consumed(topic)).map(width).max() else { return };
    let now = width(audit);
    if widest <= now {
        return;
    }
    let known = plan.changes.iter_mut().find_map(|change| match change {
        Change::Create { topic, partitions: to, .. } | Change::Grow { topic, to, .. } if *topic == audit.name => {
            Some(to)
        }
        Change::Create { .. } | Change::Grow { .. } | Change::Configure { .. } => None,
    });
    match known {
        Some(to) => *to = widest,
        None => plan.changes.push(Change::Grow { topic: audit.name.clone(), from: now, to: widest, lost: None }),
    }
}

fn is_consumed(topic: &DesiredTopic) -> bool {
    use ControlTopic as C;
    matches!(topic.purpose, Purpose::Fact | Purpose::Control(C::Requests | C::StateUpdates | C::Workflows))
}

/// A topic that could never be written to is not made.
fn insync(plan: &mut Plan, topic: &DesiredTopic, there: Option<&TopicDescription>) {
    let replicas = there.map_or(topic.replication_factor, |there| there.replication_factor);
    let insync = topic.config.get("min.insync.replicas").and_then(|value| value.parse::<u16>().ok());
    if let Some(insync) = insync.filter(|insync| *insync > replicas) {
        let name = &topic.name;
        plan.refusals.push(format!(
            "{name}: min.insync.replicas={insync} with replication factor {replicas} would refuse every record"
        ));
    }
}

fn replicas(plan: &mut Plan, topic: &DesiredTopic, there: &TopicDescription) {
    let (name, wanted, has) = (&topic.name, topic.replication_factor, there.replication_factor);
    if has != wanted {
        plan.notes
            .push(format!("{name} has replication factor {has}, not {wanted}: move it with kafka-reassign-partitions"));
    }
}

fn configure(plan: &mut Plan, topic: &DesiredTopic, there: &TopicDescription, may_shorten: bool) {
    for (key, to) in &topic.config {
        let from = there.config.get(key).map(|value| value.value.clone());
        if from.as_ref() == Some(to) {
            continue;
        }
        match from {
            Some(more) if !may_shorten && keeps_more(key, &more, to) => plan.notes.push(format!(
                "{name} has {key}={more}, the catalogue says {to}: left alone, unless you say --shorten {name} (Kafka then \
                 deletes what is older)",
                name = topic.name
            )),
            from => plan.changes.push(Change::Configure {
                topic: topic.name.clone(),
                key: key.clone(),
                from,
                to: to.clone(),
            }),
        }
    }
}

/// Whether a topic keeps records that Kafka would delete under the other value.
fn keeps_more(key: &str, now: &str, then: &str) -> bool {
    // Below zero is without end.
    let kept = |value: &str| value.parse().ok().map(|kept: i64| if kept < 0 { i64::MAX } else { kept });
    match key {
        "retention.ms" | "retention.bytes" => kept(now) > kept(then),
        "cleanup.policy" => then.contains("delete") && !now.contains("delete"),
        _ => false,
    }
}
