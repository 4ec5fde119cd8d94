//! The audit trail as a reading thread has it: what is known of the partitions that wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::background::Wanted;
use super::editions::Edition;
use crate::audit;
use crate::catalogue::ControlTopic;
use crate::ids::Position;
use crate::kafka::producer::Delivery;
use crate::kafka::restore::{Extent, Recent, Restore, Restored};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::SourcePartition;
use crate::kernel::{LedgerKeys, LedgerLimits, Remembered, Settlement};
use crate::reason::Outcome;
use crate::time::Timestamp;

/// How long it may take (decision 39): its partitions wait for it, and without it what is sent again would be routed again.
const WITHIN: Duration = Duration::from_secs(30);
/// How many offsets are read for each event that the ledger takes: of some comes nothing to remember, and each
/// transaction ends with one.
const OFFSETS_AN_EVENT: u64 = 2;
/// How many offsets of each audit partition are read in any case, to see positions that were moved back long after.
const LEAST: u64 = 500;

/// What was read back.
#[derive(Default)]
pub(super) struct Past {
    pub(super) events: Vec<Remembered>,
    /// How those of them ended that are updates.
    pub(super) settlements: Vec<(Remembered, Settlement)>,
    /// The last record of each partition, where it stands behind the group's position.
    pub(super) beyond: BTreeMap<SourcePartition, i64>,
}

/// What the reading thread has.
pub(super) struct Reading {
    pub(super) options: Arc<Options>,
    pub(super) edition: Arc<Edition>,
    pub(super) keys: LedgerKeys,
    pub(super) limits: LedgerLimits,
    /// The window against duplicates begins there.
    pub(super) since: Timestamp,
    /// What is read back, and where each stands.
    pub(super) partitions: BTreeMap<SourcePartition, Position>,
    /// Up to where the audit partitions were read before.
    pub(super) known: BTreeMap<i32, Position>,
}

/// Of what was read, what is older than this was let go.
fn since(restored: Restored, oldest: Timestamp) -> Restored {
    match restored {
        Restored::Whole(ends) => Restored::Full(ends, oldest),
        Restored::Full(ends, since) => Restored::Full(ends, since.max(oldest)),
        Restored::Late(since) => Restored::Late(since.max(oldest)),
    }
}

impl Reading {
    pub(super) fn run(&self, wanted: &Wanted) -> Result<Option<(Past, Restored)>, Trouble> {
        let catalogue = &self.edition.rules.catalogue;
        let numbers: BTreeSet<_> = self.partitions.keys().map(|one| one.partition).collect();
        let numbers: Vec<_> = numbers.into_iter().collect();
        let restore = Restore {
            settings: &self.options.settings,
            topic: &catalogue.prefixed(ControlTopic::Audit.name()),
            partitions: &numbers,
            extent: Extent::Recent(Recent {
                since: self.since,
                known: &self.known,
                most: (self.limits.ids as u64).saturating_mul(OFFSETS_AN_EVENT),
                least: LEAST,
                within: WITHIN,
            }),
        };
        let (begun, mut past, mut whole, mut newer) = (Instant::now(), Past::default(), true, None);
        let restored = restore.run(
            || wanted.still(),
            |message| {
                match message.value().map_or(Ok(None), audit::settled) {
                    Ok(Some(event)) => self.take(&event, &mut past),
                    Ok(None) => {}
                    Err(found) => newer = Some(found),
                }
                whole &= !self.bound(&mut past);
            },
        )?;
        if let Some(newer) = newer {
            return Err(Trouble { kind: TroubleKind::Refused, sentence: newer.to_string() });
        }
        let (events, millis) = (past.events.len(), begun.elapsed().as_millis());
        tracing::info!(
            partitions = self.partitions.len(),
            events,
            millis,
            "the ledger against duplicates is read back"
        );
        let oldest = past.events.iter().map(|one| one.at).min().filter(|_| !whole);
        let restored = restored.map(|restored| match oldest {
            Some(oldest) => since(restored, oldest),
            None => restored,
        });
        Ok(restored.map(|restored| (past, restored)))
    }

    fn take(&self, event: &audit::Settled<'_>, past: &mut Past) {
        let Some((partition, place)) = self.place_of(event) else { return };
        if event.offset < place.0 {
            // The order of the trail counts: what stood behind was of an older topic, or is decided on again by now.
            past.beyond.remove(&partition);
        } else if self.options.delivery == Delivery::ExactlyOnce {
            past.beyond.insert(partition, event.offset);
        } else {
            // What was audited and not consumed is a leftover of a process that died, whose commands may be missing.
            // Exactly once, what is audited has its commands.
            return;
        }
        if event.at < self.since {
            return;
        }
        let remembered = Remembered { key: self.keys.key(partition, &event.scope, &event.event_id), at: event.at };
        past.events.push(remembered);
        if let (Outcome::StateChanged | Outcome::Conflict, Some(version)) = (event.outcome, event.version) {
            past.settlements.push((remembered, Settlement { outcome: event.outcome, version }));
        }
    }

    /// The partition of an event, and where it stands.
    fn place_of(&self, event: &audit::Settled<'_>) -> Option<(SourcePartition, Position)> {
        let topic = self.edition.names.source_of(&event.topic)?;
        let partition = SourcePartition { topic, partition: event.partition };
        self.partitions.get(&partition).map(|place| (partition, *place))
    }

    /// Keeps memory bounded: of twice as many as the ledger takes, the older half goes; whether it did.
    fn bound(&self, Past { events, settlements, .. }: &mut Past) -> bool {
        let full = events.len() >= self.limits.ids.saturating_mul(2);
        if full {
            events.sort_by_key(|one| one.at);
            events.drain(..events.len() - self.limits.ids);
            let oldest = events.first().map(|one| one.at);
            settlements.retain(|(one, _)| oldest.is_some_and(|oldest| one.at >= oldest));
        }
        full
    }
}
