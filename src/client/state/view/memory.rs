//! State in memory: shards of ordered sets, so that readers and the follower seldom wait for each other.

mod slot;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use slot::Slot;

use super::entry::Entry;
use super::key;

const SHARDS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Memory {
    shards: [RwLock<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    /// By what the keys of one entity type begin with.
    scopes: BTreeMap<Box<[u8]>, BTreeSet<Slot>>,
    entities: u64,
    bytes: u64,
}

impl Shard {
    fn apply(&mut self, entry: Entry) {
        let (tombstone, size) = (entry.is_tombstone(), entry.size());
        let scope = key::split(entry.key()).0;
        let old = match (self.scopes.get_mut(scope), tombstone) {
            (Some(slots), false) => slots.replace(Slot::new(entry)),
            (Some(slots), true) => {
                let slot = Slot::new(entry);
                let old = slots.take(&slot);
                if slots.is_empty() {
                    self.scopes.remove(key::split(slot.entry.key()).0);
                }
                old
            }
            (None, false) => {
                self.scopes.insert(scope.into(), BTreeSet::from([Slot::new(entry)]));
                None
            }
            (None, true) => None,
        };
        if let Some(old) = old {
            self.bytes -= old.entry.size();
            self.entities -= 1;
        }
        if !tombstone {
            self.bytes += size;
            self.entities += 1;
        }
    }

    /// Everything from there on.
    fn range<'s>(&'s self, from: Bound<&'s [u8]>) -> impl Iterator<Item = &'s Entry> {
        let first = match from {
            Bound::Included(key) | Bound::Excluded(key) => key::split(key).0,
            Bound::Unbounded => &[],
        };
        let scopes = self.scopes.range::<[u8], _>((Bound::Included(first), Bound::Unbounded));
        let slots = scopes.flat_map(move |(scope, slots)| {
            let from = if **scope == *first { from } else { Bound::Unbounded };
            slots.range((from.map(|key| Slot::new(Entry::wanted(key))), Bound::Unbounded))
        });
        slots.map(|slot| &slot.entry)
    }
}

impl Memory {
    fn shard(&self, key: &[u8]) -> &RwLock<Shard> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }

    /// Takes records in, in their order.
    pub(super) fn apply(&self, batch: impl Iterator<Item = Entry>) {
        for entry in batch {
            self.shard(entry.key()).write().unwrap_or_else(PoisonError::into_inner).apply(entry);
        }
    }

    /// What `read` makes of a value; `None` where there is none.
    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let wanted = Slot::new(Entry::wanted(key));
        let shard = self.shard(key).read().unwrap_or_else(PoisonError::into_inner);
        shard.scopes.get(key::split(key).0)?.get(&wanted).map(|slot| read(slot.entry.value()))
    }

    /// The first entries behind `from` whose keys begin like this, in their order.
    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Vec<Entry> {
        let shards: Vec<RwLockReadGuard<'_, Shard>> =
            self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner)).collect();
        let mut ranges: Vec<_> = shards
            .iter()
            .filter_map(|shard| {
                let mut range = shard.range(from).take_while(|entry| entry.key().starts_with(prefix));
                Some((range.next()?, range))
            })
            .collect();
        let mut out = Vec::new();
        while out.len() < most {
            let least = (0..ranges.len()).min_by(|a, b| ranges[*a].0.cmp(ranges[*b].0));
            let Some(least) = least else { break };
            let (entry, range) = &mut ranges[least];
            out.push(entry.clone());
            match range.next() {
                Some(next) => *entry = next,
                None => drop(ranges.swap_remove(least)),
            }
        }
        out
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            *shard.write().unwrap_or_else(PoisonError::into_inner) = Shard::default();
        }
    }

    /// Entities, and bytes of their keys and values.
    pub(super) fn sizes(&self) -> (u64, u64) {
        let shards = self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner));
        shards.fold((0, 0), |(entities, bytes), shard| (entities + shard.entities, bytes + shard.bytes))
    }
}
