//! What a help names, where types alone do not say it.

use super::check;

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
