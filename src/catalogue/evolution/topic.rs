//! Keys, how the topic is made, and how strict the records of a type are.

use std::collections::BTreeSet;
use std::time::Duration;

use super::types::Sides;
use super::{Change, Comparison, Pair, Party};
use crate::catalogue::{EventType, RecordKey, TopicSpec};
use crate::schema::Additional;
use crate::time::duration_text;

pub(super) fn compare(comparison: &Comparison<'_>, pair: Pair<'_>, sides: &Sides, out: &mut Vec<Change>) {
    let name = &pair.new.name;
    let (was, is) = (key(pair.old), key(pair.new));
    if was != is && !key_was_renamed(pair) {
        let told = |key: Option<&str>| key.map_or_else(|| "none".to_owned(), |key| format!("`{key}`"));
        let what = format!("the key of `{name}` changed from {} to {}", told(was), told(is));
        out.push(Change::of(name, what).breaking([Party::Order]));
    }
    let (was, is) = (pair.old.topic.partitions, pair.new.topic.partitions);
    if was != is {
        let what = format!("the partitions of `{name}` changed from {was} to {is}, which moves most keys");
        out.push(Change::of(name, what).breaking([Party::Order]));
    }
    spec(name, &pair.old.topic, &pair.new.topic, out);
    if pair.old.cloudevents != pair.new.cloudevents {
        let what = if pair.new.cloudevents {
            format!("commands `{name}` carry the headers of CloudEvents")
        } else {
            format!("commands `{name}` do not carry the headers of CloudEvents any more")
        };
        let readers = sides.readers.iter().filter(|_| !pair.new.cloudevents).cloned();
        out.push(Change::of(name, what).breaking(readers));
    }
    match (pair.old.record_key, pair.new.record_key) {
        (RecordKey::Any, RecordKey::Required) => {
            let what = format!("records of `{name}` must have the key of their entity");
            out.push(Change::of(name, what).breaking(sides.writers.iter().cloned()));
        }
        (RecordKey::Required, RecordKey::Any) => {
            out.push(Change::of(name, format!("records of `{name}` may have any key")));
        }
        (RecordKey::Any, RecordKey::Any) | (RecordKey::Required, RecordKey::Required) => {}
    }
    additional(comparison, pair, sides, out);
}

/// Whom another retention breaks; `None` is for ever.
pub(super) fn late_readers(was: Option<Duration>, is: Option<Duration>) -> Option<Party> {
    let shorter = match (was, is) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(was), Some(is)) => is < was,
    };
    shorter.then_some(Party::LateReaders)
}

/// How long records are kept, and how safely.
fn spec(name: &str, was: &TopicSpec, is: &TopicSpec, out: &mut Vec<Change>) {
    let mut changed = |key: &str, was: Option<String>, is: Option<String>, breaks: Option<Party>| {
        if was != is {
            let told = |value: Option<String>| value.unwrap_or_else(|| "the broker's default".to_owned());
            let what = format!("`{key}` of `{name}` changed from {} to {}", told(was), told(is));
            out.push(Change::of(name, what).breaking(breaks));
        }
    };
    let kept = |spec: &TopicSpec| Some(spec.retention.map_or_else(|| "forever".to_owned(), duration_text));
    changed("retention", kept(was), kept(is), late_readers(was.retention, is.retention));
    let replicas = |spec: &TopicSpec| Some(spec.replication_factor.to_string());
    changed("replication_factor", replicas(was), replicas(is), None);
    let in_sync = |spec: &TopicSpec| spec.min_insync_replicas.map(|replicas| replicas.to_string());
    changed("min_insync_replicas", in_sync(was), in_sync(is), None);
    let keys: BTreeSet<&String> = was.config.keys().chain(is.config.keys()).collect();
    for key in keys {
        let value = |spec: &TopicSpec| spec.config.get(key).map(|value| format!("`{value}`"));
        changed(key, value(was), value(is), None);
    }
}

fn key(event_type: &EventType) -> Option<&str> {
    event_type.key.map(|index| &*event_type.contract.fields[index].name)
}

/// Whether the key is the same field under another name.
fn key_was_renamed(pair: Pair<'_>) -> bool {
    let (Some(was), Some(is)) = (pair.old.key, pair.new.key) else { return false };
    let (was, is) = (&pair.old.contract.fields[was], &pair.new.contract.fields[is]);
    is.aliases.contains(&was.name) || was.aliases.contains(&is.name)
}

fn additional(comparison: &Comparison<'_>, pair: Pair<'_>, sides: &Sides, out: &mut Vec<Change>) {
    let name = &pair.new.name;
    match (pair.old.contract.additional, pair.new.contract.additional) {
        (Additional::Allow, Additional::Refuse) => {
            let senders = comparison.senders(pair.id).into_iter().filter(|rows| rows.broke());
            let parties = senders.map(|rows| rows.new.party()).chain(sides.writers.iter().cloned());
            let what = format!("`{name}` refuses fields that it does not declare");
            out.push(Change::of(name, what).breaking(parties));
        }
        (Additional::Refuse, Additional::Allow) => {
            out.push(Change::of(name, format!("`{name}` lets fields pass that it does not declare")));
        }
        (Additional::Allow, Additional::Allow) | (Additional::Refuse, Additional::Refuse) => {}
    }
}
