//! Assigned partitions that are not read for now, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::COMMIT_TIMEOUT;
use super::ends::{Ends, LAG_TIMEOUT};
use super::places::beyond;
use super::worker::Worker;
use crate::ids::Position;
use crate::kafka::consumer::{Lag, TopicPartition};
use crate::kafka::note::Stopped;
use crate::kernel::worker::{Event, SourcePartition};
use crate::telemetry::PartitionHealth;

/// Why an assigned partition is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hold {
    /// Nobody knows where to go on: until somebody does.
    Stopped,
    /// The audit topic lacks its partition: until it has grown (decision 73).
    Unaudited,
    /// The catalogue does not read its topic any more: until the group takes it back.
    Retired,
    /// Its event type was stopped for a storm of dead letters: until somebody says that it is over.
    Storm,
    /// Its past is being read back.
    Restoring,
    /// Its entities are being read back.
    Fetching,
}

/// The holds of a worker's partitions.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// Each with its reason.
    all: BTreeMap<SourcePartition, BTreeMap<Hold, String>>,
    /// What the group's positions are to say of those that are stopped for a storm.
    to_say: BTreeMap<SourcePartition, Stopped>,
    /// What they do say.
    said: BTreeMap<SourcePartition, Stopped>,
    /// Those that nothing holds and that the client does not read all the same, as it reported last.
    unread: BTreeSet<SourcePartition>,
}

impl Holds {
    /// Whether a partition is held.
    pub(super) fn holds(&self, partition: SourcePartition) -> bool {
        self.all.contains_key(&partition)
    }

    /// Whether a partition is held for this.
    pub(super) fn has(&self, partition: SourcePartition, hold: Hold) -> bool {
        self.all.get(&partition).is_some_and(|holds| holds.contains_key(&hold))
    }

    /// The partitions that are held for this.
    pub(super) fn of(&self, hold: Hold) -> Vec<SourcePartition> {
        self.all.iter().filter(|(_, holds)| holds.contains_key(&hold)).map(|(partition, _)| *partition).collect()
    }

    /// A partition is no longer assigned.
    pub(super) fn forget(&mut self, partition: SourcePartition) {
        self.all.remove(&partition);
        self.to_say.remove(&partition);
        self.said.remove(&partition);
        self.unread.remove(&partition);
    }

    /// The group's position of a partition says this now.
    pub(super) fn said(&mut self, partition: SourcePartition, stopped: Option<Stopped>) {
        match stopped {
            Some(stopped) => _ = self.said.insert(partition, stopped),
            None => _ = self.said.remove(&partition),
        }
    }

    /// What the group's position of a partition is to say.
    pub(super) fn to_say(&self, partition: SourcePartition) -> Option<Stopped> {
        self.to_say.get(&partition).cloned()
    }

    /// The partitions whose positions do not say yet that they are stopped, or say it still.
    fn unsaid(&self) -> BTreeSet<SourcePartition> {
        let all = self.to_say.keys().chain(self.said.keys()).copied();
        all.filter(|one| self.said.get(one) != self.to_say.get(one)).collect()
    }

    fn health(&self, partition: SourcePartition) -> PartitionHealth {
        match self.all.get(&partition).and_then(BTreeMap::first_key_value) {
            // Nobody has to repair what is not wanted any more.
            None | Some((Hold::Retired, _)) => PartitionHealth::Ready,
            Some((Hold::Restoring | Hold::Fetching, why)) if !why.is_empty() => PartitionHealth::Stopped(why.clone()),
            Some((Hold::Restoring | Hold::Fetching, _)) => PartitionHealth::Restoring,
            Some((Hold::Stopped | Hold::Unaudited | Hold::Storm, why)) => PartitionHealth::Stopped(why.clone()),
        }
    }

    /// Lets a partition go; whether nothing holds it any more.
    fn release(&mut self, partition: SourcePartition, hold: Hold) -> bool {
        let Some(holds) = self.all.get_mut(&partition) else { return false };
        let released = holds.remove(&hold).is_some();
        let free = holds.is_empty();
        if free {
            self.all.remove(&partition);
        }
        released && free
    }
}

