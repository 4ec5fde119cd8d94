//! What a worker remembers of the facts that were routed, read back from the audit topic when partitions come.
//!
//! Partitions wait, paused, while a thread reads; the worker polls on. After an end that nobody knows, everything is
//! read back again: the ledger must have what the broker has, and what it had before was committed, also where the trail is
//! gone meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::background::{Background, Progress};
use super::holds::Hold;
use super::trail::{Past, Reading};
use super::worker::Worker;
use crate::catalogue::{AuditMode, Catalogue};
use crate::ids::Position;
use crate::kafka::ffi;
use crate::kafka::restore::Restored;
use crate::kernel::worker::SourcePartition;
use crate::kernel::{Ledger, LedgerKeys, LedgerLimits};

/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(3);

/// What is, and was, read back.
#[derive(Default)]
pub(super) struct Recalls {
    pub(super) under_way: Vec<Recall>,
    /// Up to where the trail of each partition was read.
    read_to: BTreeMap<SourcePartition, Position>,
}

/// A reading that is under way.
pub(super) struct Recall {
    partitions: BTreeSet<SourcePartition>,
    work: Background<(Past, Restored)>,
}

/// An empty ledger for one of a process's workers; one that remembers nothing where nothing is audited.
pub(super) fn ledger(catalogue: &Catalogue, workers: usize) -> Ledger {
    let settings = &catalogue.settings;
    let on = settings.audit.mode == AuditMode::On;
    let ids = if on { settings.duplicate_ids as usize / workers.max(1) } else { 0 };
    let mut secret = [0; 16];
    // Without randomness of its own the keys are guessable, not wrong.
    if let Err(error) = getrandom::fill(&mut secret) {
        tracing::warn!(%error, "the ledger's keys have no secret");
    }
    Ledger::new(LedgerKeys::new(&secret), LedgerLimits { window: settings.duplicate_window, ids })
}

