//! What carries the machine's actions out: the only part of a worker that calls Kafka.

use std::time::{Duration, Instant};

use super::Start;
use super::holds::Hold;
use super::sending::Verdict;
use super::worker::{INIT_TIMEOUT, Worker};
use crate::ids::Position;
use crate::kafka::consumer::{Mark, TopicPartition};
use crate::kafka::error::KafkaError;
use crate::kafka::note::Note;
use crate::kafka::producer::{Delivery, RouterProducer};
use crate::kernel::worker::{Action, Event, Failure, MOST_AGE, Rebalance, SourcePartition, TRANSACTION_TIMEOUT};
use crate::telemetry;
use crate::time::Timestamp;

/// How long a commit may take; below the transaction's own timeout, which would fence us.
pub(super) const COMMIT_TIMEOUT: Duration = Duration::from_secs(8);
const ABORT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long after a small transaction the next one begins. The broker answers a commit before it has written the
/// transaction's markers, and sends away a next one that comes before they are there; the client then waits 20 ms.
const REST: Duration = Duration::from_millis(3);
/// A transaction of fewer records is small: the rest would not pay for larger ones.
const SMALL: usize = 500;
/// How often an idle worker commits a position that has not moved: a second process with its transactional id would
/// otherwise stay unknown until there is work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// How many partitions of a rebalance a line of the log names.
const MOST_NAMED: usize = 16;
const _: () = assert!(MOST_AGE.as_millis() + COMMIT_TIMEOUT.as_millis() < TRANSACTION_TIMEOUT.as_millis());

