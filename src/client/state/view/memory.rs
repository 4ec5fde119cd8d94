//! State in memory: shards of ordered sets, so that readers and the follower seldom wait for each other.

use std::collections::BTreeSet;
use std::collections::btree_set::Range;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::entry::Entry;

const SHARDS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Memory {
    shards: [RwLock<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    entries: BTreeSet<Entry>,
    bytes: u64,
}

impl Memory {
    fn shard(&self, key: &[u8]) -> &RwLock<Shard> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }

    /// Takes records in, in their order.
    pub(super) fn apply(&self, batch: impl Iterator<Item = Entry>) {
        for entry in batch {
            let mut shard = self.shard(entry.key()).write().unwrap_or_else(PoisonError::into_inner);
            let (tombstone, size) = (entry.is_tombstone(), entry.size());
            let old = if tombstone { shard.entries.take(entry.key()) } else { shard.entries.replace(entry) };
            shard.bytes -= old.map_or(0, |old| old.size());
            shard.bytes += if tombstone { 0 } else { size };
        }
    }

    /// What `read` makes of a value; `None` where there is none.
    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let shard = self.shard(key).read().unwrap_or_else(PoisonError::into_inner);
        shard.entries.get(key).map(|entry| read(entry.value()))
    }

    /// The first entries behind `from` whose keys begin like this, in their order.
    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Vec<Entry> {
        let shards: Vec<RwLockReadGuard<'_, Shard>> =
            self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner)).collect();
        let inside =
            |range: &mut Range<'_, Entry>| range.next().filter(|entry| entry.key().starts_with(prefix)).cloned();
        let mut ranges: Vec<_> = shards
            .iter()
            .filter_map(|shard| {
                let mut range = shard.entries.range::<[u8], _>((from, Bound::Unbounded));
                Some((inside(&mut range)?, range))
            })
            .collect();
        let mut out = Vec::new();
        while out.len() < most {
            let least = (0..ranges.len()).min_by(|a, b| ranges[*a].0.cmp(&ranges[*b].0));
            let Some(least) = least else { break };
            let (entry, range) = &mut ranges[least];
            match inside(range) {
                Some(next) => out.push(std::mem::replace(entry, next)),
                None => out.push(ranges.swap_remove(least).0),
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
        shards.fold((0, 0), |(entities, bytes), shard| (entities + shard.entries.len() as u64, bytes + shard.bytes))
    }
}
