//! Whatever stands in the file: no panic, places within it, and a catalogue exactly where nothing is an error.

use std::time::Duration;

use proptest::prelude::*;

use super::{SMALL, compile, lines};
use crate::diagnostic::{Severity, render};
use crate::time::parse_duration;

fn holds(text: &str) {
    let (catalogue, found) = compile("test.yaml", text);
    assert_eq!(catalogue.is_some(), found.iter().all(|found| found.severity != Severity::Error));
    assert!(found.is_sorted_by_key(|found| (found.line, found.column)));
    for found in &found {
        assert!(text.get(found.span.clone()).is_some());
        assert!(found.line >= 1 && found.column >= 1);
        assert!(!found.message.ends_with('.'), "{}", found.message);
    }
    let rendered = render(text, &found, false);
    assert_eq!(rendered.is_empty(), found.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_text_never_panics(
        at in 0..SMALL.len(),
        length in 0..40_usize,
        insert in prop_oneof![
            "[ -~\n]{0,12}", "\\PC{0,6}",
            Just("&a ".to_owned()), Just("*a".to_owned()), Just("{".to_owned()), Just("]".to_owned()),
            Just("\"".to_owned()), Just("|\n".to_owned()), Just("\t".to_owned()), Just("\r\n".to_owned()),
            Just("~".to_owned()), Just("? [a]\n: b\n".to_owned()), Just("<<: ".to_owned()), Just("!!int ".to_owned()),
        ],
    ) {
        let end = (at + length).min(SMALL.len());
        holds(&format!("{}{insert}{}", &SMALL[..at], &SMALL[end..]));
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,200}") {
        holds(&text);
    }

    #[test]
    fn lines_may_move(from in 0..80_usize, to in 0..80_usize, indent in 0..8_usize) {
        let mut lines: Vec<String> = SMALL.lines().map(str::to_owned).collect();
        let moved = lines.remove(from.min(lines.len() - 1));
        lines.insert(to.min(lines.len()), format!("{}{}", " ".repeat(indent), moved.trim_start()));
        holds(&lines.join("\n"));
    }
}

#[test]
fn the_file_is_bounded() {
    let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(lines(&deep)[0].contains("RB0102"), "{:?}", lines(&deep));
    let wide = format!("version: 1\nmodules:\n{}", " ".repeat(super::super::MAX_FILE_BYTES));
    assert_eq!(lines(&wide).len(), 1);
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(","));
    }
    assert_eq!(lines(&bomb).len(), 1);
    let many: String = (0..3000).map(|n| format!("k{n}: 1\n")).collect();
    let found = lines(&many);
    assert_eq!(found.len(), 1001);
    assert!(found[1000].ends_with("error RB0113: 2002 more findings are not shown"), "{}", found[1000]);
}

#[test]
fn what_is_repeated_by_a_yaml_alias_is_said_once() {
    let text = "version: 1\ndefaults: &x {partitions: 0}\naudit: *x\nmodules: {}\n";
    let zero = lines(text).into_iter().filter(|line| line.contains("`partitions`")).count();
    assert_eq!(zero, 2);
}

#[test]
fn columns_are_characters_behind_a_byte_order_mark_too() {
    assert_eq!(
        lines("\u{feff}é: 1\nversion: 1\nmodules: {a: {}}\n")[0].split(':').take(2).collect::<Vec<_>>(),
        ["1", "1 error RB0103"]
    );
    assert!(lines("version: 1\nmodules: {a: {name: é, nam: x}}\n")[1].starts_with("2:24 error"));
}

#[test]
fn durations() {
    for (text, millis) in [("500ms", 500), ("30s", 30_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000)]
    {
        assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "10", "m", "1.5h", "-1s", "10 m", "99999999999999999999d", "1w", "10M"] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}

#[test]
fn a_tag_is_an_error_and_not_the_end_of_a_condition() {
    for (text, tag) in [("!data.ok", "`!data.ok`"), ("!foo data.ok", "`!foo`")] {
        let (catalogue, found) = compile("topics.yaml", &SMALL.replace("\"data.amount > 1000.0\"", text));
        assert!(catalogue.is_none() && found.len() == 1, "{found:?}");
        assert!(found[0].code == "RB0101" && found[0].line == 41 && found[0].message.contains(tag), "{found:?}");
    }
    let (_, found) = compile("topics.yaml", &SMALL.replace("data.amount > 1000.0", "!has(data.amount)"));
    assert!(found.iter().all(|found| found.code != "RB0101"), "{found:?}");
}

/// Each level doubled the work once.
#[test]
fn conditionals_in_conditions_of_conditionals_end() {
    let nested = "(".repeat(29) + "has(data.note)" + &" ? has(data.note) : true)".repeat(29);
    let (_, found) = compile("topics.yaml", &SMALL.replace("data.amount > 1000.0", &nested));
    assert!(found.len() < 20, "{found:?}");
}
