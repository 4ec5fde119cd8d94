//! Partitions and positions as the client's lists, and back.

use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::consumer::{Mark, TopicPartition};
use super::note::Note;
use crate::ids::Position;

/// Partitions as the client's list.
pub(super) fn list(partitions: &[TopicPartition]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition(topic, *partition);
    }
    list
}

/// Positions as the client's list.
pub(super) fn position_list(partitions: &[(TopicPartition, Position)]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for ((topic, partition), position) in partitions {
        list.add_partition_offset(topic, *partition, Offset::Offset(position.0))?;
    }
    Ok(list)
}

/// Positions to commit as the client's list.
pub(super) fn mark_list(marks: &[Mark]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(marks.len());
    for Mark { partition: (topic, partition), position, note } in marks {
        list.add_partition_offset(topic, *partition, Offset::Offset(position.0))?;
        if let Some(mut added) = list.find_partition(topic, *partition).filter(|_| *note != Note::default()) {
            added.set_metadata(note.text());
        }
    }
    Ok(list)
}

/// The positions of a list that are numbers.
pub(super) fn known(list: &TopicPartitionList) -> Vec<(TopicPartition, Position)> {
    list.elements()
        .iter()
        .filter_map(|one| match one.offset() {
            Offset::Offset(offset) => Some(((one.topic().to_owned(), one.partition()), Position(offset))),
            Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => None,
        })
        .collect()
}
