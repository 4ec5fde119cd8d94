//! States that are hard to print: numbers that no double holds, names that stand twice, and text that a terminal obeys.

use super::{bus, said};

const ODD: &str = "customer_success/account/odd%2F\u{202e}";
const STATE: &str = "{\"health_score\":1,\"risk_level\":\"low\",\"a\":1e999,\"b\":12345678901234567890123,\"d\":1.10,\
                     \"dup\":1,\"dup\":2,\"t\":\"x\u{202e}\u{9b}2Jy\"}";

#[test]
fn whatever_is_stored_is_shown_as_it_was_written() {
    let bus = bus("odd");
    let _router = bus.router("a");
    assert!(!said(&bus, &["put", ODD, "--data", STATE], 0).contains('\u{202e}'));
    let conflict = ["put", ODD, "--data", STATE, "--expected-version", "7"];
    for (arguments, code) in [
        (&["list", "customer_success/account"][..], 0),
        (&["get", ODD], 0),
        (&["history", ODD], 0),
        (&["watch", ODD, "--initial", "--max", "1"], 0),
        (&["export", "customer_success/account"], 0),
        (&conflict, 1),
    ] {
        let shown = |form: &[&str]| said(&bus, &[arguments, form].concat(), code).replace([' ', '"'], "");
        let numbers = ["a:1e999", "b:12345678901234567890123", "d:1.10", "dup:1", "dup:2"];
        let lines = matches!(arguments[0], "watch" | "export");
        for form in if lines { &[][..] } else { &["table", "json", "yaml"] } {
            let said = shown(&["-o", form]);
            assert!(numbers.iter().all(|number| said.contains(number)), "{arguments:?} {form}: {said}");
            let hidden = said.lines().any(|line| !line.starts_with("error:") && line.contains(['\u{202e}', '\u{9b}']));
            assert_eq!(hidden, *form == "json", "{arguments:?} {form}: {said}");
        }
        if lines {
            let said = shown(&[]);
            assert!(said.contains("t:x\u{202e}\u{9b}2Jy"), "byte for byte where no terminal reads it: {said}");
            assert!(numbers.iter().all(|number| said.contains(number)), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_delete_of_what_is_not_there_is_told_so() {
    let bus = bus("absent");
    let _router = bus.router("a");
    for expected in ["0", "3"] {
        let said = said(&bus, &["delete", ODD, "--expected-version", expected], 1);
        assert!(said.contains("conflict: the entity is not there") && !said.contains("write expecting"), "{said}");
    }
}
