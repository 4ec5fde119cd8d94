mod behind;
mod files;
mod keys;
mod lists;
mod rebuilding;
mod stores;
mod watching;

use std::collections::BTreeMap;
use std::time::Duration;

use super::disk::Disk;
use super::entry::{Entry, Stand};
use super::kept::Kept;
use super::key;
use super::memory::Memory;
use super::origin::{Ends, Origin, TombstonesStay};
use super::shared::{Places, Shared};
use super::survey::Survey;
use crate::state::{Author, Entity, EntityKey, Version, Written};
use crate::time::Timestamp;

/// A topic of one partition that ends there.
fn survey(high: i64) -> Survey {
    Survey {
        origin: Origin {
            cluster: Some("c".to_owned()),
            topic: "revbus.state".to_owned(),
            topic_id: Some("t".to_owned()),
            count: 1,
            partitions: vec![0],
        },
        ends: BTreeMap::from([(0, Ends { low: 0, high })]),
        stay: TombstonesStay(Some(Duration::from_secs(3600))),
        at: Timestamp::now(),
    }
}

fn stand(at: i64) -> Stand {
    Stand { positions: BTreeMap::from([(0, at)]), as_of: Some(Timestamp::now()) }
}

fn account<'a>(tenant: &'a str, id: &'a str) -> EntityKey<'a> {
    EntityKey { tenant, module: "customer_success", entity_type: "account", id }
}

fn value(version: u64) -> Vec<u8> {
    value_by(version, "evt_1")
}

/// What the update of this id left.
fn value_by(version: u64, event_id: &'static str) -> Vec<u8> {
    let by = Author { module: "customer_success".into(), user: None };
    let at = Timestamp::from_millis(0);
    let written = Written { version: Version(version), at, by, event_id: event_id.into() };
    let mut out = Vec::new();
    Entity { written, state: format!("{{\"score\":{version}}}").into() }.push(&mut out);
    out
}

/// What a record with this key and value becomes in a store.
fn entry(entity: EntityKey<'_>, value: &[u8]) -> Entry {
    Entry::new(&key::of(entity).unwrap(), value).unwrap()
}

/// A view of these entities, which can be read.
fn ready(entries: impl IntoIterator<Item = Entry>) -> Shared {
    ready_of(Kept::Memory(Memory::default()), entries)
}

fn ready_of(kept: Kept, entries: impl IntoIterator<Item = Entry>) -> Shared {
    kept.apply(&mut entries.into_iter().collect(), &stand(1)).unwrap();
    let shared = Shared::new(kept, Places::default());
    shared.answer_reads();
    shared
}
