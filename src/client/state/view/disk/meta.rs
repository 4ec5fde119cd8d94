//! What the file says of itself: of which topic it is, and up to where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::entry::Stand;
use super::super::origin::Origin;
use crate::time::Timestamp;

/// The form of the file (decision 72).
pub(super) const FORM: u32 = 2;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) form: u32,
    pub(super) origin: Origin,
    /// The next offset of each partition.
    positions: BTreeMap<i32, i64>,
    /// Everything that was committed before is in the file; milliseconds since 1970.
    as_of: Option<i64>,
    /// Bytes of keys and values.
    pub(super) bytes: u64,
}

impl Meta {
    pub(super) fn new(origin: Origin, stand: &Stand) -> Self {
        let as_of = stand.as_of.map(Timestamp::millis);
        Self { form: FORM, origin, positions: stand.positions.clone(), as_of, bytes: 0 }
    }

    /// The same of a file that is not yet what it says.
    pub(super) fn unfinished(&self) -> Self {
        Self { as_of: None, ..self.clone() }
    }

    pub(super) fn stand(&self) -> Stand {
        Stand { positions: self.positions.clone(), as_of: self.as_of.map(Timestamp::from_millis) }
    }
}
