//! Audit records that are wrong by themselves: what they say is compared with what deciding again gives.

use super::world::World;
use super::{Row, check, row};
use crate::catalogue::AuditMode;
use crate::verify::Count;

const DAMAGED: &[Row] = &[
    row(
        "a duplicate of nothing",
        |world| world.forge(1, "duplicate"),
        &["lost a.fact/0@1 is audited as a duplicate, and its event was not decided on before"],
    ),
    row(
        "a duplicate of what comes later",
        |world| {
            world.routed_as(8, 1);
            world.forge(1, "duplicate");
        },
        &["lost a.fact/0@1 is audited as a duplicate, and its event was not decided on before"],
    ),
    row(
        "a duplicate of a dead letter",
        |world| {
            world.write("a.fact", 8, "nonsense");
            world.forge(8, "duplicate");
        },
        &[
            "lost a.fact/0@8 is audited as a duplicate, and its event was not decided on before",
            "torn revbus.audit/0@8 audits a.fact/0@8 as duplicate, and deciding again gives invalid",
        ],
    ),
    row(
        "no trigger, though triggers hold",
        |world| world.forge(1, "no_trigger"),
        &["lost a.fact/0@1 is audited as no_trigger, and deciding again gives routed with 2 derived events"],
    ),
    row(
        "denied, though nothing denies",
        |world| world.forge(1, "denied"),
        &["lost a.fact/0@1 is audited as denied, and deciding again gives routed with 2 derived events"],
    ),
    row(
        "no trigger, though it is no event",
        |world| world.forge(3, "no_trigger"),
        &["torn revbus.audit/0@3 audits a.fact/0@3 as no_trigger, and deciding again gives invalid"],
    ),
    row(
        "a part of what is derived, named and there",
        |world| {
            let id = world.derived_id(1, "b.maybe");
            world.edit(
                "revbus.audit",
                1,
                &format!(r#",{{"trigger":"b.maybe","event_id":"{id}","event_type":"b.maybe"}}"#),
                "",
            );
            world.remove("b.maybe", 1);
        },
        &[
            "torn revbus.audit/0@1 audits a.fact/0@1 as routed with 1 derived event, and deciding again gives routed with 2 \
           derived events",
        ],
    ),
    row(
        "a dead letter of what can be routed",
        |world| {
            world.forge(1, "invalid");
            world.letter(1, 1);
        },
        &["torn revbus.audit/0@1 audits a.fact/0@1 as invalid, and deciding again gives routed with 2 derived events"],
    ),
    row(
        "a command of other data",
        |world| world.edit("b.act", 1, r#""id":"e""#, r#""id":"x""#),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "a command under another key",
        |world| world.rekey("b.act", 1, "t/x"),
        &["torn b.act/0@1 evt has another content than the fact gives that it was derived from"],
    ),
    row(
        "an audit record beyond the end of the log",
        |world| {
            world.copy("revbus.audit", 3, 10);
            world.edit("revbus.audit", 10, r#""offset":3"#, r#""offset":9999999"#);
            world.letter(11, 9_999_999);
        },
        &["torn revbus.audit/0@10 is of a.fact/0@9999999, where no record stands"],
    ),
    row(
        "an audit record of a partition that is not there",
        |world| {
            world.copy("revbus.audit", 3, 10);
            world.edit("revbus.audit", 10, r#""partition":0"#, r#""partition":7"#);
            world.repartition("revbus.audit", 10, 7);
            world.letter(11, 3);
            world.of_partition(11, "7");
        },
        &["torn revbus.audit/7@10 is of a.fact/7@3, where no record stands"],
    ),
    row(
        "a time too far ahead that was routed",
        |world| world.edit("a.fact", 1, "1970-01-01", "1970-01-09"),
        &["torn revbus.audit/0@1 audits a.fact/0@1 as routed with 2 derived events, and deciding again gives invalid"],
    ),
    row(
        "a time that was not too far ahead",
        |world| {
            world.edit("a.fact", 1, "1970-01-01", "1970-01-09");
            world.forge(1, "invalid");
            world.letter(1, 1);
            world.edit("revbus.audit", 1, "1970-01-01", "1970-01-09");
        },
        &["torn revbus.audit/0@1 audits a.fact/0@1 as invalid, and deciding again gives routed with 2 derived events"],
    ),
    row(
        "another event's id",
        |world| {
            world.routed_as(8, 1);
            world.forge(8, "duplicate");
            world.edit("revbus.audit", 8, r#""event_id":"f1""#, r#""event_id":"f2""#);
        },
        &["torn revbus.audit/0@8 names another event than a.fact/0@8 is"],
    ),
];

#[test]
fn what_an_audit_record_says_is_decided_on_again() {
    check(AuditMode::On, DAMAGED);
}

const FINE: &[Row] = &[
    row(
        "a duplicate",
        |world| {
            world.routed_as(8, 1);
            world.forge(8, "duplicate");
        },
        &[],
    ),
    row(
        "a duplicate whose first stood before all that is read",
        |world| {
            world.scope.since = World::time(0);
            world.forge(1, "duplicate");
            assert_eq!(world.counted(Count::UnseenFirst), 1);
        },
        &[],
    ),
    row(
        "another catalogue",
        |world| {
            world.forge(1, "no_trigger");
            let digest = world.digest();
            world.edit("revbus.audit", 1, &digest, "another");
            assert_eq!((world.counted(Count::OtherCatalogue), world.counted(Count::DecidedAgain)), (1, 3));
        },
        &[],
    ),
    row(
        "what the broker refused",
        |world| {
            world.forge(1, "failed");
            world.edit("revbus.audit", 1, r#""v":1"#, r#""v":1,"reasons":[{"code":"produce_refused","message":""}]"#);
            world.letter(1, 1);
        },
        &[],
    ),
    row(
        "a time too far ahead",
        |world| {
            world.edit("a.fact", 1, "1970-01-01", "1970-01-09");
            world.undecide(1);
            world.decided(1);
        },
        &[],
    ),
    row(
        "an event sent again with other data, and routed again",
        |world| {
            world.scope.window = 0;
            world.fact(8);
            world.edit("a.fact", 8, "f8", "f1");
            world.edit("a.fact", 8, r#""id":"e""#, r#""id":"x""#);
            world.decided(8);
        },
        &[],
    ),
];

#[test]
fn what_only_looks_wrong_is_not_reported() {
    check(AuditMode::On, FINE);
}