impl Worker<'_> {
    /// Stops reading a partition.
    pub(super) fn hold(&mut self, partition: SourcePartition, hold: Hold, why: String) {
        if !matches!(hold, Hold::Restoring | Hold::Fetching | Hold::Retired) && !self.holds.has(partition, hold) {
            let (topic, number) = self.names.kafka(partition);
            tracing::error!(topic, partition = number, why, "the partition is stopped");
        }
        self.holds.all.entry(partition).or_default().insert(hold, why);
        self.pause_held(&[partition]);
        self.report_health(&[partition]);
    }

    /// Reads partitions again that nothing else holds.
    pub(super) fn release(&mut self, partitions: &[SourcePartition], hold: Hold) {
        let free: Vec<_> = partitions.iter().copied().filter(|one| self.holds.release(*one, hold)).collect();
        let list: Vec<_> = free.iter().map(|partition| self.names.kafka(*partition)).collect();
        if let Err(error) = self.consumer.resume(&list) {
            tracing::error!(%error, "partitions are not read again");
        }
        self.report_health(partitions);
    }

    /// Whatever is assigned anew is read by the client until it is told otherwise.
    pub(super) fn pause_held(&self, partitions: &[SourcePartition]) {
        let held = partitions.iter().filter(|one| self.holds.holds(**one) && self.places.has(**one));
        let list: Vec<_> = held.map(|partition| self.names.kafka(*partition)).collect();
        if let Err(error) = self.consumer.pause(&list) {
            tracing::error!(%error, ?list, "partitions could not be paused");
        }
    }

    pub(super) fn report_health(&self, partitions: &[SourcePartition]) {
        for partition in partitions {
            let health = self.holds.health(*partition);
            self.health.set_partition(self.names.topic_of(*partition), partition.partition, health);
        }
    }

    /// Partitions for which the audit topic has no partition wait until it has grown.
    pub(super) fn hold_unaudited(&mut self, partitions: &[SourcePartition]) {
        let audited = self.audit_partitions;
        for partition in partitions.iter().filter(|one| one.partition >= audited) {
            let why = format!("the audit topic has {audited} partitions and needs more: run `revbus topics apply`");
            self.hold(*partition, Hold::Unaudited, why);
        }
    }

    /// Looks whether the audit topic has grown.
    pub(super) fn release_audited(&mut self) {
        if self.holds.of(Hold::Unaudited).is_empty() {
            return;
        }
        let topic = self.names.audit().to_owned();
        match self.partition_count(&topic) {
            Ok(count) if count > self.audit_partitions => self.audit_grew(count),
            Ok(_) => {}
            Err(trouble) => tracing::warn!(%trouble, "the audit topic cannot be looked at"),
        }
    }

    /// The audit topic has this many partitions now, which are more than before.
    pub(super) fn audit_grew(&mut self, count: i32) {
        self.audit_partitions = count;
        let held = self.holds.of(Hold::Unaudited).into_iter();
        let audited: Vec<_> = held.filter(|one| one.partition < count).collect();
        tracing::info!(partitions = audited.len(), count, "the audit topic has grown");
        self.recall(audited.iter().copied());
        self.release(&audited, Hold::Unaudited);
    }

    /// Partitions are the client's now: what must be known of them is read back, and what must not be read waits.
    pub(super) fn took(&mut self, partitions: &[SourcePartition]) {
        // What was held before it was assigned is so still; what is held from now on is paused then.
        self.pause_held(partitions);
        self.recall(partitions.iter().copied());
        self.fetch_entities(partitions.to_vec());
        self.hold_unaudited(partitions);
        self.hold_retired(partitions);
        // Whatever is stopped now, these have not heard of it.
        self.weather = None;
        self.report_health(partitions);
    }

    /// Stops what the client does not read, two reports in a row, though nothing holds it: what it said when it gave up, as
    /// for a position outside the log, is lost where a rebalance crosses with it.
    pub(super) fn stop_unread(&mut self, lags: &[Lag]) {
        let unread = lags.iter().filter(|lag| !lag.is_read);
        let ours = unread.filter_map(|lag| self.names.kernel(&(lag.topic.clone(), lag.partition)));
        let unread: BTreeSet<_> = ours.filter(|one| self.places.has(*one) && !self.holds.holds(*one)).collect();
        let still: Vec<_> = unread.intersection(&self.holds.unread).copied().collect();
        self.holds.unread = unread;
        for partition in still {
            self.hold(partition, Hold::Stopped, "the Kafka client has stopped reading it".to_owned());
        }
    }

    /// Looks again, between two batches, at the partitions of which nobody knew where to go on. One that was just added
    /// is known by now; so is how far a log reaches, after its broker came back without its end.
    pub(super) fn look_again_at_stopped(&mut self) {
        for partition in self.holds.of(Hold::Stopped) {
            let Some(place) = self.place_now(partition) else { continue };
            let watch = &self.shared.watch;
            let say = || self.say_from_now_on(&[(partition, place)]);
            if watch.call("say where the group begins", COMMIT_TIMEOUT, say).is_err() {
                // The next report looks again; others would wait for the same coordinator.
                return;
            }
            if !self.take_at(partition, place) {
                continue;
            }
            let (topic, number) = self.names.kafka(partition);
            tracing::info!(topic, partition = number, from = place.0, "the partition is read again");
            self.took(&[partition]);
            self.release(&[partition], Hold::Stopped);
        }
    }

    /// Where a partition can be read from now, if that is told at once.
    fn place_now(&mut self, partition: SourcePartition) -> Option<Position> {
        let place = self.place_of(partition, &Ends::new()).ok()?;
        let kafka = self.names.kafka(partition);
        let ends = self.watermarks().ok()?.of(&kafka, LAG_TIMEOUT).ok()?;
        let inside = self.inside(partition, place, ends);
        if inside.is_none() {
            self.hold(partition, Hold::Stopped, beyond(place, ends.1));
        }
        inside
    }

    /// Sends one partition somewhere, whether or not the client has it.
    fn take_at(&mut self, partition: SourcePartition, place: Position) -> bool {
        if self.places.has(partition) {
            return self.seek(&[(partition, place)]) == Event::Sought;
        }
        let assigned = self.consumer.assign(&[(self.names.kafka(partition), place)]);
        if assigned.is_ok() {
            self.places.send(&[(partition, place)]);
        }
        assigned.is_ok()
    }

    /// Partitions come that were stopped for a storm under this catalogue, in another process or by this one before it
    /// ended: their event types stay stopped.
    pub(super) fn heed(&self, partitions: &[SourcePartition]) {
        let digest = self.edition.rules.catalogue.digest.as_str();
        for partition in partitions {
            if let Some(said) = self.holds.said.get(partition).filter(|said| said.digest == digest) {
                self.shared.storm.stay(self.names.topic_of(*partition), said.since);
            }
        }
    }

    /// The positions of partitions that are to be committed once more, for what is said beside them.
    pub(super) fn unsaid(&self) -> Vec<(TopicPartition, Position)> {
        let unsaid = self.holds.unsaid();
        let known = unsaid.into_iter().filter(|one| !self.holds.has(*one, Hold::Stopped));
        let read = known.filter(|one| self.names.reads(one.topic).is_some());
        read.filter_map(|one| Some((self.names.kafka(one), self.known_place(one)?))).collect()
    }

    /// Stops what a storm has hit, and lets go on what it has not.
    pub(super) fn follow_weather(&mut self) {
        let generation = self.shared.storm.generation();
        if self.weather == Some(generation) {
            return;
        }
        self.weather = Some(generation);
        let stopped = self.shared.storm.stopped();
        for partition in self.places.assigned().collect::<Vec<_>>() {
            if let Some(stop) = stopped.get(self.names.topic_of(partition)) {
                let digest = self.edition.rules.catalogue.digest.to_string();
                self.holds.to_say.insert(partition, Stopped { digest, since: stop.since });
                self.hold(partition, Hold::Storm, stop.why.clone());
            }
        }
        let held = self.holds.of(Hold::Storm).into_iter();
        let over: Vec<_> = held.filter(|one| !stopped.contains_key(self.names.topic_of(*one))).collect();
        for partition in &over {
            self.holds.to_say.remove(partition);
        }
        self.release(&over, Hold::Storm);
    }
}
