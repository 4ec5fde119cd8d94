//! Where the assigned partitions stand: where each was sent last, and how far it was read from there.
//!
//! The client may give a record twice. For a rebalance it pauses what is assigned, from a thread of its own, and goes on
//! at the record behind the one that was handed over last; one that is being handed over in that moment does not count
//! yet, and is fetched again (librdkafka 2.12.1: `rd_kafka_toppar_pause_resume` beside `rd_kafka_fetch_op_app_prepare`).
//! So a partition is read forwards only, until it is sent somewhere: what was taken is not taken again, whatever the
//! client says.
//!
//! And it may not do what it was told. A pause or resume that crosses with one of that thread's is dropped as outdated, and
//! answered as done (`rd_kafka_toppar_op_serve`, its issue 5591). So nothing is taken of a partition that is held, and what
//! nothing holds is resumed again and again.

use std::collections::BTreeMap;
use std::time::Instant;

use super::worker::Worker;
use crate::ids::{Position, RecordOffset};
use crate::kafka::consumer::Lag;
use crate::kernel::worker::{Event, Failure, SourcePartition};

/// The assigned partitions.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<SourcePartition, Place>);

#[derive(Debug, Clone, Copy)]
struct Place {
    sent: Position,
    /// What stands before was taken since.
    next: Position,
}

impl Places {
    /// The partitions are read from there.
    pub(super) fn send(&mut self, to: &[(SourcePartition, Position)]) {
        self.0.extend(to.iter().map(|&(partition, to)| (partition, Place { sent: to, next: to })));
    }

    /// The partition is not assigned any more.
    pub(super) fn forget(&mut self, partition: SourcePartition) {
        self.0.remove(&partition);
    }

    /// Takes a record; whether it is one to take: of an assigned partition, and not taken since that was sent somewhere.
    pub(super) fn take(&mut self, partition: SourcePartition, offset: RecordOffset) -> bool {
        let Some(place) = self.0.get_mut(&partition) else { return false };
        let is_new = place.next.0 <= offset.0;
        if is_new {
            place.next = offset.next();
        }
        is_new
    }

    pub(super) fn has(&self, partition: SourcePartition) -> bool {
        self.0.contains_key(&partition)
    }

    pub(super) fn assigned(&self) -> impl Iterator<Item = SourcePartition> {
        self.0.keys().copied()
    }

    /// Where a partition was sent last.
    pub(super) fn sent_to(&self, partition: SourcePartition) -> Option<Position> {
        self.0.get(&partition).map(|place| place.sent)
    }

    /// Where each partition stands, given what the client knows: it counts what it hides, too, such as the markers of
    /// transactions, but only of those that were read from since they were sent somewhere. No partition stands before
    /// what was taken of it.
    pub(super) fn standing(
        &self,
        client: impl IntoIterator<Item = (SourcePartition, Position)>,
    ) -> BTreeMap<SourcePartition, Position> {
        let mut standing: BTreeMap<_, _> = self.0.iter().map(|(one, place)| (*one, place.next)).collect();
        for (partition, at) in client {
            standing.entry(partition).and_modify(|next| *next = at.max(*next));
        }
        standing
    }
}

/// Why a partition cannot be read from its position.
pub(super) fn beyond(position: Position, end: Position) -> String {
    format!("the group's position {} is beyond the log's end {}", position.0, end.0)
}

impl Worker<'_> {
    /// The group's position, or where the partition was sent while it has none.
    pub(super) fn known_place(&self, partition: SourcePartition) -> Option<Position> {
        self.committed.get(&partition).copied().or_else(|| self.places.sent_to(partition))
    }

    /// Takes a record, or says what it comes to instead.
    pub(super) fn take(&mut self, partition: SourcePartition, offset: RecordOffset) -> Result<(), Event> {
        let (worker, topic, number) = (self.shared.number, self.names.topic_of(partition), partition.partition);
        if self.holds.holds(partition) {
            tracing::warn!(worker, %topic, partition = number, "the client reads what it was told to pause: back to the group's positions");
            self.pause_held(&[partition]);
            return Err(Event::Failed(Failure::Displaced));
        }
        if self.places.take(partition, offset) {
            return Ok(());
        }
        self.shared.metrics.redelivered();
        if let Some(suppressed) = self.problem_log.admit(Instant::now()) {
            let offset = offset.0;
            tracing::info!(worker, %topic, partition = number, offset, suppressed, "the client gave a record again: passed over");
        }
        Err(Event::Quiet)
    }

    /// Sees to it that the client reads what it is to read. What nothing holds is resumed once more; where it is read, that
    /// changes nothing.
    pub(super) fn keep_reading(&mut self, lags: &[Lag]) {
        self.stop_unread(lags);
        let free = self.places.assigned().filter(|one| !self.holds.holds(*one));
        if let Err(error) = self.consumer.resume(&free.map(|one| self.names.kafka(one)).collect::<Vec<_>>()) {
            tracing::warn!(%error, "partitions could not be resumed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SourceId;

    const P: SourcePartition = SourcePartition { topic: SourceId(0), partition: 0 };
    const Q: SourcePartition = SourcePartition { topic: SourceId(0), partition: 1 };

    #[test]
    fn a_record_is_taken_once_until_its_partition_is_sent_back() {
        let mut places = Places::default();
        places.send(&[(P, Position(7))]);
        let taken: Vec<_> = [7, 8, 8, 7, 11, 9].map(|offset| places.take(P, RecordOffset(offset))).into();
        assert_eq!(taken, [true, true, false, false, true, false], "a gap of hidden records is none");
        places.send(&[(P, Position(8))]);
        assert!(places.take(P, RecordOffset(8)), "an aborted batch is read again");
    }

    #[test]
    fn what_is_not_assigned_is_not_taken() {
        let mut places = Places::default();
        assert!(!places.take(P, RecordOffset(0)));
        places.send(&[(P, Position(0))]);
        places.forget(P);
        assert!(!places.take(P, RecordOffset(0)));
    }

    #[test]
    fn no_partition_stands_before_what_was_taken_of_it() {
        let mut places = Places::default();
        places.send(&[(P, Position(7)), (Q, Position(3))]);
        assert_eq!(places.standing([]), BTreeMap::from([(P, Position(7)), (Q, Position(3))]));
        assert!(places.take(P, RecordOffset(8)));
        for (client, stands) in [(8, 9), (9, 9), (12, 12)] {
            assert_eq!(places.standing([(P, Position(client))])[&P], Position(stands), "the client says {client}");
        }
        assert_eq!(places.sent_to(P), Some(Position(7)), "where it goes back to while nothing is committed");
    }
}
