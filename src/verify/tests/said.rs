//! What commands, audit records and dead letters say, each changed in one place: deciding again gives something else.

use super::{Row, check, row};
use crate::catalogue::AuditMode;

const CHANGED: &[Row] = &[
    row(
        "a command on a partition that is not its key's",
        |world| world.repartition("b.act", 1, 3),
        &["torn b.act/3@1 stands on a partition on which the topic has never placed its key"],
    ),
    row(
        "a copy of a command that was made before what is judged",
        |world| world.copied_since("b.act", 1),
        &[
            "duplicated b.act/0@99 evt was made at 1970-01-01T00:00:02.000Z, before what is judged, and written again since",
        ],
    ),
    row(
        "a copy of an audit record that was made before what is judged",
        |world| world.copied_since("revbus.audit", 1),
        &[
            "duplicated revbus.audit/0@99 was made at 1970-01-01T00:00:02.000Z, before what is judged, and written again \
           since",
        ],
    ),
    row(
        "a command for another module",
        |world| world.edit("b.act", 1, r#""target_module":"b""#, r#""target_module":"c""#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command of another action",
        |world| world.edit("b.act", 1, r#""action":"act""#, r#""action":"pay""#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command that names another trigger",
        |world| world.edit("b.act", 1, r#""trigger":"b.act""#, r#""trigger":"b.maybe""#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command with another time to answer in",
        |world| world.edit("b.act", 1, r#""timeout_seconds":"#, r#""timeout_seconds":1"#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command with a member that no router writes",
        |world| world.edit("b.act", 1, r#""payload":"#, r#""requires_response":true,"payload":"#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command with metadata that no router writes",
        |world| world.edit("b.act", 1, r#""root_id":"#, r#""actor":"evil","root_id":"#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command without a time",
        |world| world.edit("b.act", 1, r#""timestamp":"#, r#""time":"#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command with another trace",
        |world| world.header("b.act", 1, "traceparent", "00-1"),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "an audit record with the digest of another payload",
        |world| world.edit("revbus.audit", 1, r#""payload_digest":""#, r#""payload_digest":"0"#),
        &["torn revbus.audit/0@1 says something else of the event than a.fact/0@1 does"],
    ),
    row(
        "an audit record of another module",
        |world| world.edit("revbus.audit", 3, r#""v":1"#, r#""v":1,"source_module":"z""#),
        &["torn revbus.audit/0@3 says something else of the event than a.fact/0@3 does"],
    ),
    row(
        "an audit record of a duplicate that came from another user",
        |world| {
            world.routed_as(8, 1);
            world.forge(8, "duplicate");
            world.edit("revbus.audit", 8, r#""v":1"#, r#""v":1,"user_id":"u""#);
        },
        &["torn revbus.audit/0@8 says something else of the event than a.fact/0@8 does"],
    ),
    row(
        "an audit record under another key",
        |world| world.rekey("revbus.audit", 1, "t/x"),
        &["torn revbus.audit/0@1 says something else of the event than a.fact/0@1 does"],
    ),
    row(
        "an audit record that does not say when",
        |world| world.edit("revbus.audit", 1, r#""at":"#, r#""then":"#),
        &["torn revbus.audit/0@1 does not say when it was decided"],
    ),
    row(
        "a fact that changed a state",
        |world| world.edit("revbus.audit", 3, r#""outcome":"invalid""#, r#""outcome":"state_changed""#),
        &[
            "torn revbus.audit/0@3 tells of a change of state, and is of a fact, which changes none",
            "torn revbus.dead_letters/0@3 is a dead letter without an audit record",
        ],
    ),
    row(
        "other reasons",
        |world| world.edit("revbus.audit", 3, "not_json", "field_missing"),
        &[
            "torn revbus.audit/0@3 names other derived events, triggers or reasons than deciding on a.fact/0@3 again gives",
            "torn revbus.dead_letters/0@3 names other reasons, or another tenant, catalogue or count of replays, than \
             revbus.audit/0@3",
        ],
    ),
    row(
        "a condition that is said not to have held",
        |world| world.edit("revbus.audit", 1, r#""v":1"#, r#""v":1,"not_fired":["b.act"]"#),
        &[
            "torn revbus.audit/0@1 names other derived events, triggers or reasons than deciding on a.fact/0@1 again gives",
        ],
    ),
    row(
        "a dead letter of another value",
        |world| world.edit("revbus.dead_letters", 3, "nonsense", "sense"),
        &[
            "torn revbus.dead_letters/0@3 has another key, value, headers or time than a.fact/0@3, of which it is a dead \
           letter",
        ],
    ),
    row(
        "a dead letter under another key",
        |world| world.rekey("revbus.dead_letters", 3, "t/x"),
        &[
            "torn revbus.dead_letters/0@3 has another key, value, headers or time than a.fact/0@3, of which it is a dead \
           letter",
        ],
    ),
    row(
        "a dead letter with a header more",
        |world| world.header("revbus.dead_letters", 3, "more", "x"),
        &[
            "torn revbus.dead_letters/0@3 has another key, value, headers or time than a.fact/0@3, of which it is a dead \
           letter",
        ],
    ),
    row(
        "a dead letter of another time",
        |world| world.retell(3, "revbus.dead.timestamp", "1970-01-01T00:00:01Z"),
        &[
            "torn revbus.dead_letters/0@3 has another key, value, headers or time than a.fact/0@3, of which it is a dead \
           letter",
        ],
    ),
    row(
        "a dead letter for another reason",
        |world| world.retell(3, "revbus.dead.reason", "denied"),
        &["torn revbus.dead_letters/0@3 names other reasons, or another tenant, catalogue or count of replays, than \
           revbus.audit/0@3"],
    ),
];

#[test]
fn each_word_that_is_changed_is_found() {
    check(AuditMode::On, CHANGED);
}

const FINE: &[Row] = &[
    row(
        "a dead letter that was cut",
        |world| {
            world.edit("revbus.dead_letters", 3, "nonsense", "non");
            world.retell(
                3,
                "revbus.dead.message",
                "cut to its first 3 of 8 bytes, the rest is at the position named here; ",
            );
        },
        &[],
    ),
    row(
        "a dead letter of what was a dead letter before, and routed facts with headers",
        |world| {
            world.write("a.fact", 8, "nonsense");
            world.header("a.fact", 8, "revbus.dead.replays", "1");
            world.header("a.fact", 8, "own", "x");
            world.decided(8);
            world.header("revbus.dead_letters", 8, "own", "x");
            world.fact(9);
            world.header("a.fact", 9, "traceparent", "00-1");
            world.decided(9);
        },
        &[],
    ),
];

#[test]
fn what_may_differ_is_not_reported() {
    check(AuditMode::On, FINE);
}
