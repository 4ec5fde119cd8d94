//! The entities of the partitions of updates, read back from the state topic when they come.
//!
//! A partition waits, paused, while a thread folds its log, whole and however long that takes; the worker polls on, and
//! others go on. What was written by this process needs no reading: a commit folds it in.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::background::{Background, Progress, Wanted};
use super::holds::Hold;
use super::names::Names;
use super::worker::Worker;
use crate::ids::{Position, RecordOffset};
use crate::kafka::ffi;
use crate::kafka::message::Message;
use crate::kafka::producer::Delivery;
use crate::kafka::restore::Restore;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::SourcePartition;
use crate::kernel::{Entities, partition_of};
use crate::state::{Entity, NewerState, TOMBSTONE_HEADER, Written};
use crate::telemetry::{Metrics, StateHeld};

/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(3);
/// The same where the log has what cannot be read: somebody has to do something about it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many records are counted at once.
const COUNT_EVERY: u64 = 1000;

/// A reading that is under way.
pub(super) struct Fetch {
    partitions: BTreeSet<SourcePartition>,
    work: Background<BTreeMap<i32, Fetched>>,
}

/// The entities of a partition, and up to where its log is folded into them.
#[derive(Default)]
struct Fetched {
    entities: Entities,
    to: Option<Position>,
}

impl Worker<'_> {
    /// Begins to read back the entities of those of these partitions that hold updates; they wait for it.
    pub(super) fn fetch_entities(&mut self, partitions: Vec<SourcePartition>) {
        self.fetch_after(Duration::ZERO, partitions.into_iter().collect());
    }

    /// After an end that nobody knows: whether the last batch is committed, the log says. It is read on from where it
    /// was last read to: what stands before that place was folded in then, and whatever this process has committed since
    /// stands behind it, as the last write of its key at least, so that folding it in once more changes nothing. A
    /// tombstone that compaction has removed meanwhile was folded in when it was committed.
    ///
    /// Where the last batch wrote no entity, or was aborted, nothing is unknown, and nothing is read: but without
    /// transactions, where what an aborted batch has sent may stand in the log.
    pub(super) fn fetch_all(&mut self) {
        let transactions = self.shared.options.delivery == Delivery::ExactlyOnce;
        let known = |one: &SourcePartition| self.registry.of(one.partition).is_some_and(|known| !known.are_open());
        let unknown = self.places.assigned().filter(|one| !transactions || !known(one)).collect();
        self.fetch_entities(unknown);
    }

    fn fetch_after(&mut self, pause: Duration, mut partitions: BTreeSet<SourcePartition>) {
        // What is being read has been held since, and nothing of it was decided: a second reading would end later, and put
        // back what is decided in between.
        let under_way = |one: &SourcePartition| self.fetches.iter().any(|fetch| fetch.partitions.contains(one));
        // Also while the catalogue does not read them: they may be wanted again before the group has taken them.
        partitions.retain(|one| holds_updates(&self.names, *one) && !under_way(one));
        if partitions.is_empty() {
            return;
        }
        let mut begun = BTreeMap::new();
        for partition in &partitions {
            self.hold(*partition, Hold::Fetching, String::new());
            let number = partition.partition;
            let known = self.registry.take(number).zip(self.fetched.remove(&number));
            begun.insert(
                number,
                known.map_or_else(Fetched::default, |(entities, to)| Fetched { entities, to: Some(to) }),
            );
        }
        let rules = &self.edition.rules;
        let reading = Reading {
            partitions: rules.catalogue.keeps_state().then_some(rules.topology.state.updates.partitions),
            options: Arc::clone(&self.shared.options),
            names: Arc::clone(&self.names),
            metrics: Arc::clone(&self.shared.metrics),
        };
        let work = Background::start(&self.shared.stop, pause, move |wanted| reading.run(begun, wanted));
        self.fetches.push(Fetch { partitions, work });
        self.report_entities();
    }

    /// Takes what has been read back, and lets its partitions go.
    pub(super) fn take_fetched(&mut self) {
        let mut read = false;
        for fetch in std::mem::take(&mut self.fetches) {
            match fetch.work.look() {
                Progress::Done(fetched) => {
                    self.restored(&fetch.partitions, fetched);
                    read = true;
                }
                Progress::Failed(Some(trouble)) => {
                    let pause = if trouble.kind == TroubleKind::Refused { PATIENCE } else { RETRY };
                    // One that cannot be read must not hold up the others.
                    for partition in fetch.partitions {
                        self.fetch_after(pause, BTreeSet::from([partition]));
                        self.hold(partition, Hold::Fetching, trouble.sentence.clone());
                    }
                    self.in_trouble(trouble.sentence);
                }
                Progress::UnderWay => self.fetches.push(fetch),
                Progress::Failed(None) => self.fetch_after(RETRY, fetch.partitions),
            }
        }
        if read {
            // Of the records that were read more is free now than will be needed again.
            ffi::give_back_memory();
            self.report_entities();
        }
    }

    fn restored(&mut self, partitions: &BTreeSet<SourcePartition>, fetched: BTreeMap<i32, Fetched>) {
        let wanted: BTreeSet<_> = partitions.iter().map(|one| one.partition).collect();
        for (number, Fetched { entities, to }) in fetched.into_iter().filter(|(number, _)| wanted.contains(number)) {
            self.registry.restored(number, entities);
            self.fetched.insert(number, to.unwrap_or(Position(0)));
        }
        self.release(&partitions.iter().copied().collect::<Vec<_>>(), Hold::Fetching);
    }

    /// Partitions that went take their entities with them, and are not waited for.
    pub(super) fn forget_entities(&mut self, partitions: &[SourcePartition]) {
        for fetch in &mut self.fetches {
            fetch.partitions.retain(|one| !partitions.contains(one));
        }
        self.fetches.retain(|fetch| !fetch.partitions.is_empty());
        for partition in partitions {
            if holds_updates(&self.names, *partition) {
                self.registry.take(partition.partition);
                self.fetched.remove(&partition.partition);
            }
        }
        self.report_entities();
    }

    pub(super) fn report_entities(&self) {
        let (entities, bytes) = self.registry.held();
        let restoring = self.fetches.iter().map(|fetch| fetch.partitions.len()).sum();
        self.shared.metrics.set_state(self.shared.number, StateHeld { entities, bytes, restoring });
    }
}