impl Worker<'_> {
    /// Carries an action out; the answer is one event.
    pub(super) fn carry_out(&mut self, action: Action) -> Event {
        // Sending only fills a queue; everything else may wait for the cluster.
        let waits = !matches!(action, Action::Route | Action::Resend | Action::Bury);
        if waits {
            self.shared.watch.begin(action.name(), COMMIT_TIMEOUT);
        }
        let answer = self.perform(action);
        if waits {
            self.shared.watch.end();
        }
        if let Event::Failed(failure) = answer {
            self.report_failure(failure);
        }
        answer
    }

    fn perform(&mut self, action: Action) -> Event {
        match action {
            Action::Route => self.route(Verdict::ByRules),
            Action::Resend => self.resend(),
            Action::Bury => self.route(Verdict::Refused),
            Action::Begin => self.begin(),
            Action::Commit(partitions) => self.commit(&partitions),
            Action::CommitPositions => self.commit_positions(),
            Action::Abort => self.abort(),
            Action::Seek(to) => self.seek_back(&to),
            Action::Rebuild => self.rebuild(),
            Action::Assign(partitions) => self.assign(&partitions),
            Action::Resume => self.resume(),
            Action::Unassign(partitions) => self.unassign(&partitions),
            Action::Wait(time) => self.wait(time),
            Action::Leave => self.leave(),
            // The loop ends with this one and does not hand it over.
            Action::End(_) => Event::Left,
        }
    }

    fn begin(&mut self) -> Event {
        self.rest();
        self.metadata = self.consumer.batch_metadata();
        let (Some(_), Some(producer)) = (&self.metadata, &self.producer) else {
            self.in_trouble("the group does not count this process in".to_owned());
            return Event::Failed(Failure::Unavailable);
        };
        match producer.begin() {
            Ok(()) => Event::Begun,
            Err(failure) => Event::Failed(failure),
        }
    }

    /// A quiet bus has small transactions in quick succession, and each must wait for the markers of the one before.
    fn rest(&self) {
        let small = self.shared.options.delivery == Delivery::ExactlyOnce && self.committed_records < SMALL;
        let left = REST.saturating_sub(self.committed_at.elapsed());
        if small && !left.is_zero() {
            std::thread::sleep(left);
        }
    }

    fn commit(&mut self, partitions: &[SourcePartition]) -> Event {
        let Some(standing) = self.standing() else { return Event::Failed(Failure::MustAbort) };
        let ours = partitions.iter().map(|one| Some((self.names.kafka(*one), *standing.get(one)?)));
        // Committing without one of them would route its records again.
        let Some(ours) = ours.collect::<Option<Vec<_>>>() else { return Event::Failed(Failure::MustAbort) };
        let records = self.machine.batch().map_or(0, |batch| batch.records());
        self.commit_with(&ours, records)
    }

    fn commit_with(&mut self, positions: &[(TopicPartition, Position)], records: usize) -> Event {
        let (Some(metadata), Some(producer)) = (&self.metadata, &self.producer) else {
            return Event::Failed(Failure::Indeterminate);
        };
        let begun = Instant::now();
        let others =
            self.unsaid().into_iter().filter(|(one, _)| positions.iter().all(|(partition, _)| partition != one));
        let all = positions.iter().cloned().chain(others);
        let marks: Vec<_> = all.map(|(partition, position)| self.mark(partition, position)).collect();
        if let Err(failure) = producer.commit(self.consumer, metadata, &marks, COMMIT_TIMEOUT) {
            return Event::Failed(failure);
        }
        let now = Timestamp::now();
        self.watch_for_storms();
        if records > 0 {
            self.metrics.committed(records, begun.elapsed(), now);
        }
        self.ledger.commit(self.steady.now());
        self.registry.commit();
        for mark in marks {
            if let Some(partition) = self.names.kernel(&mark.partition) {
                self.committed.insert(partition, mark.position);
                self.holds.said(partition, mark.note.stopped);
            }
        }
        self.committed_at = Instant::now();
        self.committed_records = records;
        self.health.polled(self.committed_at);
        self.failures_over();
        Event::Committed
    }

    fn watch_for_storms(&self) {
        let catalogue = &self.edition.rules.catalogue;
        let batch = self.metrics.batch().map(|(id, committed)| (&catalogue.event_type(id).topic.name, committed));
        for (topic, why) in self.shared.storm.committed(Instant::now(), batch) {
            let name = topic.strip_prefix(&*catalogue.settings.topic_prefix).unwrap_or(topic);
            self.shared.metrics.storm(name);
            tracing::error!(event_type = %name, why, "a storm of dead letters: its partitions are stopped");
        }
    }

    /// Positions that moved past markers and aborted records, the first positions of a new group, or nothing.
    fn commit_positions(&mut self) -> Event {
        let Some(standing) = self.standing() else { return Event::Unchanged };
        let (mut moved, unmoved): (Vec<_>, Vec<_>) = standing
            .into_iter()
            .filter(|(one, _)| !self.holds.has(*one, Hold::Stopped) && self.names.reads(one.topic).is_some())
            .partition(|(partition, position)| self.committed.get(partition) != Some(position));
        if self.committed_at.elapsed() >= SIGN_OF_LIFE {
            moved.extend(unmoved.into_iter().take(1));
        }
        if moved.is_empty() && self.unsaid().is_empty() {
            return Event::Unchanged;
        }
        let moved: Vec<_> = moved.into_iter().map(|(partition, at)| (self.names.kafka(partition), at)).collect();
        let begun = self.begin();
        if begun == Event::Begun {
            self.commit_with(&moved, 0)
        } else if begun == Event::Failed(Failure::Unavailable) {
            // Nothing is open, so nothing is to be undone.
            Event::Unchanged
        } else {
            begun
        }
    }

    fn abort(&mut self) -> Event {
        self.ledger.abort();
        self.registry.abort();
        let Some(producer) = &self.producer else { return Event::Failed(Failure::Indeterminate) };
        match producer.abort(ABORT_TIMEOUT) {
            Ok(()) => {
                self.metrics.aborted();
                Event::Aborted
            }
            // It is counted when a new producer ends it.
            Err(failure) => Event::Failed(failure),
        }
    }

    /// A new producer; with it the broker ends what the old one left open.
    fn rebuild(&mut self) -> Event {
        let options = &self.shared.options;
        self.producer = None;
        self.metrics.aborted();
        let (id, limits) = (&self.transactional_id, self.edition.size_limits);
        match RouterProducer::connect(&options.settings, options.delivery, id, limits, INIT_TIMEOUT) {
            Ok(producer) => {
                self.shared.metrics.producer_rebuilt();
                self.producer = Some(producer);
                Event::Rebuilt
            }
            Err(trouble) => {
                self.in_trouble(trouble.to_string());
                Event::Failed(Failure::Unavailable)
            }
        }
    }

    fn unassign(&mut self, partitions: &[SourcePartition]) -> Event {
        let list: Vec<_> = partitions.iter().map(|partition| self.names.kafka(*partition)).collect();
        if let Err(error) = self.consumer.unassign(&list) {
            tracing::warn!(%error, "partitions were not given back");
        }
        self.forget_recalls(partitions);
        self.forget_entities(partitions);
        for partition in partitions {
            self.holds.forget(*partition);
            self.committed.remove(partition);
            self.places.forget(*partition);
            let name = self.names.topic_of(*partition);
            self.health.remove_partition(name, partition.partition);
            self.standing.forget(*partition);
            self.shared.metrics.remove_partition(name, partition.partition);
        }
        Event::Unassigned
    }

    /// "From now on" is said once, and before anything that comes then is read: a partition that goes elsewhere without a
    /// position would begin at its end again.
    pub(super) fn say_from_now_on(&mut self, places: &[(SourcePartition, Position)]) -> Result<(), KafkaError> {
        let new: Vec<_> =
            places.iter().filter(|(partition, _)| !self.committed.contains_key(partition)).copied().collect();
        if self.shared.options.start != Start::Latest || new.is_empty() {
            return Ok(());
        }
        let marks: Vec<_> = new.iter().map(|(one, position)| self.mark(self.names.kafka(*one), *position)).collect();
        self.consumer.commit(&marks)?;
        self.committed.extend(new);
        Ok(())
    }

    fn mark(&self, partition: TopicPartition, position: Position) -> Mark {
        let stopped = self.names.kernel(&partition).and_then(|one| self.holds.to_say(one));
        let note = Note { topic_id: self.succession.identities.id_of(&partition.0), stopped };
        Mark { partition, position, note }
    }

    fn wait(&mut self, time: Duration) -> Event {
        let over = self.shared.stop.wait(time) || self.succession.due;
        if over && !std::mem::replace(&mut self.told_to_stop, true) {
            return Event::Stop;
        }
        Event::Waited
    }

    fn leave(&mut self) -> Event {
        // An open transaction that it leaves is ended by the broker. The consumer leaves when the loop has ended.
        self.producer = None;
        for partition in self.places.assigned() {
            self.shared.metrics.remove_partition(self.names.topic_of(partition), partition.partition);
        }
        Event::Left
    }

    pub(super) fn report_rebalance(&mut self, rebalance: &Rebalance) {
        let (kind, partitions) = match rebalance {
            Rebalance::Assigned(partitions) => (telemetry::Rebalance::Assigned, partitions),
            Rebalance::Revoked(partitions) => (telemetry::Rebalance::Revoked, partitions),
            Rebalance::Lost(partitions) => (telemetry::Rebalance::Lost, partitions),
        };
        self.shared.metrics.rebalanced(kind);
        let named =
            partitions.iter().take(MOST_NAMED).map(|one| format!("{}/{}", self.names.topic_of(*one), one.partition));
        let mut which = named.collect::<Vec<_>>().join(" ");
        if partitions.len() > MOST_NAMED {
            which.push_str(" …");
        }
        tracing::info!(worker = self.shared.number, partitions = partitions.len(), which, ?kind, "rebalance");
    }
}
