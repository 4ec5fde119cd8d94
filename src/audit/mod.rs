//! Audit records: what was decided on a record, under which catalogue, and what came of it (decisions 25, 40, 62).

mod read;
mod record;
mod settled;
#[cfg(test)]
mod tests;

use smallvec::SmallVec;
use uuid::Uuid;

pub use read::{Derived, Record, Source, Why};
pub use record::{MAX_BARE_LIST, bare, key, write};
pub use settled::{Newer, Settled, settled};

use crate::catalogue::AuditPayload;
use crate::envelope::Envelope;
use crate::ids::RecordOffset;
use crate::reason::{Outcome, Reason};
use crate::schema::{Contract, Hidden};
use crate::state::Version;
use crate::time::Timestamp;

/// The version of the record's form (decision 72).
pub const VERSION: u32 = 1;

/// One decision, as it is audited.
#[derive(Debug)]
pub struct Decision<'a, 'e> {
    /// When it was taken.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The source record's topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: RecordOffset,
    /// The event, as far as it could be read.
    pub envelope: &'a Envelope<'e>,
    /// The canonical name and the contract of the event's type, where the catalogue has it.
    pub known_type: Option<(&'a str, &'a Contract)>,
    /// The catalogue's digest.
    pub catalogue: &'a str,
    /// Why it was not routed.
    pub reasons: &'a [Reason],
    /// What was derived.
    pub derived: SmallVec<[Derivation<'a>; 4]>,
    /// The triggers whose condition did not hold.
    pub not_fired: SmallVec<[&'a str; 4]>,
    /// The record's value.
    pub value: Option<&'a [u8]>,
    /// The version that an update made, or met.
    pub version: Option<Version>,
    /// The version that an update expected.
    pub expected: Option<Version>,
    /// How often the record was replayed from the dead letters.
    pub replays: u32,
    /// Whether something in it was edited on the way back.
    pub edited: bool,
}

/// One derived event.
#[derive(Debug, Clone, Copy)]
pub struct Derivation<'a> {
    /// The trigger that fired.
    pub trigger: &'a str,
    /// The derived event's id.
    pub id: Uuid,
    /// The derived event's type.
    pub event_type: &'a str,
}

/// How much a record says: the first that fits into the audit topic is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// All that the catalogue asks for.
    Declared,
    /// No payload but its digest.
    Digest,
    /// The digest, and every text that a producer may make long cut; no key where that would be long.
    Bare,
}

impl Extent {
    /// All of them, the longest first.
    pub const ALL: [Self; 3] = [Self::Declared, Self::Digest, Self::Bare];
}

/// What of the payload a record carries.
#[derive(Debug, Clone, Copy)]
pub struct PayloadOf<'s> {
    /// What the catalogue says.
    pub what: AuditPayload,
    /// What a full payload hides.
    pub hidden: Hidden<'s>,
    /// How much of it is written.
    pub extent: Extent,
}
