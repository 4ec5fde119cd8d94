//! Keys, partitions, and how strict the records of a type are.

use super::types::Sides;
use super::{Change, Comparison, Pair, Party};
use crate::catalogue::{EventType, RecordKey};
use crate::schema::Additional;

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
