//! Updates that were sent again beyond the duplicate window, and made the same version again in another life.

use super::world::World;
use super::{Row, row};
use crate::catalogue::AuditMode;

/// The update that made version 1 of the second life is that of the first.
fn sent_again(world: &mut World) {
    world.scope.window = 0;
    for topic in ["revbus.state_updates", "revbus.audit", "revbus.state"] {
        world.edit(topic, 23, "u23", "u20");
    }
}

const ROWS: &[Row] = &[
    row("all values", sent_again, &[]),
    row(
        "compaction took the first life",
        |world| {
            sent_again(world);
            (20..23).for_each(|offset| world.remove("revbus.state", offset));
        },
        &[],
    ),
    row(
        "the value of the second life is gone",
        |world| {
            sent_again(world);
            world.remove("revbus.state", 23);
        },
        &["torn revbus.audit/0@23 audits revbus.state_updates/0@23 as a change to version 1, which is not on \
           revbus.state (unless it was compacted while this was read: then another verification does not find it)"],
    ),
    row(
        "a value is there once more than changes",
        |world| {
            sent_again(world);
            world.copy("revbus.state", 23, 24);
        },
        &["duplicated revbus.state/0@24 is there 3 times, for 2 changes"],
    ),
];

#[test]
fn a_value_is_that_of_its_own_change() {
    for Row { name, damage, found } in ROWS {
        let mut world = World::with_state(AuditMode::On);
        damage(&mut world);
        assert_eq!(world.judge(), *found, "{name}");
    }
}
