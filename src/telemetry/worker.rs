//! What one worker counts: in plain memory while a batch is open, into the shared metrics when it ends.
//!
//! A record whose transaction is aborted is decided again, so its decision must not be counted yet. The hot path is
//! one addition to an array, without atomics; the shared counters are touched once a batch and label.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Metrics;
use super::metrics::add;
use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};
use crate::state::Operation;
use crate::time::Timestamp;

/// What a worker counts by event type, besides decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerType {
    /// A record read, by the type of its topic.
    Consumed,
    /// A derived event, by the type of the command.
    Derived,
    /// A record that becomes a dead letter.
    DeadLetter,
    /// A deprecated name of the type or of a field.
    AliasUse,
    /// A record key that is missing or not the entity's (decision 44).
    RecordKeyMismatch,
    /// A timestamp without a zone (decision 52).
    TimestampWithoutZone,
}

impl PerType {
    const ALL: [Self; 6] = [
        Self::Consumed,
        Self::Derived,
        Self::DeadLetter,
        Self::AliasUse,
        Self::RecordKeyMismatch,
        Self::TimestampWithoutZone,
    ];
}

/// Under what something is counted: the label `event_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tallied {
    /// An event type of the catalogue.
    Type(TypeId),
    /// An update of an entity, by what it asks for; `None` where it does not say so.
    Update(Option<Operation>),
}

impl From<TypeId> for Tallied {
    fn from(event_type: TypeId) -> Self {
        Self::Type(event_type)
    }
}

impl Tallied {
    /// Updates, in the order of their counts, which stand behind those of the event types.
    const UPDATES: [Option<Operation>; 4] =
        [Some(Operation::Put), Some(Operation::Patch), Some(Operation::Delete), None];

    /// The event type of an update; `state.update` stands for what is none.
    pub(super) fn update(operation: Option<Operation>) -> &'static str {
        operation.map_or("state.update", Operation::event_type)
    }
}

/// How many records of a batch, and how many of them became dead letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Committed {
    /// All records.
    pub records: u64,
    /// Those that became dead letters.
    pub dead: u64,
}

/// The counts of one event type in the open batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    per_type: [u64; PerType::ALL.len()],
    outcomes: [u64; Outcome::ALL.len()],
}

/// What one worker counts with.
#[derive(Debug)]
pub struct WorkerMetrics {
    metrics: Arc<Metrics>,
    /// The names of the event types, by [`TypeId`], and behind them those of updates.
    types: Vec<Arc<str>>,
    /// In the order of their names.
    counts: Vec<Counts>,
    /// By the place of the name. Sparse: most events have none.
    reasons: BTreeMap<(usize, ReasonCode), u64>,
    audited: u64,
    /// The timestamps of the batch's events, for their latency.
    times: Vec<Timestamp>,
}

impl WorkerMetrics {
    pub(super) fn new(metrics: Arc<Metrics>, mut types: Vec<Arc<str>>) -> Self {
        types.extend(Tallied::UPDATES.map(|operation| Arc::from(Tallied::update(operation))));
        let counts = vec![Counts::default(); types.len()];
        Self { metrics, types, counts, reasons: BTreeMap::new(), audited: 0, times: Vec::new() }
    }

