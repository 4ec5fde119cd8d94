//! What an audit record and a dead letter say, as digests that can be compared: without the time of the decision, and
//! without what a record leaves out that would be too long for its topic.

use super::{Seen, half};
use crate::audit::{MAX_BARE_LIST, Record, bare};
use crate::kernel::{REPLAYS_HEADER, replay_count};
use crate::reason::{Outcome, ReasonCode};
use crate::verify::{Verdict, digest};

/// Reasons that lie in what the cluster takes.
const BY_CLUSTER: [ReasonCode; 2] = [ReasonCode::ProduceRefused, ReasonCode::DerivedTooLarge];

/// How it ended, what was derived, which conditions did not hold, and why.
pub(super) fn verdict(outcome: Outcome, record: &Record<'_>) -> Verdict {
    let by_cluster = record.reasons.iter().any(|why| BY_CLUSTER.iter().any(|code| code.code() == why.code));
    let mut texts = Vec::new();
    for derived in &record.derived {
        texts.extend([&*derived.trigger, &*derived.event_id, &*derived.event_type]);
    }
    // No trigger has an empty name: here the next list begins.
    texts.push("");
    texts.extend(record.not_fired.iter().map(|trigger| &**trigger));
    texts.push("");
    texts.extend(record.reasons.iter().take(MAX_BARE_LIST).map(|why| &*why.code));
    Verdict::new(outcome, by_cluster && outcome == Outcome::Failed, record.derived.len(), of(&texts))
}

/// What it says of the event itself, whatever came of it, its key among it.
pub(super) fn event(record: &Record<'_>, key: Option<&[u8]>) -> u64 {
    let texts = [
        &record.event_id,
        &record.event_type,
        &record.tenant_id,
        &record.source_module,
        &record.user_id,
        &record.correlation_id,
        &record.causation_id,
        &record.root_id,
        &record.payload_digest,
    ];
    let numbers = format!("{:?} {:?} {}", record.hops, record.expected_version, record.replays);
    // A key that would be long is left out where the record would be.
    let is_long = record.root_id.as_ref().is_some_and(|root| bare(root).len() < root.len());
    let key = key.filter(|_| !is_long).unwrap_or_default();
    let texts = texts.map(|text| text.as_deref().map_or("", bare));
    half(digest(&[&texts.map(str::as_bytes)[..], &[numbers.as_bytes(), key]].concat())).max(1)
}

/// What the dead letter of an audited record must say; 0 where the audit record does not say all of it.
pub(super) fn grounds(record: &Record<'_>) -> u64 {
    if record.reasons.len() >= MAX_BARE_LIST {
        return 0;
    }
    let codes = record.reasons.iter().map(|why| &*why.code).collect();
    grounds_of(codes, [record.tenant_id.as_deref(), record.catalogue.as_deref()], record.replays)
}

/// What a dead letter says.
pub(super) fn letter(seen: &Seen<'_>) -> u64 {
    let codes = seen.header("revbus.dead.reason").unwrap_or_default().split(',').collect();
    let texts = ["revbus.dead.tenant", "revbus.dead.catalogue"].map(|name| seen.header(name));
    grounds_of(codes, texts, replay_count(seen.header(REPLAYS_HEADER)))
}

fn grounds_of(mut codes: Vec<&str>, [tenant, catalogue]: [Option<&str>; 2], replays: u32) -> u64 {
    codes.sort_unstable();
    codes.dedup();
    let codes = codes.join(",");
    let texts = [&*codes, tenant.unwrap_or_default(), catalogue.unwrap_or_default(), &replays.to_string()];
    half(of(&texts)).max(1)
}

fn of(texts: &[&str]) -> u128 {
    let parts: Vec<_> = texts.iter().map(|text| text.as_bytes()).collect();
    digest(&parts)
}
