//! Catalogues whose audit is off.

use super::{Row, check, row};
use crate::catalogue::AuditMode;

/// Without an audit, the triggers say what must be there.
const UNAUDITED: &[Row] = &[
    row("nothing", |_| {}, &[]),
    row("a condition that did not hold", |world| world.remove("b.maybe", 1), &[]),
    row(
        "a fact without a trace",
        |world| {
            world.remove("b.act", 1);
            world.remove("b.maybe", 1);
        },
        &["lost a.fact/0@1 was consumed, and nothing came of it: no dead letter or derived event"],
    ),
    row(
        "a bad fact without a trace",
        |world| world.remove("revbus.dead_letters", 3),
        &["lost a.fact/0@3 was consumed, and nothing came of it: no dead letter or derived event"],
    ),
    row(
        "a part of what must be there",
        |world| world.remove("b.act", 1),
        &["torn a.fact/0@1 was routed in part: a derived event is missing"],
    ),
    row(
        "routed and dead",
        |world| world.letter(10, 1),
        &["torn revbus.dead_letters/0@10 is a dead letter of a record that was routed too"],
    ),
    row(
        "of no fact",
        |world| world.remove("a.fact", 1),
        &["torn b.act/0@1 evt no source record leads to it", "torn b.maybe/0@1 evt no source record leads to it"],
    ),
    row(
        "a derived event twice",
        |world| world.copy("b.maybe", 1, 10),
        &["duplicated b.maybe/0@10 evt is there 2 times, for 1 source records"],
    ),
    row(
        "two events of a key the other way round",
        |world| world.swap("b.act", 1, 2),
        &["out of order b.act/0@2 of a.fact/0@1, stands behind what came of a.fact/0@2 under the same key"],
    ),
    row(
        "a corrected fact under the id of the bad one",
        |world| {
            world.letter(1, 0);
            world.fact_as(10, 0);
            world.position(11);
            for topic in ["b.act", "b.maybe"] {
                world.transfer(topic, 0, topic, 10);
            }
        },
        &[],
    ),
    row("not yet consumed", |world| world.fact(10), &[]),
];

#[test]
fn without_an_audit_the_triggers_say_what_must_be_there() {
    check(AuditMode::Off, UNAUDITED);
}