    /// The metrics of the process, for what happens rarely.
    #[must_use]
    pub fn process(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts something by event type.
    pub fn count(&mut self, what: PerType, tallied: Tallied) {
        if let Some(counts) = self.of(tallied) {
            counts.per_type[what as usize] += 1;
        }
    }

    /// A decision on a record, by the event type of its topic.
    pub fn decided(&mut self, tallied: Tallied, outcome: Outcome) {
        if let Some(counts) = self.of(tallied) {
            counts.outcomes[outcome as usize] += 1;
        }
    }

    /// One reason of a dead letter.
    pub fn reason(&mut self, tallied: Tallied, reason: ReasonCode) {
        let place = self.place(tallied);
        if place < self.counts.len() {
            *self.reasons.entry((place, reason)).or_default() += 1;
        }
    }

    fn of(&mut self, tallied: Tallied) -> Option<&mut Counts> {
        let place = self.place(tallied);
        self.counts.get_mut(place)
    }

    fn place(&self, tallied: Tallied) -> usize {
        match tallied {
            Tallied::Type(event_type) => event_type.index(),
            Tallied::Update(operation) => {
                let behind = Tallied::UPDATES.iter().position(|one| *one == operation).unwrap_or_default();
                self.event_types() + behind
            }
        }
    }

    const fn event_types(&self) -> usize {
        self.counts.len() - Tallied::UPDATES.len()
    }

    /// An audit record.
    pub const fn audited(&mut self) {
        self.audited += 1;
    }

    /// The timestamp of an event that something was derived from.
    pub fn event_time(&mut self, timestamp: Timestamp) {
        self.times.push(timestamp);
    }

    /// What is in the open batch, by event type of the catalogue.
    pub fn batch(&self) -> impl Iterator<Item = (TypeId, Committed)> {
        let count = |counts: &Counts, what| counts.per_type[what as usize];
        (0..).map(TypeId).zip(&self.counts[..self.event_types()]).filter_map(move |(event_type, counts)| {
            let records = count(counts, PerType::Consumed);
            (records > 0).then_some((event_type, Committed { records, dead: count(counts, PerType::DeadLetter) }))
        })
    }

    /// The batch is committed: what was counted happened.
    pub fn committed(&mut self, records: usize, took: Duration, now: Timestamp) {
        let families = &self.metrics.families;
        add(&families.transactions, &["committed"], 1);
        families.transaction_duration.observe(took.as_secs_f64());
        families.batch_records.observe(records as f64);
        families.audit_records.inc_by(std::mem::take(&mut self.audited));
        let latency = families.event_latency.local();
        for time in self.times.drain(..) {
            // A producer's clock may be ahead of ours.
            let millis = now.millis().saturating_sub(time.millis()).max(0);
            latency.observe(millis as f64 / 1000.0);
        }
        latency.flush();
        for ((place, reason), count) in std::mem::take(&mut self.reasons) {
            let name: &str = &self.types[place];
            add(&families.dead_letter_reasons, &[name, reason.code()], count);
        }
        self.flush(&PerType::ALL);
        self.flush_decisions();
        self.clear();
    }

    /// The batch is aborted: only what was read was read.
    pub fn aborted(&mut self) {
        // One that only moved positions has counted nothing.
        if self.counts.iter().any(|counts| *counts != Counts::default()) {
            add(&self.metrics.families.transactions, &["aborted"], 1);
        }
        self.flush(&[PerType::Consumed]);
        self.clear();
    }

    fn flush(&self, what: &[PerType]) {
        let families = &self.metrics.families;
        for (name, counts) in self.types.iter().zip(&self.counts) {
            for what in what {
                let count = counts.per_type[*what as usize];
                let family = match what {
                    PerType::Consumed => &families.records_consumed,
                    PerType::Derived => &families.derived_events,
                    PerType::DeadLetter => &families.dead_letters,
                    PerType::AliasUse => &families.alias_uses,
                    PerType::RecordKeyMismatch => &families.record_key_mismatches,
                    PerType::TimestampWithoutZone => &families.timestamps_without_zone,
                };
                if count > 0 {
                    add(family, &[name], count);
                }
            }
        }
    }

    fn flush_decisions(&self) {
        for (name, counts) in self.types.iter().zip(&self.counts) {
            for (outcome, count) in Outcome::ALL.iter().zip(counts.outcomes) {
                if count > 0 {
                    add(&self.metrics.families.decisions, &[name, outcome.code()], count);
                }
            }
        }
    }

    fn clear(&mut self) {
        self.counts.fill(Counts::default());
        self.reasons.clear();
        self.audited = 0;
        self.times.clear();
    }
}
