//! The group's positions, which somebody may move.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::verdict::{finds, is_clean};
use super::{FACT, routed};
use crate::support::{Bus, Cluster, eventually};

/// Moves the group past all that stands in a topic of one partition.
pub fn skip(bus: &Bus, topic: &str) {
    go_to(bus, topic, |end| end);
}

/// Moves the group to a position, which is chosen by the log's end.
fn go_to(bus: &Bus, topic: &str, choose: impl FnOnce(i64) -> i64) {
    let topic = bus.topic(topic);
    let group: BaseConsumer = bus.broker.config().set("group.id", bus.group()).create().unwrap();
    let (_, end) = group.fetch_watermarks(&topic, 0, Duration::from_secs(20)).unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&topic, 0, Offset::Offset(choose(end))).unwrap();
    // Refused while the group still has a member.
    eventually("the group is empty", Duration::from_secs(120), || group.commit(&list, CommitMode::Sync).ok());
}

#[test]
fn a_position_that_was_moved_back_is_named_before_anything_is_decided_on_again() {
    let bus = Bus::lean(Cluster::shared(), "back", 1);
    routed(&bus, 20);
    is_clean(&bus, &[]);
    go_to(&bus, FACT, |_| 15);
    finds(&bus, &[("torn", 1)], &[&format!("{FACT}/0@15 is the group's position, and records up to 19 are audited")]);
    // As it was: nothing has happened yet.
    skip(&bus, FACT);
    is_clean(&bus, &[]);
}
