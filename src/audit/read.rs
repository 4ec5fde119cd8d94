//! An audit record as it stands on its topic, for those who read the trail.

use std::borrow::Cow;

use serde::Deserialize;

use super::VERSION;
use crate::reason::Outcome;
use crate::state::Version;
use crate::state::update_scope;
use crate::time::Timestamp;

/// What is read of an audit record: all but what its reasons say to people, and the payload.
#[derive(Debug, Deserialize)]
pub struct Record<'a> {
    /// The version of its form.
    pub v: u32,
    /// When the decision was taken.
    #[serde(borrow, default)]
    pub at: Option<Cow<'a, str>>,
    /// How it ended.
    #[serde(borrow)]
    pub outcome: Cow<'a, str>,
    /// On what.
    #[serde(borrow)]
    pub source: Source<'a>,
    /// The event's id.
    #[serde(borrow, default)]
    pub event_id: Option<Cow<'a, str>>,
    /// Its type.
    #[serde(borrow, default)]
    pub event_type: Option<Cow<'a, str>>,
    /// Its tenant.
    #[serde(borrow, default)]
    pub tenant_id: Option<Cow<'a, str>>,
    /// Its module.
    #[serde(borrow, default)]
    pub source_module: Option<Cow<'a, str>>,
    /// Who caused it.
    #[serde(borrow, default)]
    pub user_id: Option<Cow<'a, str>>,
    /// What it belongs to.
    #[serde(borrow, default)]
    pub correlation_id: Option<Cow<'a, str>>,
    /// The event that caused it.
    #[serde(borrow, default)]
    pub causation_id: Option<Cow<'a, str>>,
    /// The event at the beginning of the chain.
    #[serde(borrow, default)]
    pub root_id: Option<Cow<'a, str>>,
    /// How many triggers lie behind it.
    #[serde(default)]
    pub hops: Option<u32>,
    /// What was derived.
    #[serde(borrow, default)]
    pub derived: Vec<Derived<'a>>,
    /// The triggers whose condition did not hold.
    #[serde(borrow, default)]
    pub not_fired: Vec<Cow<'a, str>>,
    /// The SHA-256 of the source record's value, as hexadecimal digits.
    #[serde(borrow, default)]
    pub payload_digest: Option<Cow<'a, str>>,
    /// The version that an update made, or met.
    #[serde(default)]
    pub version: Option<u64>,
    /// The version that an update expected.
    #[serde(default)]
    pub expected_version: Option<u64>,
    /// How often the record was replayed from the dead letters.
    #[serde(default)]
    pub replays: u32,
    /// The digest of the catalogue under which it was decided.
    #[serde(borrow, default)]
    pub catalogue: Option<Cow<'a, str>>,
    /// Why it was not routed.
    #[serde(borrow, default)]
    pub reasons: Vec<Why<'a>>,
}

/// A reason, as an audit record names it.
#[derive(Debug, Deserialize)]
pub struct Why<'a> {
    /// Its code.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
}

/// Where the record stood that was decided on.
#[derive(Debug, Deserialize)]
pub struct Source<'a> {
    /// Its topic.
    #[serde(borrow)]
    pub topic: Cow<'a, str>,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

/// A derived event, as its audit record names it.
#[derive(Debug, Deserialize)]
pub struct Derived<'a> {
    /// The trigger that fired.
    #[serde(borrow)]
    pub trigger: Cow<'a, str>,
    /// The event's id.
    #[serde(borrow)]
    pub event_id: Cow<'a, str>,
    /// Its type.
    #[serde(borrow)]
    pub event_type: Cow<'a, str>,
}

impl<'a> Record<'a> {
    /// Reads one; `None` for what is no audit record.
    #[must_use]
    pub fn read(value: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }
}

/// An event that was decided on, and counts against its repetition.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled<'a> {
    /// The topic it came from.
    pub topic: Cow<'a, str>,
    /// Its partition.
    pub partition: i32,
    /// Where it stood there.
    pub offset: i64,
    /// What its id is one of: its tenant, or for an update tenant and module.
    pub scope: Cow<'a, str>,
    /// Its id.
    pub event_id: Cow<'a, str>,
    /// When it was decided on.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The version that an update made, or met.
    pub version: Option<Version>,
}

/// An audit record of a later version, which may mean something else (decision 72).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the audit trail has records of version {0}, and this revbus reads {VERSION}: a newer one has routed here, so \
     upgrade this one"
)]
pub struct Newer(pub u32);

/// The outcomes after which the same event is a duplicate (decision 61).
const SETTLING: [Outcome; 4] = [Outcome::Routed, Outcome::NoTrigger, Outcome::StateChanged, Outcome::Conflict];

/// What an audit record says of a settled event; `None` for every other outcome (decision 61), and for what is no
/// audit record of ours.
///
/// # Errors
/// Its version is a later one.
pub fn settled(value: &[u8]) -> Result<Option<Settled<'_>>, Newer> {
    let Some(record) = Record::read(value) else { return Ok(None) };
    if record.v > VERSION {
        return Err(Newer(record.v));
    }
    Ok(settled_by(record))
}

fn settled_by(record: Record<'_>) -> Option<Settled<'_>> {
    let outcome = SETTLING.into_iter().find(|outcome| outcome.code() == record.outcome)?;
    let tenant = record.tenant_id?;
    let scope = match outcome {
        Outcome::StateChanged | Outcome::Conflict => Cow::Owned(update_scope(&tenant, &record.source_module?)),
        Outcome::Routed
        | Outcome::NoTrigger
        | Outcome::Duplicate
        | Outcome::Denied
        | Outcome::Invalid
        | Outcome::Loop
        | Outcome::Failed
        | Outcome::Expired => tenant,
    };
    Some(Settled {
        topic: record.source.topic,
        partition: record.source.partition,
        offset: record.source.offset,
        scope,
        event_id: record.event_id?,
        at: Timestamp::parse(&record.at?)?.0,
        outcome,
        version: record.version.map(Version),
    })
}
