//! What another catalogue decided on, of event types that the one at hand does not have.

use super::world::World;
use super::{Row, check, row};
use crate::catalogue::AuditMode;
use crate::verify::Count;

/// The audit record at an offset is another catalogue's, and says this instead of that.
fn another(world: &mut World, offset: i64, (from, to): (&str, &str)) {
    let digest = world.digest();
    world.edit("revbus.audit", offset, &digest, "another");
    world.edit("revbus.audit", offset, from, to);
}

const FINE: &[Row] = &[
    row(
        "a fact that is gone, and its commands",
        |world| {
            another(world, 1, ("\"topic\":\"a.fact\"", "\"topic\":\"a.gone\""));
            world.remove("a.fact", 1);
            assert_eq!(world.counted(Count::OtherTypes), 1);
        },
        &[],
    ),
    row(
        "a command that is gone",
        |world| {
            another(world, 1, ("\"event_type\":\"b.act\"", "\"event_type\":\"b.gone\""));
            world.remove("b.act", 1);
            assert_eq!(world.counted(Count::OtherTypes), 1);
        },
        &[],
    ),
    row(
        "a command that has another name, and another topic",
        |world| {
            another(world, 1, ("\"event_type\":\"b.act\"", "\"event_type\":\"b.was\""));
            world.remove("b.act", 1);
        },
        &[],
    ),
    row(
        "a command that has another name, and the same topic",
        |world| another(world, 1, ("\"event_type\":\"b.act\"", "\"event_type\":\"b.was\"")),
        &[],
    ),
    row(
        "a dead letter of a fact that is gone",
        |world| {
            another(world, 3, ("\"topic\":\"a.fact\"", "\"topic\":\"a.gone\""));
            world.remove("a.fact", 3);
            world.dead_elsewhere(3, Some("another"));
            assert_eq!(world.counted(Count::OtherTypes), 2);
        },
        &[],
    ),
];

#[test]
fn what_this_catalogue_does_not_have_is_not_judged() {
    check(AuditMode::On, FINE);
}

const DAMAGED: &[Row] = &[
    row(
        "a command of another catalogue that is not there",
        |world| {
            another(world, 1, ("\"topic\":\"a.fact\"", "\"topic\":\"a.fact\" "));
            world.remove("b.act", 1);
        },
        &["torn revbus.audit/0@1 evt audits a.fact/0@1 as routed, and the event is not on b.act"],
    ),
    row(
        "an audit record of another catalogue, of the record that stood there before",
        |world| {
            world.forge(1, "no_trigger");
            another(world, 1, ("\"outcome\"", "\"outcome\" "));
            world.edit("a.fact", 1, "\"event_id\":\"f1\"", "\"event_id\":\"new\"");
        },
        &["torn revbus.audit/0@1 names another event than a.fact/0@1 is"],
    ),
    row(
        "this catalogue, and a fact that it does not have",
        |world| {
            world.undecide(1);
            world.forge(1, "no_trigger");
            world.edit("revbus.audit", 1, "\"topic\":\"a.fact\"", "\"topic\":\"a.gone\"");
            world.remove("a.fact", 1);
        },
        &["torn revbus.audit/0@1 audits a record of a.gone, which is no topic of facts or updates"],
    ),
    row(
        "a dead letter of no catalogue",
        |world| {
            another(world, 3, ("\"topic\":\"a.fact\"", "\"topic\":\"a.gone\""));
            world.remove("a.fact", 3);
            world.dead_elsewhere(3, None);
        },
        &["torn revbus.dead_letters/0@3 is no dead letter: its headers name no record that is decided on"],
    ),
];

#[test]
fn what_only_pretends_to_be_of_another_catalogue_is_named() {
    check(AuditMode::On, DAMAGED);
}
