//! The judge as a table: a small world in which all is well, damaged in one way a row.

mod again;
mod compacted;
mod elsewhere;
mod said;
mod state;
mod unaudited;
mod world;

use super::*;
use crate::catalogue::AuditMode;
use world::World;

/// What is done to the world, and what is found then.
struct Row {
    name: &'static str,
    damage: fn(&mut World),
    found: &'static [&'static str],
}

const fn row(name: &'static str, damage: fn(&mut World), found: &'static [&'static str]) -> Row {
    Row { name, damage, found }
}

fn check(mode: AuditMode, rows: &[Row]) {
    for Row { name, damage, found } in rows {
        let mut world = World::new(mode);
        damage(&mut world);
        assert_eq!(world.judge(), *found, "{name}");
    }
}

/// Each kind of damage, and how it is named.
const DAMAGED: &[Row] = &[
    row("nothing", |_| {}, &[]),
    row(
        "a routed fact without a trace",
        |world| {
            world.remove("revbus.audit", 1);
            world.remove("b.act", 1);
            world.remove("b.maybe", 1);
        },
        &["lost a.fact/0@1 was consumed, and nothing came of it: no audit record, dead letter or derived event"],
    ),
    row(
        "a bad fact without a trace",
        |world| {
            world.remove("revbus.audit", 3);
            world.remove("revbus.dead_letters", 3);
        },
        &["lost a.fact/0@3 was consumed, and nothing came of it: no audit record, dead letter or derived event"],
    ),
    row(
        "a derived event twice",
        |world| world.copy("b.act", 1, 10),
        &["duplicated b.act/0@10 evt is there 2 times, for 1 source records"],
    ),
    row(
        "an audit record twice",
        |world| world.copy("revbus.audit", 2, 10),
        &["duplicated revbus.audit/0@10 audits a.fact/0@2, as another does already"],
    ),
    row(
        "a dead letter twice",
        |world| world.copy("revbus.dead_letters", 3, 10),
        &["duplicated revbus.dead_letters/0@10 is a dead letter of a.fact/0@3, as another does already"],
    ),
    row(
        "audit without derived",
        |world| world.remove("b.maybe", 1),
        &["torn revbus.audit/0@1 evt audits a.fact/0@1 as routed, and the event is not on b.maybe"],
    ),
    row(
        "derived without audit",
        |world| world.remove("revbus.audit", 1),
        &["torn b.act/0@1 evt no audit record names it", "torn b.maybe/0@1 evt no audit record names it"],
    ),
    row(
        "a dead letter without audit",
        |world| world.remove("revbus.audit", 3),
        &["torn revbus.dead_letters/0@3 is a dead letter without an audit record"],
    ),
    row(
        "audited as dead without a dead letter",
        |world| world.remove("revbus.dead_letters", 3),
        &["torn revbus.audit/0@3 audits a.fact/0@3 as refused, and there is no dead letter of it"],
    ),
    row(
        "a dead letter of a routed fact",
        |world| world.letter(10, 1),
        &["torn revbus.dead_letters/0@10 is a dead letter of a record that is audited as none"],
    ),
    row(
        "what has no trigger derives something",
        |world| world.edit("revbus.audit", 1, "\"routed\"", "\"no_trigger\""),
        &[
            "torn revbus.audit/0@1 audits a.fact/0@1 as no_trigger with 2 derived events, and deciding again gives \
             routed with 2 derived events",
            "torn revbus.audit/0@1 is of the outcome no_trigger and names 2 derived events",
        ],
    ),
    row(
        "an id that is another's",
        |world| {
            world.edit("revbus.audit", 1, "\"trigger\":\"b.act\"", "\"trigger\":\"b.other\"");
        },
        &[
            "torn revbus.audit/0@1 names ID as derived by b.other: not the id that tenant, type, event id and trigger make",
            "torn revbus.audit/0@1 names other derived events, triggers or reasons than deciding on a.fact/0@1 again gives",
        ],
    ),
    row(
        "a cause that is another's",
        |world| world.edit("b.act", 1, "\"causation_id\":\"f1\"", "\"causation_id\":\"f2\""),
        &["torn b.act/0@1 evt does not name as its cause the event that it is audited for"],
    ),
    row(
        "on the wrong topic",
        |world| world.transfer("b.act", 1, "b.maybe", 10),
        &["torn b.maybe/0@10 evt does not stand on the topic of the type under which it is audited"],
    ),
    row(
        "an audit record on the number of another partition",
        |world| world.repartition("revbus.audit", 1, 4),
        &["torn revbus.audit/4@1 audits a.fact/0@1, of another partition number"],
    ),
    row(
        "an audit record of no record",
        |world| world.remove("a.fact", 2),
        &["torn revbus.audit/0@2 is of a.fact/0@2, where no record stands"],
    ),
    row(
        "foreign records",
        |world| {
            world.write("revbus.audit", 10, "{}");
            world.write("revbus.dead_letters", 10, "");
            world.write("b.act", 10, "what?");
            world.edit("revbus.audit", 1, "\"v\":1", "\"v\":2");
            world.edit("revbus.audit", 2, "\"a.fact\",\"partition\"", "\"b.act\",\"partition\"");
        },
        &[
            "torn b.act/0@10 is no event: it has no id that can be read",
            "torn revbus.audit/0@1 is an audit record of version 2, and this revbus reads 1",
            "torn revbus.audit/0@10 is no audit record that can be read",
            "torn revbus.audit/0@2 audits a record of b.act, which is no topic of facts or updates",
            "torn revbus.dead_letters/0@10 is no dead letter: its headers name no record that is decided on",
            // What those records were for is not there any more.
            "torn b.act/0@1 evt no audit record names it",
            "torn b.act/0@2 evt no audit record names it",
            "torn b.maybe/0@1 evt no audit record names it",
            "torn b.maybe/0@2 evt no audit record names it",
        ],
    ),
    row(
        "two events of a key the other way round",
        |world| world.swap("b.act", 1, 2),
        &["out of order b.act/0@2 of a.fact/0@1, stands behind what came of a.fact/0@2 under the same key"],
    ),
    row(
        "a fact sent again, and routed again",
        |world| {
            world.routed_as(10, 1);
            assert_eq!((world.counted(Count::Repeated), world.counted(Count::OtherData)), (2, 0));
        },
        &[
            "duplicated a.fact/0@10 is decided on like a new one, and is the event of a.fact/0@1, which was 9 s before, \
           within the duplicate window: its ledger had no room for it, or was not read back",
        ],
    ),
];

#[test]
fn each_kind_of_damage_is_named() {
    check(AuditMode::On, DAMAGED);
}

/// What looks like damage, and is none.
const FINE: &[Row] = &[
    row(
        "facts that are not yet consumed",
        |world| {
            world.fact(10);
            world.position(10);
        },
        &[],
    ),
    row(
        "a transaction that goes on while it is read",
        |world| {
            world.routed(10);
            world.remove("b.act", 10);
            world.position(10);
        },
        &[],
    ),
    row(
        "the same order under two keys",
        |world| {
            world.edit("a.fact", 1, r#""id":"e""#, r#""id":"other""#);
            world.undecide(1);
            world.decided(1);
            world.swap("b.act", 1, 2);
        },
        &[],
    ),
    row(
        "a fact sent again beyond the duplicate window, and routed again",
        |world| {
            world.scope.window = 9_000 + 2 * MARGIN;
            world.routed_as(10, 1);
            assert_eq!((world.counted(Count::Repeated), world.counted(Count::OtherData)), (2, 0));
        },
        &[],
    ),
    row(
        "a fact sent again with another payload",
        |world| {
            world.scope.window = 0;
            world.fact_as(10, 1);
            world.edit("a.fact", 10, r#""data":{"#, r#""data":{"more":1,"#);
            world.decided(10);
            assert_eq!((world.counted(Count::Repeated), world.counted(Count::OtherData)), (2, 2));
            assert_eq!(world.differing(), 2);
        },
        &[],
    ),
    row(
        "a fact sent again before the window",
        |world| {
            world.routed_as(10, 1);
            world.scope.since = World::time(11);
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(11));
            assert_eq!(world.counted(Count::Repeated), 0);
        },
        &[],
    ),
    row(
        "before the window",
        |world| {
            world.scope.since = World::time(2);
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(2));
            world.remove("revbus.audit", 1);
            world.remove("revbus.audit", 0);
        },
        &[],
    ),
    row(
        "what retention has taken of derived events",
        |world| {
            world.whole_from("b.maybe", 2);
            world.remove("b.maybe", 0);
            world.remove("b.maybe", 1);
        },
        &[],
    ),
    row(
        "what retention has taken of the audit",
        |world| {
            world.whole_from("revbus.audit", 2);
            world.scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Offset(2));
            world.remove("revbus.audit", 0);
            world.remove("revbus.audit", 1);
        },
        &[],
    ),
    row(
        "behind a hanging transaction",
        |world| {
            world.scope.blind.insert(world.scope.topics.audit());
            world.scope.sources.values_mut().for_each(|reach| reach.hidden = true);
            world.remove("revbus.audit", 3);
            world.remove("revbus.audit", 2);
        },
        &[],
    ),
];

#[test]
fn what_is_no_damage_is_not_reported() {
    check(AuditMode::On, FINE);
}

#[test]
fn examples_are_bounded_and_counts_are_not() {
    let mut findings = Findings::keeping(7);
    let topics = World::new(AuditMode::On).scope.topics;
    for offset in 0..100 {
        let place = Place { topic: 0, partition: 0, offset };
        findings.push(topics.finding(Damage::Lost, place, None, String::new()));
    }
    assert_eq!((findings.of(Damage::Lost).count, findings.of(Damage::Lost).examples.len()), (100, 7));
    assert_eq!(findings.found().count(), 1);
}
