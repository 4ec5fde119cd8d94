//! Audit records: what was decided on a record, under which catalogue, and what came of it (decisions 25, 40, 62).

mod record;
#[cfg(test)]
mod tests;

use smallvec::SmallVec;
use uuid::Uuid;

pub use record::{has_key, push_key, write};

use crate::catalogue::{AuditPayload, AuditSettings};
use crate::envelope::Envelope;
use crate::ids::RecordOffset;
use crate::reason::{Outcome, Reason};
use crate::schema::Contract;
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
    /// How often the record was replayed from the dead letters.
    pub replays: u32,
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

/// What of the payload a record carries.
#[derive(Debug, Clone, Copy)]
pub struct PayloadOf<'s> {
    what: AuditPayload,
    settings: &'s AuditSettings,
}

impl<'s> PayloadOf<'s> {
    /// What the catalogue says.
    #[must_use]
    pub const fn settings(settings: &'s AuditSettings) -> Self {
        Self { what: settings.payload, settings }
    }

    /// No more than the digest: a full payload did not fit.
    #[must_use]
    pub fn digest_only(settings: &'s AuditSettings) -> Self {
        let what = match settings.payload {
            AuditPayload::Full | AuditPayload::Digest => AuditPayload::Digest,
            AuditPayload::None => AuditPayload::None,
        };
        Self { what, settings }
    }
}
