//! An entity's place in an ordered set.

use std::cmp::Ordering;

use super::super::entry::Entry;
use super::super::key;

/// An entity, and the beginning of its id: of two ids that differ there, which comes first is seen without a look at
/// the entities, which lie somewhere in memory. Compared with those of its own type alone.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    head: u128,
    pub(super) entry: Entry,
}

impl Slot {
    pub(super) fn new(entry: Entry) -> Self {
        let id = key::split(entry.key()).1;
        let mut head = [0; 16];
        let len = id.len().min(head.len());
        // No id has a NUL, so a shorter one stays before a longer one.
        head[..len].copy_from_slice(&id[..len]);
        Self { head: u128::from_be_bytes(head), entry }
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Slot {}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        self.head.cmp(&other.head).then_with(|| self.entry.cmp(&other.entry))
    }
}
