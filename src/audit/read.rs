//! An audit record as it stands on its topic, for those who read the trail.

use std::borrow::Cow;

use serde::Deserialize;

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
