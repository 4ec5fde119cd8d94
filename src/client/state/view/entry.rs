//! An entity in one piece of memory, and what a batch of records does to a store.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::key;
use crate::kafka::message::Message;
use crate::state::{Entity, FORM, NewerState};
use crate::time::Timestamp;

/// How every value of today's form begins: what can be seen of it without parsing.
const BEGINNING: &[u8] = b"{\"v\":1,";
const _: () = assert!(FORM == 1, "the beginning says the form");
/// The length of the key, in front of it.
const LENGTH: usize = 2;

/// A key and the record's value behind it, or none for a tombstone. Compared by the key alone.
#[derive(Debug, Clone)]
pub(super) struct Entry(Box<[u8]>);

/// What a record is to a view.
pub(super) enum Intake {
    /// A state, or a tombstone.
    Entry(Entry),
    /// Something that no router has written there, under this entity's key if there is one: as good as no state.
    Foreign(Option<Entry>),
    /// A value that this revbus cannot read.
    Newer(NewerState),
}

impl Entry {
    /// Of a key of [`key::of`]; none where the key is longer than any entity's.
    pub(super) fn new(key: &[u8], value: &[u8]) -> Option<Self> {
        Self::build(value, key.len(), |out| {
            out.extend_from_slice(key);
            true
        })
    }

    /// Something to look for under a key. What is longer than a key can be is cut: it stands where it stood.
    pub(super) fn wanted(key: &[u8]) -> Self {
        let len = u16::try_from(key.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(LENGTH + usize::from(len));
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(&key[..usize::from(len)]);
        Self(bytes.into_boxed_slice())
    }

    fn build(value: &[u8], key_len: usize, push_key: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<Self> {
        let mut bytes = Vec::with_capacity(LENGTH + key_len + value.len());
        bytes.extend_from_slice(&[0; LENGTH]);
        if !push_key(&mut bytes) {
            return None;
        }
        // At most 128 + 128 + 128 + 512 bytes, and three between them.
        let len = u16::try_from(bytes.len() - LENGTH).ok()?;
        bytes[..LENGTH].copy_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(value);
        Some(Self(bytes.into_boxed_slice()))
    }

    /// The whole piece of memory, from which [`Entry::of_bytes`] makes it again.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) const fn of_bytes(bytes: Box<[u8]>) -> Self {
        Self(bytes)
    }

    /// Of a sorted batch the last record of each key.
    pub(super) fn last_of_each(batch: &[Self]) -> impl Iterator<Item = &Self> {
        let last = |(at, entry): &(usize, &Self)| batch.get(at + 1).is_none_or(|next| next != *entry);
        batch.iter().enumerate().filter(last).map(|(_, entry)| entry)
    }

    /// Takes a record in. What can be told at once is looked at; the rest of a value is read by whoever asks for it.
    pub(super) fn take(message: &Message<'_>) -> Intake {
        let value = message.value().unwrap_or_default();
        let entry = |value: &[u8]| {
            let key = message.key()?;
            Self::build(value, key.len(), |out| key::push_of_record(key, out))
        };
        let tombstone = message.value().is_none();
        if tombstone || value.starts_with(BEGINNING) && value.ends_with(b"}") {
            return entry(value).map_or(Intake::Foreign(None), Intake::Entry);
        }
        match Entity::read(value) {
            Ok(_) => entry(value).map_or(Intake::Foreign(None), Intake::Entry),
            Err(NewerState::Foreign) => Intake::Foreign(entry(&[])),
            Err(newer @ NewerState::Newer(_)) => Intake::Newer(newer),
        }
    }

    pub(super) fn key(&self) -> &[u8] {
        let len = usize::from(u16::from_le_bytes([self.0[0], self.0[1]]));
        &self.0[LENGTH..LENGTH + len]
    }

    /// Empty for a tombstone.
    pub(super) fn value(&self) -> &[u8] {
        &self.0[LENGTH + self.key().len()..]
    }

    pub(super) fn is_tombstone(&self) -> bool {
        self.value().is_empty()
    }

    /// Bytes of key and value.
    pub(super) fn size(&self) -> u64 {
        (self.0.len() - LENGTH) as u64
    }
}

impl Borrow<[u8]> for Entry {
    fn borrow(&self) -> &[u8] {
        self.key()
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

/// Where a view stands: what a file keeps beside the values, in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Stand {
    /// The next offset of each partition.
    pub(super) positions: BTreeMap<i32, i64>,
    /// Everything that was committed before is in the view.
    pub(super) as_of: Option<Timestamp>,
}
