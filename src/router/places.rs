//! Where the assigned partitions stand: where each was sent last, and how far it was read from there.
//!
//! The client may give a record twice. For a rebalance it pauses what is assigned, from a thread of its own, and goes on
//! at the record behind the one that was handed over last; one that is being handed over in that moment does not count
//! yet, and is fetched again (librdkafka 2.12.1: `rd_kafka_toppar_pause_resume` beside `rd_kafka_fetch_op_app_prepare`).
//! So a partition is read forwards only, until it is sent somewhere: what was taken is not taken again, whatever the
//! client says.

use std::collections::BTreeMap;
use std::time::Instant;

use super::worker::Worker;
use crate::ids::{Position, RecordOffset};
use crate::kernel::worker::{Event, SourcePartition};

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
            place.next = Position(offset.0 + 1);
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

impl Worker<'_> {
    /// Passes over a record that is not to be taken.
    pub(super) fn given_again(&mut self, partition: SourcePartition, offset: RecordOffset) -> Event {
        self.shared.metrics.redelivered();
        if let Some(suppressed) = self.problem_log.admit(Instant::now()) {
            let (worker, topic) = (self.shared.number, self.names.topic_of(partition));
            let (partition, offset) = (partition.partition, offset.0);
            tracing::info!(worker, %topic, partition, offset, suppressed, "the client gave a record again: passed over");
        }
        Event::Quiet
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
