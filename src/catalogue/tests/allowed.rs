//! `allow`: what is meant is not shown, and what is no longer needed is.

use super::lines;

/// The findings of a catalogue in which one note is found, RB0156, with this line at its top.
#[track_caller]
fn check(allow: &str, expect: &[&str]) {
    assert_eq!(lines(&format!("version: 1\n{allow}\nmodules:\n  sales: {{}}\n")), expect, "{allow}");
}

const NOTE: &str = "4:3 note RB0156: the module `sales` has no events";

#[test]
fn what_is_allowed_is_not_shown() {
    check("", &[NOTE]);
    check("allow: [RB0156]", &[]);
    check("allow: [rb0156]", &[]);
}

#[test]
fn an_entry_that_hides_nothing_is_reported() {
    check(
        "allow: [RB0154]",
        &["2:9 warning RB0115: `RB0154` is allowed, and nothing of it is found [remove it]", NOTE],
    );
    check("allow: [RB0156, RB0156]", &["2:17 warning RB0115: `RB0156` is allowed already [remove it]"]);
    // It can itself be allowed, and is idle where there is nothing to hide.
    check("allow: [RB0156, RB0154, RB0115]", &[]);
    check(
        "allow: [RB0156, RB0115]",
        &["2:17 warning RB0115: `RB0115` is allowed, and nothing of it is found [remove it]"],
    );
}

#[test]
fn errors_cannot_be_allowed() {
    check(
        "allow: [RB0108]\nmax_hops: 0",
        &[
            "2:9 error RB0112: `RB0108` is an error here, and errors cannot be allowed [mend it, and remove the code from `allow`]",
            "3:11 error RB0108: `max_hops` must lie between 1 and 1000, and this is 0 [1 is the least]",
            "5:3 note RB0156: the module `sales` has no events",
        ],
    );
    check(
        "allow: [RB0157]\nmax_hops: 0",
        &[
            "3:11 error RB0108: `max_hops` must lie between 1 and 1000, and this is 0 [1 is the least]",
            "5:3 note RB0156: the module `sales` has no events",
        ],
    );
}

#[test]
fn what_is_always_an_error_cannot_be_allowed_where_it_is_not_found_either() {
    let message =
        "2:9 error RB0112: `RB0140` is always an error, and errors cannot be allowed [remove the code from `allow`]";
    check("allow: [RB0140]", &[message, NOTE]);
    check("allow: [RB0140, RB0115]", &[message, NOTE]);
}

#[test]
fn codes_that_do_not_exist_are_found() {
    check(
        "allow: [RB0156, RB9999, notes]",
        &[
            "2:17 error RB0112: there is no code `RB9999` [a code is `RB` and four digits, as in `RB0154`]",
            "2:25 error RB0112: there is no code `notes` [a code is `RB` and four digits, as in `RB0154`]",
        ],
    );
}
