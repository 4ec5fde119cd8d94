//! What a ledger reads of audit records.

use std::borrow::Cow;

use serde::Deserialize;

use crate::reason::Outcome;
use crate::time::Timestamp;

/// An event that was decided on, and counts against its repetition.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled<'a> {
    /// The topic it came from.
    pub topic: Cow<'a, str>,
    /// Its partition.
    pub partition: i32,
    /// Where it stood there.
    pub offset: i64,
    /// Its tenant.
    pub tenant: Cow<'a, str>,
    /// Its id.
    pub event_id: Cow<'a, str>,
    /// When it was decided on.
    pub at: Timestamp,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
    #[serde(borrow)]
    source: Source<'a>,
    #[serde(borrow)]
    tenant_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow)]
    topic: Cow<'a, str>,
    partition: i32,
    offset: i64,
}

/// What an audit record says of a settled event; `None` for every other outcome (decision 61), and for what is no
/// audit record of ours.
#[must_use]
pub fn settled(value: &[u8]) -> Option<Settled<'_>> {
    let record: Record<'_> = serde_json::from_slice(value).ok()?;
    if ![Outcome::Routed, Outcome::NoTrigger].iter().any(|outcome| outcome.code() == record.outcome) {
        return None;
    }
    Some(Settled {
        topic: record.source.topic,
        partition: record.source.partition,
        offset: record.source.offset,
        tenant: record.tenant_id?,
        event_id: record.event_id?,
        at: Timestamp::parse(&record.at)?.0,
    })
}
