//! State in the judge's table.

use super::world::World;
use super::{Row, row};
use crate::catalogue::AuditMode;
use crate::verify::{Count, Floor};

const UNLESS: &str = "(unless it was compacted while this was read: then another verification does not find it)";

fn check(mode: AuditMode, rows: &[Row]) {
    for Row { name, damage, found } in rows {
        let mut world = World::with_state(mode);
        damage(&mut world);
        let found_here: Vec<_> = world.judge().iter().map(|line| line.replace(UNLESS, "UNLESS")).collect();
        assert_eq!(found_here, *found, "{name}");
    }
}

const DAMAGED: &[Row] = &[
    row("nothing", |_| {}, &[]),
    row(
        "an update without a trace",
        |world| world.remove("revbus.audit", 24),
        &[
            "lost revbus.state_updates/0@24 was consumed, and nothing came of it: no audit record, dead letter or derived \
           event",
        ],
    ),
    row(
        "a bad update without a trace",
        |world| {
            world.remove("revbus.audit", 26);
            world.remove("revbus.dead_letters", 26);
        },
        &[
            "lost revbus.state_updates/0@26 was consumed, and nothing came of it: no audit record, dead letter or derived \
           event",
        ],
    ),
    row(
        "a change that was made over another one",
        |world| world.edit("revbus.audit", 21, "\"version\":2", "\"expected_version\":0,\"version\":2"),
        &["torn revbus.audit/0@21 is of an update that expected version 0, and has changed it to 2"],
    ),
    row(
        "a conflict that was none",
        |world| world.edit("revbus.audit", 24, "\"version\":1", "\"expected_version\":1,\"version\":1"),
        &["torn revbus.audit/0@24 is a conflict of an update that expected version 1, which it met"],
    ),
    row(
        "an update that is decided on twice",
        |world| world.copy("revbus.audit", 24, 27),
        &["duplicated revbus.audit/0@27 audits revbus.state_updates/0@24, as another does already"],
    ),
    row(
        "a change without its newest value",
        |world| world.remove("revbus.state", 23),
        &["torn revbus.audit/0@23 audits revbus.state_updates/0@23 as a change to version 1, which is not on \
           revbus.state UNLESS"],
    ),
    row(
        "a change without its value in the middle",
        |world| world.remove("revbus.state", 21),
        &[
            "out of order revbus.state/0@22 has version 3 behind version 1 of the same entity, and not 2 UNLESS",
            "torn revbus.audit/0@21 audits revbus.state_updates/0@21 as a change to version 2, which is not on \
             revbus.state UNLESS",
        ],
    ),
    row(
        "a change without its tombstone",
        |world| world.remove("revbus.state", 22),
        &[
            "out of order revbus.state/0@23 has version 1 behind version 2 of the same entity, and not 3",
            "torn revbus.audit/0@22 audits revbus.state_updates/0@22 as a change to version 3, which is not on \
             revbus.state UNLESS",
        ],
    ),
    row(
        "a value without audit",
        |world| world.remove("revbus.audit", 23),
        &["torn revbus.state/0@23 no audit record tells of this change"],
    ),
    row(
        "a value twice",
        |world| world.copy("revbus.state", 23, 28),
        &["duplicated revbus.state/0@28 is there 2 times, for 1 changes"],
    ),
    row(
        "another version than was audited",
        |world| world.edit("revbus.audit", 23, "\"version\":1", "\"version\":4"),
        &[
            "torn revbus.audit/0@23 audits revbus.state_updates/0@23 as a change to version 4, which is not on \
             revbus.state UNLESS",
            "torn revbus.state/0@23 no audit record tells of this change",
        ],
    ),
    row(
        "a version twice",
        |world| {
            world.edit("revbus.audit", 21, "\"version\":2", "\"version\":1");
            world.edit("revbus.state", 21, "\"version\":2", "\"version\":1");
        },
        &[
            "duplicated revbus.state/0@21 has version 1 behind version 1 of the same entity, and not 2",
            "out of order revbus.state/0@22 has version 3 behind version 1 of the same entity, and not 2 UNLESS",
        ],
    ),
    row(
        "a life that does not begin at 1",
        |world| {
            world.edit("revbus.audit", 23, "\"version\":1", "\"version\":4");
            world.edit("revbus.state", 23, "\"version\":1", "\"version\":4");
        },
        &["out of order revbus.state/0@23 has version 4 behind the end of a life of the same entity, and not 1 UNLESS"],
    ),
    row(
        "versions the other way round",
        |world| world.swap("revbus.state", 20, 21),
        &[
            "out of order revbus.state/0@21 has version 1 behind version 2 of the same entity, and not 3",
            "out of order revbus.state/0@22 has version 3 behind version 1 of the same entity, and not 2 UNLESS",
        ],
    ),
    row(
        "under another entity's key",
        |world| world.rekey("revbus.state", 23, "t/a/account/other"),
        &["torn revbus.state/0@23 stands under another key than that of the entity in its update"],
    ),
    row(
        "on the number of another partition",
        |world| world.repartition("revbus.state", 23, 4),
        &["torn revbus.state/4@23 does not stand on the partition number of its update"],
    ),
    row(
        "a conflict that wrote",
        |world| world.edit("revbus.audit", 23, "state_changed", "conflict"),
        &["torn revbus.state/0@23 no audit record tells of this change"],
    ),
    row(
        "an audit record of an update with the digest of another payload",
        |world| world.edit("revbus.audit", 26, r#""payload_digest":""#, r#""payload_digest":"0"#),
        &["torn revbus.audit/0@26 says something else of the event than revbus.state_updates/0@26 does"],
    ),
    row(
        "a dead letter of another update",
        |world| world.edit("revbus.dead_letters", 26, "nonsense", "sense"),
        &[
            "torn revbus.dead_letters/0@26 has another key, value, headers or time than revbus.state_updates/0@26, of which \
           it is a dead letter",
        ],
    ),
    row(
        "a dead letter of a change",
        |world| world.edit("revbus.audit", 26, "invalid", "state_changed\",\"a\":\""),
        &[
            "torn revbus.audit/0@26 is of the outcome state_changed and names no version",
            "torn revbus.dead_letters/0@26 is a dead letter of a record that is audited as none",
        ],
    ),
    row(
        "a fact that was not emitted",
        |world| {
            world.remove("a.changed", 21);
            world.remove("revbus.audit", 121);
        },
        &[
            "torn revbus.audit/0@21 evt audits revbus.state_updates/0@21 as a change that emits, and the fact is not on \
           a.changed",
        ],
    ),
    row(
        "a fact that no change emitted",
        |world| world.edit("revbus.audit", 21, "\"derived\"", "\"other\""),
        &["torn a.changed/0@21 evt no audit record names it"],
    ),
    row(
        "a fact that was emitted twice",
        |world| world.copy("a.changed", 21, 28),
        &[
            "lost a.changed/0@28 was consumed, and nothing came of it: no audit record, dead letter or derived event",
            "duplicated a.changed/0@28 evt is there 2 times, for 1 source records",
        ],
    ),
    row(
        "foreign records",
        |world| {
            world.rekey("revbus.state", 20, "what?");
            world.edit("revbus.state", 21, "\"v\":1", "\"v\":2");
            world.edit("revbus.state", 23, "\"version\"", "\"size\"");
        },
        &[
            "torn revbus.audit/0@23 audits revbus.state_updates/0@23 as a change to version 1, which is not on \
             revbus.state UNLESS",
            "torn revbus.state/0@20 is no state: its key names no entity",
            "torn revbus.state/0@21 cannot be read: the state topic has values of form 2, and this revbus reads 1: \
             upgrade it",
            "torn revbus.state/0@23 cannot be read: a record of the state topic is no state value: something else than \
             a router has written there",
        ],
    ),
];

#[test]
fn each_kind_of_damage_to_state_is_named() {
    check(AuditMode::On, DAMAGED);
}

const FINE: &[Row] = &[
    row("what compaction leaves", |world| (20..23).for_each(|offset| world.remove("revbus.state", offset)), &[]),
    row(
        "what it leaves with a tombstone",
        |world| (20..22).for_each(|offset| world.remove("revbus.state", offset)),
        &[],
    ),
    row(
        "what it leaves of an entity that is gone",
        |world| {
            for topic in ["revbus.state_updates", "revbus.state", "revbus.audit"] {
                world.remove(topic, 23);
            }
            (20..23).for_each(|offset| world.remove("revbus.state", offset));
            world.buried(22);
        },
        &[],
    ),
    row(
        "what retention has taken of the updates",
        |world| {
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(23));
            world.scope.sources.values_mut().for_each(|reach| reach.from = 23);
            (20..23).for_each(|offset| world.remove("revbus.state_updates", offset));
        },
        &[],
    ),
    row(
        "what retention has taken of the audit",
        |world| {
            world.whole_from("revbus.audit", 23);
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(23));
            for offset in [0, 1, 2, 3, 20, 21, 22, 121] {
                world.remove("revbus.audit", offset);
            }
        },
        &[],
    ),
    row(
        "a repetition beyond the duplicate window, behind a delete",
        |world| {
            world.edit("revbus.state_updates", 23, "u23", "u20");
            world.edit("revbus.state", 23, "u23", "u20");
            world.edit("revbus.audit", 23, "u23", "u20");
        },
        &[],
    ),
    row(
        "an update that came again when its first was not seen any more",
        |world| {
            world.whole_from("revbus.audit", 24);
            world.scope.window = 0;
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(24));
            [0, 1, 2, 3, 20, 21, 22, 23, 121].into_iter().for_each(|offset| world.remove("revbus.audit", offset));
            assert_eq!(world.counted(Count::UnseenFirst), 1);
        },
        &[],
    ),
    row(
        "an emitted fact that another tool sent back",
        |world| {
            world.replayed(21, 28);
            world.header("a.changed", 28, "revbus.dead.replays", "0");
        },
        &[],
    ),
    row("a fact that is not emitted any more", World::emits_no_more, &[]),
    row("an emitted fact that came back from the dead letters", |world| world.replayed(21, 28), &[]),
];

#[test]
fn what_is_no_damage_to_state_is_not_reported() {
    check(AuditMode::On, FINE);
}

const UNAUDITED: &[Row] = &[
    row("nothing", |_| {}, &[]),
    row(
        "versions the other way round",
        |world| world.swap("revbus.state", 22, 23),
        &[
            "out of order revbus.state/0@22 has version 1 behind version 2 of the same entity, and not 3",
            "out of order revbus.state/0@23 has version 3 behind version 1 of the same entity, and not 2 UNLESS",
        ],
    ),
];

#[test]
fn without_an_audit_versions_are_judged() {
    check(AuditMode::Off, UNAUDITED);
}
