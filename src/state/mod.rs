//! Module state: entities of a tenant's modules, how they are named, written, changed and answered.
//!
//! An entity is (tenant, module, entity type, entity id) with a state, which is a JSON object, and a version. Its
//! changelog is the compacted topic `revbus.state`: the value of a key is the entity as it is now, a tombstone says that
//! it is gone (ST-1: the state equals the fold of its changelog). Updates are events on `revbus.state_updates`.

mod entity;
mod key;
mod merge;
mod plain;
mod reply;
#[cfg(test)]
mod tests;
mod update;

pub use entity::{Author, Entity, NewerState, TOMBSTONE_HEADER, Written};
pub use key::{ANY_TENANT, EntityKey, KeyFault, OwnedEntityKey, decode_key_part, update_scope};
pub use merge::merge_patch;
pub use reply::{Answer, Current, Reply, ReplyReason, Told, ToldCurrent};
pub use update::{LEVELS_ABOVE, MAX_EXPECTED, Operation, ReplyTo, Update, UpdateBody};

use std::fmt;

/// The version of the forms of state values and tombstone headers (decision 72).
pub const FORM: u32 = 1;

/// The version of an entity within one life of it: 1, 2, 3 … An entity that is created again starts at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl Version {
    /// The version of an entity that is not there, as `expected_version` says it.
    pub const ABSENT: Self = Self(0);

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