fn holds_updates(names: &Names, partition: SourcePartition) -> bool {
    **names.topic_of(partition) == *names.state_updates()
}

/// What the reading thread has.
struct Reading {
    /// How many partitions entities are spread over, where the catalogue keeps state.
    partitions: Option<i32>,
    options: Arc<Options>,
    names: Arc<Names>,
    metrics: Arc<Metrics>,
}

impl Reading {
    /// Folds what stands behind the beginnings into them.
    fn run(
        &self,
        mut begun: BTreeMap<i32, Fetched>,
        wanted: &Wanted,
    ) -> Result<Option<BTreeMap<i32, Fetched>>, Trouble> {
        let numbers: Vec<_> = begun.keys().copied().collect();
        let from = begun.iter().filter_map(|(number, fetched)| Some((*number, fetched.to?))).collect();
        let restore = Restore { settings: &self.options.settings, topic: self.names.state(), partitions: &numbers };
        let (since, mut counts) = (Instant::now(), Counts::default());
        let (newer, misplaced) = (Cell::new(None), Cell::new(false));
        let readable = || newer.get().is_none() && !misplaced.get();
        let restored = restore.whole(
            &from,
            || wanted.still() && readable(),
            |message| {
                let Some(fetched) = begun.get_mut(&message.partition()) else { return };
                fetched.to = Some(RecordOffset(message.offset()).next());
                let elsewhere = |(key, count)| partition_of(key, count) != message.partition();
                let elsewhere = message.key().zip(self.partitions).is_some_and(elsewhere);
                match fold(message, &mut fetched.entities) {
                    Ok(()) => misplaced.set(misplaced.get() || elsewhere),
                    Err(NewerState::Foreign) => counts.foreign += 1,
                    Err(found @ NewerState::Newer(_)) => newer.set(Some(found)),
                }
                counts.records += 1;
                if counts.records % COUNT_EVERY == 0 {
                    counts.report(&self.metrics);
                }
            },
        )?;
        counts.report(&self.metrics);
        if let Some(newer) = newer.get() {
            return Err(Trouble { kind: TroubleKind::Refused, sentence: newer.to_string() });
        }
        if misplaced.get() {
            let sentence = format!(
                "{} has a key on a partition that is not its own: it was grown, or something else than a router \
                 has written there",
                self.names.state()
            );
            return Err(Trouble { kind: TroubleKind::Refused, sentence });
        }
        if counts.foreign > 0 {
            tracing::warn!(records = counts.foreign, "{}", NewerState::Foreign);
        }
        let entities: usize = begun.values().map(|fetched| fetched.entities.len()).sum();
        let (records, millis) = (counts.records, since.elapsed().as_millis());
        tracing::info!(partitions = numbers.len(), records, entities, millis, "the entities are read back");
        Ok(restored.map(|_| begun))
    }
}

/// What was read, and how much of it was counted.
#[derive(Default)]
struct Counts {
    records: u64,
    foreign: u64,
    reported: (u64, u64),
}

impl Counts {
    fn report(&mut self, metrics: &Metrics) {
        let (records, foreign) = self.reported;
        metrics.state_restored(self.records - records, self.foreign - foreign);
        self.reported = (self.records, self.foreign);
    }
}

/// Folds a record of the state topic, if it is an entity's.
fn fold(message: &Message<'_>, entities: &mut Entities) -> Result<(), NewerState> {
    let key = message.key().ok_or(NewerState::Foreign)?;
    match message.value() {
        Some(value) => {
            let read = Entity::read(value);
            // Compaction takes what stood there before: what cannot be read is no entity, here as for who comes after us.
            entities.fold(key, Some(value).filter(|_| read.is_ok()));
            read?;
        }
        None => {
            let headers = message.headers();
            let header = headers.iter().find(|(name, _)| *name == TOMBSTONE_HEADER.as_bytes());
            // Whatever a tombstone says beside, the log has no value of that key any more.
            if let Some(Err(found @ NewerState::Newer(_))) = header.and_then(|(_, said)| *said).map(Written::read) {
                return Err(found);
            }
            entities.fold(key, None);
        }
    }
    Ok(())
}
