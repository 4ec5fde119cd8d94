//! The group's positions, which somebody may move.

use super::verdict::{finds, is_clean};
use super::{FACT, routed};
use crate::support::{Bus, Cluster};

/// Moves the group past all that stands in a topic of one partition.
pub fn skip(bus: &Bus, topic: &str) {
    bus.move_group(topic, |end| end);
}

#[test]
fn a_position_that_was_moved_back_is_named_before_anything_is_decided_on_again() {
    let bus = Bus::lean(Cluster::shared(), "back", 1);
    routed(&bus, 20);
    is_clean(&bus, &[]);
    bus.move_group(FACT, |_| 15);
    finds(&bus, &[("torn", 1)], &[&format!("{FACT}/0@15 is the group's position, and records up to 19 are audited")]);
    // As it was: nothing has happened yet.
    skip(&bus, FACT);
    is_clean(&bus, &[]);
}
