//! What a help names, where types alone do not say it.

use super::check;
use crate::catalogue::tests::{SMALL, lines};

const WHEN: &str = "data.amount > 1000.0";
const RATE: &str = "rate: \"0.1\"";

#[test]
fn what_other_languages_have() {
    for (slip, at, found) in [
        (
            "now() > data.amount",
            20,
            "there is no function `now` [no expression reads a clock; the time of the event is `timestamp(event.timestamp)`]",
        ),
        (
            "date('2024-01-15') == 1",
            20,
            "there is no function `date` [`timestamp(…)` makes a time of a text; of a day `timestamp(data.day + 'T00:00:00Z')`]",
        ),
        ("data.deal_id.length() > 3", 33, "there is no function `length` [write `size(…)`]"),
        (
            "payload.amount > 1.0",
            20,
            "there is no variable `payload`, only `data`, `event` and `metadata` [did you mean `data`?]",
        ),
        (
            "has(data)",
            24,
            "`has` asks for one field, and this is none [write `has(data.amount)`, or `'lost-reason' in data` for a name that cannot stand behind a point]",
        ),
    ] {
        check(WHEN, slip, &[&format!("41:{at} error RB0143: the condition does not compile: {found}")]);
    }
}

#[test]
fn metadata() {
    check(
        WHEN,
        "metadata.hops < 3",
        &[
            "41:29 error RB0181: `metadata.hops` is optional, and where it is absent this fails [absent means 0: write `metadata.?hops.orValue(0)`]",
        ],
    );
    check(WHEN, "metadata.?hops.orValue(0) < 3", &[]);
    check(
        WHEN,
        "has(metadata.user) && metadata.user == 'x'",
        &[
            "41:33 note RB0144: `metadata.user` is there only where a producer adds it [the bus knows `causation_id`, `root_id`, `hops`, `trigger` and `catalogue`]",
        ],
    );
    check(
        WHEN,
        "has(metadata.tenant_id)",
        &[
            "41:33 warning RB0144: `metadata.tenant_id` is there only where a producer adds it [did you mean `event.tenant_id`?]",
        ],
    );
}

#[test]
fn mapped_fields_that_nobody_declares() {
    let zebra = "44:15 warning RB0144: `pay.bonus` declares no field `zebra` [it declares `rate`]";
    check(RATE, &format!("{RATE}\n              zebra: \"1\""), &[zebra]);
    check(
        RATE,
        &format!("{RATE}\n              zebra: \"b'x'\""),
        &[zebra, "44:23 error RB0187: this is bytes, which JSON cannot say [`string(…)` makes text of it]"],
    );
}

#[test]
fn a_field_whose_name_cannot_stand_behind_a_point() {
    let text = SMALL.replacen("deal_id: string\n", "deal_id: string\n          lost-reason: string\n", 1).replacen(
        "pay.calculate:\n        payload:\n",
        "pay.calculate:\n        payload:\n          lost_reason: string\n",
        1,
    );
    assert_eq!(
        lines(&text),
        [
            "32:11 error RB0131: `lost-reason` cannot be the name of a field [write `lost_reason`]",
            "39:13 error RB0188: `pay.calculate` requires `lost_reason`, and nothing of `sales.deal_won` fills it [map it from the nearest: `map: {lost_reason: \"data['lost-reason']\"}`]",
        ]
    );
}

#[test]
fn a_name_that_is_refused_is_not_suggested() {
    check(
        "      sales.book:\n",
        "      sales.bo.ok:\n",
        &[
            "49:7 error RB0120: `sales.bo.ok` is not `module.name` in lower snake case [write `sales.bo_ok`]",
            "49:7 note RB0158: nobody sends the command `sales.bo.ok` [emit it in a trigger, or give it a `reply` so that it can be requested]",
            "68:20 error RB0140: no command `sales.book` is declared [`sales.bo.ok` is declared, and is no name of an event type: put it right there]",
        ],
    );
}
