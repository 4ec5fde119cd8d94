//! Where a view keeps what it has read: one of two stores, which answer alike.

use std::ops::Bound;

use super::ViewError;
use super::disk::Disk;
use super::entry::{Entry, Stand};
use super::memory::Memory;

#[allow(clippy::large_enum_variant, reason = "a view has one of them")]
pub(super) enum Kept {
    Memory(Memory),
    Disk(Disk),
}

/// Why a store cannot do what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptError {
    /// What is in the file cannot be what was written: it must be made anew.
    Torn(String),
    /// It cannot go on.
    Failed(ViewError),
}

/// How much is gathered before it is taken in, while there is much to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchLimits {
    pub(super) records: usize,
    pub(super) bytes: u64,
    pub(super) millis: u64,
}

impl Kept {
    /// Takes a batch of records in, with where the view stands after it: both or neither.
    pub(super) fn apply(&self, batch: &mut Vec<Entry>, stand: &Stand) -> Result<(), KeptError> {
        match self {
            Self::Memory(memory) => memory.apply(batch.drain(..)),
            Self::Disk(disk) => disk.apply(batch, stand)?,
        }
        Ok(())
    }

    /// From now on the view may be read.
    pub(super) fn settle(&self, stand: &Stand) -> Result<(), KeptError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Disk(disk) => disk.settle(stand),
        }
    }

    /// What must not be lost by a crash is written down where that was long ago.
    pub(super) fn sync(&self) -> Result<(), KeptError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Disk(disk) => disk.sync(),
        }
    }

    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, KeptError> {
        match self {
            Self::Memory(memory) => Ok(memory.get(key, read)),
            Self::Disk(disk) => disk.get(key, read),
        }
    }

    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Result<Vec<Entry>, KeptError> {
        match self {
            Self::Memory(memory) => Ok(memory.range(from, prefix, most)),
            Self::Disk(disk) => disk.range(from, prefix, most),
        }
    }

    /// Entities, and bytes of their keys and values.
    pub(super) fn sizes(&self) -> (u64, u64) {
        match self {
            Self::Memory(memory) => memory.sizes(),
            Self::Disk(disk) => disk.sizes(),
        }
    }

    pub(super) fn file_bytes(&self) -> u64 {
        match self {
            Self::Memory(_) => 0,
            Self::Disk(disk) => disk.file_bytes(),
        }
    }

    pub(super) const fn limits(&self) -> BatchLimits {
        match self {
            Self::Memory(_) => BatchLimits { records: 5_000, bytes: 16 << 20, millis: 50 },
            // A page is written once for all of a batch that falls into it.
            Self::Disk(_) => BatchLimits { records: 100_000, bytes: 64 << 20, millis: 1_000 },
        }
    }
}