impl Worker<'_> {
    /// Begins to read back what is known of these partitions, which wait for it.
    pub(super) fn recall(&mut self, partitions: impl IntoIterator<Item = SourcePartition>) {
        self.recall_after(Duration::ZERO, partitions.into_iter().collect(), "");
    }

    fn recall_after(&mut self, pause: Duration, partitions: BTreeSet<SourcePartition>, why: &str) {
        if self.ledger.limits().ids == 0 {
            return;
        }
        let known = partitions.into_iter().filter(|one| one.partition < self.audit_partitions);
        let partitions: BTreeSet<_> = known.collect();
        if partitions.is_empty() {
            return;
        }
        for partition in &partitions {
            self.hold(*partition, Hold::Restoring, why.to_owned());
        }
        let reading = Reading {
            options: Arc::clone(&self.shared.options),
            edition: Arc::clone(&self.edition),
            keys: self.ledger.keys(),
            limits: self.ledger.limits(),
            moment: self.steady.moment(),
            partitions: partitions.iter().filter_map(|one| Some((*one, self.known_place(*one)?))).collect(),
            known: self.known(&partitions),
        };
        let work = Background::start(&self.shared.stop, pause, move |wanted| reading.run(wanted));
        self.recalls.under_way.push(Recall { partitions, work });
    }

    /// Up to where the trail of these partitions was read before, by audit partition. What stands before that is in the
    /// ledger still, also of a partition that was elsewhere meanwhile: what came of it there stands behind.
    fn known(&self, partitions: &BTreeSet<SourcePartition>) -> BTreeMap<i32, Position> {
        let mut known: BTreeMap<i32, Position> = BTreeMap::new();
        for one in partitions {
            let read = self.recalls.read_to.get(one).copied().unwrap_or(Position(0));
            known.entry(one.partition).and_modify(|least| *least = read.min(*least)).or_insert(read);
        }
        known
    }

    /// Takes what has been read back, and lets its partitions go.
    pub(super) fn recalled(&mut self) {
        let mut read = false;
        for recall in std::mem::take(&mut self.recalls.under_way) {
            match recall.work.look() {
                Progress::UnderWay => self.recalls.under_way.push(recall),
                Progress::Done((past, restored)) => {
                    self.remember(&recall.partitions, &past, restored);
                    read = true;
                }
                Progress::Failed(None) => self.recall_after(RETRY, recall.partitions, ""),
                Progress::Failed(Some(trouble)) => {
                    let worker = self.shared.number;
                    tracing::warn!(
                        worker,
                        why = trouble.sentence,
                        "the ledger against duplicates is not read back yet"
                    );
                    self.recall_apart(&recall.partitions, &trouble.sentence);
                }
            }
        }
        if read {
            // Of the records that were read more is free now than will be needed again.
            ffi::give_back_memory();
        }
    }

    /// Again, each audit partition by itself: one that cannot be read must not hold up the others.
    fn recall_apart(&mut self, partitions: &BTreeSet<SourcePartition>, why: &str) {
        let mut apart: BTreeMap<i32, BTreeSet<_>> = BTreeMap::new();
        for partition in partitions {
            apart.entry(partition.partition).or_default().insert(*partition);
        }
        for partitions in apart.into_values() {
            self.recall_after(RETRY, partitions, why);
        }
    }

    fn remember(&mut self, partitions: &BTreeSet<SourcePartition>, past: &Past, restored: Restored) {
        let (ends, since) = match restored {
            Restored::Whole(ends) => (ends, None),
            // The ledger has no room for more.
            Restored::Full(ends, since) => (ends, Some(since)),
            Restored::Late(since) => {
                self.shared.metrics.duplicate_restore_cut();
                tracing::warn!(since = %since.to_rfc3339(), "the ledger against duplicates was not read back as far as it should be");
                (BTreeMap::new(), Some(since))
            }
        };
        let read = partitions.iter().filter_map(|one| Some((*one, *ends.get(&one.partition)?)));
        self.recalls.read_to.extend(read);
        for (partition, last) in past.beyond().filter(|(one, _)| partitions.contains(one)) {
            self.report_moved_back(partition, last);
        }
        self.ledger.absorb_settlements(&past.settlements);
        let since = since.map(|since| past.moment.own(since));
        self.ledger.absorb(&past.events, since.max(past.let_go), self.steady.now());
        self.report_ledger();
        self.release(&partitions.iter().copied().collect::<Vec<_>>(), Hold::Restoring);
    }

    /// Exactly once, a position and the audit records before it are of one transaction: somebody has moved it back.
    fn report_moved_back(&self, partition: SourcePartition, last: i64) {
        let topic = self.names.topic_of(partition);
        // A group without a position was told where to begin, and of a topic that was made anew nothing is known.
        let Some(from) = self.committed.get(&partition).filter(|_| !self.succession.identities.is_anew(topic)) else {
            return;
        };
        tracing::error!(
            %topic,
            partition = partition.partition,
            from = from.0,
            audited = last,
            "the audit trail tells of records behind the group's position, which was moved back: they are decided on again, \
             and what the ledger against duplicates does not know any more is routed again"
        );
        self.shared.metrics.moved_back(topic);
    }

    /// Everything is read back again.
    pub(super) fn recall_all(&mut self) {
        self.ledger.abort();
        self.recalls = Recalls::default();
        self.recall(self.places.assigned().collect::<Vec<_>>());
    }

    /// Partitions that went are not waited for.
    pub(super) fn forget_recalls(&mut self, partitions: &[SourcePartition]) {
        for recall in &mut self.recalls.under_way {
            recall.partitions.retain(|one| !partitions.contains(one));
        }
        self.recalls.under_way.retain(|recall| !recall.partitions.is_empty());
    }

    pub(super) fn report_ledger(&self) {
        let reach = self.ledger.reach(self.steady.now());
        self.shared.metrics.set_duplicates(self.shared.number, reach, self.ledger.len());
    }
}
