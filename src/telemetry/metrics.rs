//! The metrics of this process, in a registry of their own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus::core::{AtomicU64, Collector, GenericCounterVec};
use prometheus::{IntCounter, IntGaugeVec, Registry, TextEncoder};

use super::table::Families;
use super::{Health, WorkerMetrics};
use crate::catalogue::{AuditMode, Catalogue};

/// The metrics of this process. Workers count with the [`WorkerMetrics`] that they get from here; what happens rarely
/// is counted here.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub(super) families: Families,
    /// What each worker's ledger reaches and holds.
    ledgers: Mutex<BTreeMap<usize, (Duration, usize)>>,
    /// What each worker holds of entities.
    states: Mutex<BTreeMap<usize, StateHeld>>,
}

/// A metric that cannot be made or written: a mistake in the table.
#[derive(Debug, thiserror::Error)]
#[error("a metric is not well formed: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// How an assignment changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebalance {
    /// Partitions came.
    Assigned,
    /// Partitions went, after a last commit.
    Revoked,
    /// Partitions had already gone to somebody else.
    Lost,
}

impl Rebalance {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Revoked => "revoked",
            Self::Lost => "lost",
        }
    }
}

/// What a worker holds of entities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StateHeld {
    /// How many.
    pub entities: usize,
    /// The bytes of their keys and values.
    pub bytes: usize,
    /// Partitions that are being read back.
    pub restoring: usize,
}

/// How a reload of the catalogue ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// The new one decides.
    Taken,
    /// The old one does.
    Refused,
    /// There was no new one.
    Unchanged,
}

impl Reload {
    pub(super) const ALL: [Self; 3] = [Self::Taken, Self::Refused, Self::Unchanged];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Metrics {
    /// The metrics of a process that routes with this catalogue. What can be counted of facts starts at 0, so that
    /// the first one is already a rate.
    ///
    /// # Errors
    /// A mistake in the table of metrics.
    pub fn new(catalogue: &Catalogue) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let families = Families::register(&registry)?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        families.build_info.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION")])?.set(1);
        if catalogue.settings.audit.mode == AuditMode::On {
            families.duplicate_window_configured.set(seconds(catalogue.settings.duplicate_window));
            // Before anything is read there is nothing that it would be too short for.
            families.duplicate_window.set(seconds(catalogue.settings.duplicate_window));
        }
        let metrics = Self { registry, families, ledgers: Mutex::default(), states: Mutex::default() };
        metrics.start_at_zero()?;
        metrics.catalogue(catalogue)?;
        Ok(metrics)
    }

    /// What one worker counts with, under this catalogue.
    #[must_use]
    pub fn worker(self: &Arc<Self>, catalogue: &Catalogue) -> WorkerMetrics {
        let types = catalogue.types.iter().map(|event_type| Arc::clone(&event_type.name)).collect();
        WorkerMetrics::new(Arc::clone(self), types)
    }

    /// A reload of the catalogue ended.
    pub fn reloaded(&self, reload: Reload) {
        add(&self.families.catalogue_reloads, &[reload.code()], 1);
        self.families.catalogue_reload_failed.set(i64::from(reload == Reload::Refused));
    }

    /// How many records of a partition are not committed as read.
    pub fn set_lag(&self, topic: &str, partition: i32, records: i64) {
        set(&self.families.consumer_lag, topic, partition, records);
    }

    /// For how long a partition's reader has waited behind an open transaction.
    pub fn set_open_transaction(&self, topic: &str, partition: i32, time: Duration) {
        set(&self.families.open_transaction, topic, partition, seconds(time));
    }

    /// A partition has gone: what waits there is somebody else's.
    pub fn remove_partition(&self, topic: &str, partition: i32) {
        for family in [&self.families.consumer_lag, &self.families.open_transaction] {
            // That there was none is no error.
            let _ = family.remove_label_values(&[topic, &partition.to_string()]);
        }
    }

    /// Brokers made a reader wait.
    pub fn throttled(&self, time: Duration) {
        self.families.throttled.inc_by(time.as_secs_f64());
    }

