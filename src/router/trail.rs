//! The audit trail as a reading thread has it: what is known of the partitions that wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::background::Wanted;
use super::editions::Edition;
use super::steady::Moment;
use crate::audit;
use crate::catalogue::ControlTopic;
use crate::ids::Position;
use crate::kafka::message::Message;
use crate::kafka::producer::Delivery;
use crate::kafka::restore::{Recent, Restore, Restored};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::SourcePartition;
use crate::kernel::{LedgerKeys, LedgerLimits, Remembered, Settlement};
use crate::reason::Outcome;
use crate::time::Timestamp;

/// How long the newest may take, and then the rest (decision 39): its partitions wait for it, and without it what is sent
/// again would be routed again.
const WITHIN: Duration = Duration::from_secs(30);
/// How many offsets of each audit partition are read in any case, to see positions that were moved back long after.
const LEAST: i64 = 500;

/// What was read back.
pub(super) struct Past {
    /// When it was read.
    pub(super) moment: Moment,
    pub(super) events: Vec<Remembered>,
    /// How those of them ended that are updates.
    pub(super) settlements: Vec<(Remembered, Settlement)>,
    /// The newest record of each partition: where the trail has it, and what it is of, if that stands behind the group's
    /// position.
    newest: BTreeMap<SourcePartition, (i64, Option<i64>)>,
    /// The time of the newest.
    newest_time: Option<Timestamp>,
    /// The newest time that was seen in each audit partition since reading there went back, and at which offset.
    seen: BTreeMap<i32, (i64, Timestamp)>,
    /// What is older than this was let go.
    pub(super) let_go: Option<Timestamp>,
}

impl Past {
    const fn at(moment: Moment) -> Self {
        Self {
            moment,
            events: Vec::new(),
            settlements: Vec::new(),
            newest: BTreeMap::new(),
            newest_time: None,
            seen: BTreeMap::new(),
            let_go: None,
        }
    }

    /// When a record was written, at the earliest: not before what stands before it, whatever its own clock showed.
    fn written(&mut self, message: &Message<'_>) -> Timestamp {
        let (offset, at) = (message.offset(), message.timestamp().unwrap_or(Timestamp::from_millis(0)));
        self.newest_time = self.newest_time.max(Some(at));
        let seen = self.seen.entry(message.partition()).or_insert((offset, at));
        // Each step back begins further before.
        *seen = (offset, if offset < seen.0 { at } else { at.max(seen.1) });
        seen.1
    }

    /// The newest record of each partition, where it stands behind the group's position.
    pub(super) fn beyond(&self) -> impl Iterator<Item = (SourcePartition, i64)> {
        self.newest.iter().filter_map(|(partition, (_, beyond))| Some((*partition, (*beyond)?)))
    }

    /// The order of the trail counts, which is not read in its order: what stood behind was of an older topic, or is
    /// decided on again by now.
    fn saw(&mut self, partition: SourcePartition, at: i64, beyond: Option<i64>) {
        let newest = self.newest.entry(partition).or_insert((at, beyond));
        if at >= newest.0 {
            *newest = (at, beyond);
        }
    }
}

/// What the reading thread has.
pub(super) struct Reading {
    pub(super) options: Arc<Options>,
    pub(super) edition: Arc<Edition>,
    pub(super) keys: LedgerKeys,
    pub(super) limits: LedgerLimits,
    /// When it begins.
    pub(super) moment: Moment,
    /// What is read back, and where each stands.
    pub(super) partitions: BTreeMap<SourcePartition, Position>,
    /// Up to where the audit partitions were read before.
    pub(super) known: BTreeMap<i32, Position>,
}

impl Reading {
    /// Reads. Where nothing was decided on for as long as the window, it is of before that: was it quiet, or is the clock
    /// ahead? To remember too much costs room; to remember too little pays twice.
    pub(super) fn run(&self, wanted: &Wanted) -> Result<Option<(Past, Restored)>, Trouble> {
        let read = self.run_at(self.moment, wanted)?;
        match read.as_ref().and_then(|(past, _)| past.newest_time) {
            Some(newest) if newest < self.since(self.moment) => self.run_at(self.moment.as_of(newest), wanted),
            _ => Ok(read),
        }
    }

    fn run_at(&self, moment: Moment, wanted: &Wanted) -> Result<Option<(Past, Restored)>, Trouble> {
        let catalogue = &self.edition.rules.catalogue;
        let numbers: BTreeSet<_> = self.partitions.keys().map(|one| one.partition).collect();
        let numbers: Vec<_> = numbers.into_iter().collect();
        let restore = Restore {
            settings: &self.options.settings,
            topic: &catalogue.prefixed(ControlTopic::Audit.name()),
            partitions: &numbers,
        };
        let recent = Recent {
            since: self.since(moment),
            known: &self.known,
            room: i64::try_from(self.limits.ids).unwrap_or(i64::MAX),
            least: LEAST,
            within: WITHIN,
        };
        let (begun, mut past, mut newer) = (Instant::now(), Past::at(moment), None);
        let restored = restore.recent(
            recent,
            || wanted.still(),
            |message| {
                let written = past.written(message);
                let taken = match message.value().map_or(Ok(None), audit::settled) {
                    Ok(Some(event)) => self.take((message.offset(), written), &event, &mut past),
                    Ok(None) => false,
                    Err(found) => {
                        newer = Some(found);
                        false
                    }
                };
                self.bound(&mut past);
                taken
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
        Ok(restored.map(|restored| (past, restored)))
    }

    /// Where the window against duplicates begins.
    fn since(&self, moment: Moment) -> Timestamp {
        moment.wall().before(self.limits.window)
    }

    /// Takes an event, which stands there in the trail, written then; whether the ledger needs room for it.
    fn take(&self, (at, written): (i64, Timestamp), event: &audit::Settled<'_>, past: &mut Past) -> bool {
        let Some((partition, place)) = self.place_of(event) else { return false };
        let beyond = event.offset >= place.0;
        if beyond && self.options.delivery != Delivery::ExactlyOnce {
            // What was audited and not consumed is a leftover of a process that died, whose commands may be missing.
            // Exactly once, what is audited has its commands.
            return false;
        }
        past.saw(partition, at, beyond.then_some(event.offset));
        if written < self.since(past.moment) {
            return false;
        }
        let key = self.keys.key(partition, &event.scope, &event.event_id);
        let remembered = Remembered { key, at: past.moment.own(written) };
        past.events.push(remembered);
        if let (Outcome::StateChanged | Outcome::Conflict, Some(version)) = (event.outcome, event.version) {
            past.settlements.push((remembered, Settlement { outcome: event.outcome, version }));
        }
        true
    }

    /// The partition of an event, and where it stands.
    fn place_of(&self, event: &audit::Settled<'_>) -> Option<(SourcePartition, Position)> {
        let topic = self.edition.names.source_of(&event.topic)?;
        let partition = SourcePartition { topic, partition: event.partition };
        self.partitions.get(&partition).map(|place| (partition, *place))
    }

    /// Keeps memory bounded: of twice as many as the ledger takes, the older half goes.
    fn bound(&self, Past { events, settlements, let_go, .. }: &mut Past) {
        if events.len() >= self.limits.ids.saturating_mul(2) {
            events.sort_by_key(|one| one.at);
            events.drain(..events.len() - self.limits.ids);
            let oldest = events.first().map(|one| one.at);
            settlements.retain(|(one, _)| oldest.is_some_and(|oldest| one.at >= oldest));
            *let_go = oldest.max(*let_go);
        }
    }
}
