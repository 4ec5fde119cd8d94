//! What an audit record says against the repetition of its event, for the ledger that is read back.

use std::borrow::Cow;

use serde::Deserialize;

use super::VERSION;
use super::read::Source;
use crate::reason::Outcome;
use crate::state::Version;
use crate::state::update_scope;

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
    let Ok(brief) = serde_json::from_slice::<Brief<'_>>(value) else { return Ok(None) };
    if brief.v > VERSION {
        return Err(Newer(brief.v));
    }
    Ok(settled_by(brief))
}

/// What is read of an audit record for that. The rest is passed over: when partitions come, hundreds of thousands are
/// read, and facts wait for it.
#[derive(Deserialize)]
struct Brief<'a> {
    v: u32,
    #[serde(borrow)]
    outcome: Text<'a>,
    #[serde(borrow)]
    source: Source<'a>,
    #[serde(borrow)]
    event_id: Option<Text<'a>>,
    #[serde(borrow)]
    tenant_id: Option<Text<'a>>,
    #[serde(borrow)]
    source_module: Option<Text<'a>>,
    version: Option<u64>,
}

/// A text that is borrowed where it can be, also where it is optional: serde copies each `Option<Cow<str>>`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn settled_by(brief: Brief<'_>) -> Option<Settled<'_>> {
    let outcome = SETTLING.into_iter().find(|outcome| outcome.code() == brief.outcome.0)?;
    let tenant = brief.tenant_id?.0;
    let scope = match outcome {
        Outcome::StateChanged | Outcome::Conflict => Cow::Owned(update_scope(&tenant, &brief.source_module?.0)),
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
        topic: brief.source.topic,
        partition: brief.source.partition,
        offset: brief.source.offset,
        scope,
        event_id: brief.event_id?.0,
        outcome,
        version: brief.version.map(Version),
    })
}