    /// Records were deleted before they were read.
    pub fn position_gap(&self, topic: &str, records: u64) {
        add(&self.families.position_gap_records, &[topic], records);
    }

    /// A partition is read from its start, for its topic is another one than before.
    pub fn made_anew(&self, topic: &str) {
        add(&self.families.partitions_made_anew, &[topic], 1);
    }

    /// A partition came whose position was moved back.
    pub fn moved_back(&self, topic: &str) {
        add(&self.families.positions_moved_back, &[topic], 1);
    }

    /// An assignment changed.
    pub fn rebalanced(&self, kind: Rebalance) {
        add(&self.families.rebalances, &[kind.code()], 1);
    }

    /// Another process has the transactional id.
    pub fn fenced(&self) {
        self.families.fenced.inc();
    }

    /// A producer was built again.
    pub fn producer_rebuilt(&self) {
        self.families.producers_rebuilt.inc();
    }

    /// The client gave a record again.
    pub fn redelivered(&self) {
        self.families.records_redelivered.inc();
    }

    /// A worker waited for room in the queue of its producer.
    pub fn queue_full_wait(&self) {
        self.families.queue_full_waits.inc();
    }

    /// An event type is stopped for a storm of dead letters.
    pub fn storm(&self, event_type: &str) {
        add(&self.families.dead_letter_storms, &[event_type], 1);
    }

    /// What a worker's ledger of duplicates reaches, and how many ids it holds; shown is the shortest reach of all
    /// workers, and the sum.
    pub fn set_duplicates(&self, worker: usize, window: Duration, ids: usize) {
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.insert(worker, (window, ids));
        let window = ledgers.values().map(|(window, _)| *window).min().unwrap_or_default();
        let ids: usize = ledgers.values().map(|(_, ids)| *ids).sum();
        self.families.duplicate_window.set(seconds(window));
        self.families.duplicate_ids.set(i64::try_from(ids).unwrap_or(i64::MAX));
    }

    /// What a worker holds of entities; shown is the sum.
    pub fn set_state(&self, worker: usize, held: StateHeld) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.insert(worker, held);
        let sum =
            |what: fn(&StateHeld) -> usize| i64::try_from(states.values().map(what).sum::<usize>()).unwrap_or(i64::MAX);
        self.families.state_entities.set(sum(|held| held.entities));
        self.families.state_bytes.set(sum(|held| held.bytes));
        self.families.state_partitions_restoring.set(sum(|held| held.restoring));
    }

    /// Records of the state topic were read back, and so many of them were no entities.
    pub fn state_restored(&self, records: u64, foreign: u64) {
        self.families.state_restored_records.inc_by(records);
        self.families.state_foreign_records.inc_by(foreign);
    }

    /// The ledger of duplicates was not read back as far as it should.
    pub fn duplicate_restore_cut(&self) {
        self.families.duplicate_restores_cut.inc();
    }

    /// The text of `/metrics`, with what `health` says now.
    ///
    /// # Errors
    /// A metric that the text format cannot say.
    pub fn render(&self, health: &Health, now: Instant) -> Result<String, MetricsError> {
        let counts = health.counts();
        self.families.partitions_assigned.set(counts.assigned);
        self.families.partitions_restoring.set(counts.restoring);
        self.families.partitions_stopped.set(counts.stopped);
        self.families.ready.set(i64::from(health.readiness(now).is_ok()));
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

/// A duration as a gauge has it.
fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// Sets the gauge of a partition.
fn set(family: &IntGaugeVec, topic: &str, partition: i32, value: i64) {
    if let Ok(gauge) = family.get_metric_with_label_values(&[topic, &partition.to_string()]) {
        gauge.set(value);
    }
}

/// Adds to a counter of a family. Labels that the family does not have are a mistake that a test finds.
pub(super) fn add(family: &GenericCounterVec<AtomicU64>, labels: &[&str], count: u64) {
    let counter: prometheus::Result<IntCounter> = family.get_metric_with_label_values(labels);
    debug_assert!(counter.is_ok(), "{labels:?} are not the labels of {:?}", family.desc());
    if let Ok(counter) = counter {
        counter.inc_by(count);
    }
}
