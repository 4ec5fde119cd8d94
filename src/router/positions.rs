//! Where each partition is read from. The client resolves nothing by itself (`auto.offset.reset=error`): a position
//! is the group's committed one, or the log's start or end where the group has none.

use std::time::Duration;

use super::Start;
use super::worker::Worker;
use crate::ids::Position;
use crate::kafka::consumer::{Lag, Place, TopicPartition};
use crate::kafka::trouble::Trouble;
use crate::kafka::watermarks::Watermarks;
use crate::kernel::worker::{Event, Failure, SourcePartition};
use crate::telemetry::PartitionHealth;

/// How long the group's coordinator may take to answer; it waits for a predecessor's transaction.
const COMMITTED_TIMEOUT: Duration = Duration::from_secs(3);
const SEEK_TIMEOUT: Duration = Duration::from_secs(3);
const WATERMARK_TIMEOUT: Duration = Duration::from_secs(3);

impl Worker<'_> {
    /// Takes partitions at their committed positions.
    pub(super) fn assign(&mut self, partitions: &[SourcePartition]) -> Event {
        let Some(places) = self.resolve(partitions) else { return Event::Failed(Failure::Unavailable) };
        let list: Vec<_> = places.iter().map(|(partition, place)| (self.names.kafka(*partition), *place)).collect();
        if let Err(error) = self.consumer.assign(&list) {
            tracing::warn!(%error, "partitions were not taken");
            return Event::Failed(Failure::Unavailable);
        }
        self.places.extend(places.iter().copied());
        for (partition, _) in places {
            self.set_health(partition, PartitionHealth::Ready);
        }
        self.hold_unaudited(partitions);
        Event::Assigned
    }

    /// Sends the partitions of an aborted batch back to where it began.
    pub(super) fn seek_back(&mut self, to: &[(SourcePartition, Position)]) -> Event {
        let to: Vec<_> = to
            .iter()
            .filter(|(partition, _)| self.places.contains_key(partition))
            .map(|(partition, position)| (*partition, Place::At(*position)))
            .collect();
        self.seek(&to)
    }

    /// Sends all assigned partitions to their committed positions, and makes sure that their logs have them.
    pub(super) fn resume(&mut self) -> Event {
        let assigned: Vec<_> = self.places.keys().copied().collect();
        let Some(mut places) = self.resolve(&assigned) else { return Event::Failed(Failure::Unavailable) };
        match self.keep_inside(&mut places) {
            Ok(()) => self.seek(&places),
            Err(trouble) => {
                self.in_trouble(trouble.to_string());
                Event::Failed(Failure::Unavailable)
            }
        }
    }

    /// The committed position of each partition; where there is none, the place where a new group begins.
    fn resolve(&mut self, partitions: &[SourcePartition]) -> Option<Vec<(SourcePartition, Place)>> {
        if partitions.is_empty() {
            return Some(Vec::new());
        }
        let list: Vec<_> = partitions.iter().map(|partition| self.names.kafka(*partition)).collect();
        let consumer = self.consumer;
        let call = || consumer.committed(&list, COMMITTED_TIMEOUT);
        let committed = match self.shared.watch.call(COMMITTED_TIMEOUT, call) {
            Ok(committed) => committed,
            Err(error) => {
                self.in_trouble(format!("the committed positions are not to be had: {error}"));
                return None;
            }
        };
        self.health.set_trouble(None);
        self.committed.extend(committed.iter().filter_map(|(one, at)| Some((self.names.kernel(one)?, *at))));
        let new = match self.shared.options.start {
            Start::Earliest => Place::Start,
            Start::Latest => Place::End,
        };
        let place = |partition: &SourcePartition| {
            // A partition that began at the end has to go back there, not to the end of a later time.
            let began = self.places.get(partition).copied().unwrap_or(new);
            self.committed.get(partition).map_or(began, |position| Place::At(*position))
        };
        Some(partitions.iter().map(|partition| (*partition, place(partition))).collect())
    }

    fn seek(&mut self, to: &[(SourcePartition, Place)]) -> Event {
        if to.is_empty() {
            return Event::Sought;
        }
        let list: Vec<_> = to.iter().map(|(partition, place)| (self.names.kafka(*partition), *place)).collect();
        let failed = match self.consumer.seek(&list, SEEK_TIMEOUT) {
            Ok(failed) => failed,
            Err(error) => {
                tracing::warn!(%error, "the positions were not changed");
                list.iter().map(|(partition, _)| partition.clone()).collect()
            }
        };
        let again: Vec<_> = list.into_iter().filter(|(partition, _)| failed.contains(partition)).collect();
        if self.assign_again(&again) { Event::Sought } else { Event::Failed(Failure::Unavailable) }
    }

    /// What cannot be moved is given back and taken again at an explicit place: a forgotten one loses records.
    fn assign_again(&self, partitions: &[(TopicPartition, Place)]) -> bool {
        if partitions.is_empty() {
            return true;
        }
        let list: Vec<_> = partitions.iter().map(|(partition, _)| partition.clone()).collect();
        let done = self.consumer.unassign(&list).and_then(|()| self.consumer.assign(partitions));
        if let Err(error) = &done {
            tracing::warn!(%error, "partitions could not be taken again");
        }
        done.is_ok()
    }

    /// A position below the log's start goes to the start, and the gap is counted; one above its end stops the
    /// partition: going anywhere else would be a guess.
    fn keep_inside(&mut self, places: &mut Vec<(SourcePartition, Place)>) -> Result<(), Trouble> {
        let watermarks = Watermarks::connect(&self.shared.options.settings)?;
        let mut stopped = Vec::new();
        for (partition, place) in places.iter_mut() {
            let Place::At(position) = *place else { continue };
            let kafka = self.names.kafka(*partition);
            let (low, high) = watermarks.of(&kafka, WATERMARK_TIMEOUT)?;
            if position < low {
                let records = u64::try_from(low.0 - position.0).unwrap_or(0);
                tracing::error!(
                    topic = kafka.0,
                    partition = kafka.1,
                    from = position.0,
                    to = low.0,
                    records,
                    "the log no longer has the records from the group's position on: they were deleted unread"
                );
                self.shared.metrics.position_gap(self.names.topic_of(*partition), records);
                *place = Place::At(low);
            } else if position > high {
                stopped.push((
                    *partition,
                    format!("the group's position {} is beyond the log's end {}", position.0, high.0),
                ));
            }
        }
        places.retain(|(partition, _)| !stopped.iter().any(|(one, _)| one == partition));
        for (partition, why) in stopped {
            self.hold(partition, why);
        }
        Ok(())
    }

    /// Partitions for which the audit topic has no partition wait until it has grown (decision 73).
    fn hold_unaudited(&mut self, partitions: &[SourcePartition]) {
        let audited = self.shared.rules.topology.audit.partitions;
        for partition in partitions.iter().filter(|one| one.partition >= audited) {
            let why = format!(
                "the audit topic has {audited} partitions and needs more: run `revbus topics apply`, then restart"
            );
            self.hold(*partition, why);
        }
    }

    fn hold(&mut self, partition: SourcePartition, why: String) {
        let kafka = self.names.kafka(partition);
        tracing::error!(topic = kafka.0, partition = kafka.1, why, "the partition is stopped");
        if let Err(error) = self.consumer.pause(std::slice::from_ref(&kafka)) {
            tracing::error!(%error, topic = kafka.0, partition = kafka.1, "the partition could not be paused");
        }
        self.set_health(partition, PartitionHealth::Stopped(why));
    }

    fn set_health(&self, partition: SourcePartition, health: PartitionHealth) {
        self.health.set_partition(self.names.topic_of(partition), partition.partition, health);
    }

    /// What the client says about its lags, as gauges.
    pub(super) fn report_lags(&self, lags: &[Lag]) {
        for lag in lags {
            let Some(partition) = self.names.kernel(&(lag.topic.clone(), lag.partition)) else { continue };
            if !self.places.contains_key(&partition) {
                continue;
            }
            let position = lag.position.or_else(|| self.committed.get(&partition).map(|position| position.0));
            let behind = lag.end.saturating_sub(position.unwrap_or(0)).max(0);
            self.shared.metrics.set_lag(self.names.topic_of(partition), partition.partition, behind);
        }
    }
}
