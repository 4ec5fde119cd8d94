//! The entities of the partitions of one worker: what is committed, and over it what the open batch made of it.
//!
//! The committed part is the fold of the state topic's log (ST-1). An update sees the batch's changes first; a commit
//! folds them in, an abort drops them, and a partition that goes takes both with it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// An entity: its key and its value in one piece of memory, and how long the key is.
#[derive(Debug)]
struct Slot {
    bytes: Box<[u8]>,
    key: u32,
}

impl Slot {
    fn new(key: &[u8], value: &[u8]) -> Self {
        let bytes = [key, value].concat().into_boxed_slice();
        Self { bytes, key: u32::try_from(key.len()).unwrap_or(u32::MAX) }
    }

    fn key(&self) -> &[u8] {
        &self.bytes[..self.key as usize]
    }

    fn value(&self) -> &[u8] {
        &self.bytes[self.key as usize..]
    }
}

/// The entities of one partition.
#[derive(Debug, Default)]
pub struct Entities {
    committed: HashTable<Slot>,
    hasher: RandomState,
    /// The bytes of all keys and values that are committed.
    bytes: usize,
    /// What the open batch wrote, by key; `None` for a tombstone.
    open: HashMap<Box<[u8]>, Option<Box<[u8]>>>,
}

impl Entities {
    /// The value of an entity, as the next update sees it.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        match self.open.get(key) {
            Some(written) => written.as_deref(),
            None => self.committed.find(self.hasher.hash_one(key), |slot| slot.key() == key).map(Slot::value),
        }
    }

    /// What the open batch writes; `None` for a tombstone.
    pub fn write(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.open.insert(key.into(), value.map(Into::into));
    }

    /// Folds a record of the log in, between batches; `None` for a tombstone.
    pub fn fold(&mut self, key: &[u8], value: Option<&[u8]>) {
        let hash = self.hasher.hash_one(key);
        if let Ok(old) = self.committed.find_entry(hash, |slot| slot.key() == key) {
            self.bytes -= old.remove().0.bytes.len();
        }
        if let Some(value) = value {
            let slot = Slot::new(key, value);
            self.bytes += slot.bytes.len();
            let hasher = &self.hasher;
            self.committed.insert_unique(hash, slot, |slot| hasher.hash_one(slot.key()));
        }
    }

    /// The open batch is committed.
    pub fn commit(&mut self) {
        for (key, value) in std::mem::take(&mut self.open) {
            self.fold(&key, value.as_deref());
        }
    }

    /// The open batch is gone, and its changes with it.
    pub fn abort(&mut self) {
        self.open.clear();
    }

    /// Whether the open batch wrote any of them.
    #[must_use]
    pub fn are_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// How many are committed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.committed.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.committed.is_empty()
    }

    /// The bytes of their keys and values.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Those that are committed, each with its value, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.committed.iter().map(|slot| (slot.key(), slot.value()))
    }
}

/// The entities of all partitions of updates that a worker has read back; of any other it decides nothing.
#[derive(Debug, Default)]
pub struct Registry(BTreeMap<i32, Entities>);

impl Registry {
    /// The entities of a partition that is read back.
    #[must_use]
    pub fn of(&self, partition: i32) -> Option<&Entities> {
        self.0.get(&partition)
    }

    /// The same, to write.
    pub fn of_mut(&mut self, partition: i32) -> Option<&mut Entities> {
        self.0.get_mut(&partition)
    }

    /// A partition is read back.
    pub fn restored(&mut self, partition: i32, entities: Entities) {
        self.0.insert(partition, entities);
    }

    /// A partition goes; what is committed of it, if it was read back.
    pub fn take(&mut self, partition: i32) -> Option<Entities> {
        let mut entities = self.0.remove(&partition)?;
        entities.abort();
        Some(entities)
    }

    /// The open batch is committed.
    pub fn commit(&mut self) {
        self.0.values_mut().for_each(Entities::commit);
    }

    /// The open batch is gone.
    pub fn abort(&mut self) {
        self.0.values_mut().for_each(Entities::abort);
    }

    /// How many entities it holds, and the bytes of their keys and values.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        self.0.values().fold((0, 0), |(count, bytes), one| (count + one.len(), bytes + one.bytes()))
    }
}
