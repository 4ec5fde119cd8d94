//! What a help names, where types alone do not say it.

use super::check;

const WHEN: &str = "data.amount > 1000.0";

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
