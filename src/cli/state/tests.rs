use std::time::Instant;

use clap::Parser as _;

use super::names::{EntityName, ScopeName, TypeName, tenant};
use super::view::Patience;
use super::*;
use crate::cli::yaml;
use crate::client::state::view::Progress;
use crate::client::state::{Current, StateError, Written};
use crate::diagnostic::one_line;
use crate::state::{EntityKey, Operation, Version};

#[test]
fn entities_are_named_as_they_are_shown() {
    for (text, id) in [
        ("customer_success/account/acme", "acme"),
        ("customer_success/account/a%2Fb", "a/b"),
        ("customer_success/account/100%25", "100%"),
        ("customer_success/account/a b.c", "a b.c"),
        ("customer_success/account/..", ".."),
        ("customer_success/account/%0A", "\n"),
        ("customer_success/account/ä\u{202e}", "ä\u{202e}"),
    ] {
        let name: EntityName = text.parse().unwrap();
        let key = name.of("t");
        assert_eq!(key, EntityKey::new("t", "customer_success", "account", id).unwrap());
        assert_eq!(key.to_string(), text);
    }
}

#[test]
fn a_name_that_is_none_says_how_it_is_written() {
    let of = |text: &str| text.parse::<EntityName>().unwrap_err();
    for (text, meant) in [
        ("cs/account/a/b", "cs/account/a%2Fb"),
        ("cs/account/100%", "cs/account/100%25"),
        ("cs/account/a%20b", "cs/account/a b"),
        ("cs/account/a%2fb", "cs/account/a%2Fb"),
        ("cs/account/%ff", "cs/account/%25ff"),
    ] {
        assert!(of(text).ends_with(&format!("write {meant}")), "{text}: {}", of(text));
        assert!(meant.parse::<EntityName>().is_ok(), "{meant}");
    }
    assert!(of("cs/account").starts_with("expected MODULE/TYPE/ID"));
    assert!(of("CS/account/a").contains("lower snake case"));
    assert!(of("cs/account/").contains("1 to 512 bytes"));
    assert!(of(&format!("cs/account/{}", "x".repeat(513))).contains("1 to 512 bytes"));
    assert!(of("cs/account/%00").contains("no NUL"));
    assert_eq!("cs".parse::<TypeName>().unwrap_err(), "expected MODULE/TYPE, such as customer_success/account");
    assert!("cs/a/b".parse::<TypeName>().is_err() && "cs/".parse::<ScopeName>().is_err());
    assert_eq!("cs".parse(), Ok(ScopeName { module: "cs".to_owned(), entity_type: None }));
    assert!(tenant("a/b").is_err() && tenant("").is_err() && tenant("tenant_001").is_ok());
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn refused(words: &str) -> String {
    Line::try_parse_from(std::iter::once("state").chain(words.split(' '))).unwrap_err().to_string()
}

#[test]
fn the_command_line_is_checked_before_anything_is_done() {
    for (words, why) in [
        ("put cs/account/a --data {}", "--tenant"),
        ("put cs/account/a --tenant t", "--data"),
        ("put cs/account/a --tenant t --data {} --expected-version -1", "unexpected argument"),
        ("put cs/account/a --tenant t --data {} --expected-version=x", "invalid digit"),
        ("put cs/account/a --tenant t --data {} --expected-version 9223372036854775808", "..=9223372036854775807"),
        ("put cs/account/a --tenant t --data {} --deadline soon", "250ms"),
        ("put cs/account/a --tenant t/u --data {}", "the tenant must be"),
        ("delete cs/account/a --tenant t --data {}", "unexpected argument"),
        ("patch cs/account/a --tenant t --data {} -o xml", "possible values: table, json, yaml"),
    ] {
        let said = refused(words);
        assert!(said.contains(why), "{words}: {said}");
    }
    let line = "put cs/account/a --tenant t --data {} --as cs --user u --expected-version 9223372036854775807 --event-id e -o yaml";
    assert!(Line::try_parse_from(std::iter::once("state").chain(line.split(' '))).is_ok());
}

#[test]
fn ids_that_begin_like_a_flag_are_taken_as_they_are_shown() {
    let line = "list customer_success/account --tenant t --prefix - --after -x";
    let parsed = Line::try_parse_from(std::iter::once("state").chain(line.split(' ')));
    assert!(parsed.is_ok(), "{}", parsed.err().unwrap());
}

#[test]
fn data_is_text_a_file_or_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{\"a\": 1.50}").unwrap();
    let path = file.path().display();
    assert_eq!(data::read("{}").unwrap(), "{}");
    assert_eq!(data::read(&format!("@{path}")).unwrap(), "{\"a\": 1.50}");
    assert!(data::read("@/no/such").unwrap_err().to_string().starts_with("--data: cannot read /no/such"));
    std::fs::write(file.path(), b"\xff").unwrap();
    assert!(data::read(&format!("@{path}")).is_err());
}

#[test]
fn what_was_written_is_one_line() {
    let written = Written {
        entity: EntityKey::new("t", "cs", "account", "a/b").unwrap().to_owned(),
        version: Version(3),
        repeated: false,
        event_id: "e".to_owned(),
    };
    assert_eq!(write::text_of(&written, Operation::Put), "cs/account/a%2Fb  version 3\n");
    let again = Written { repeated: true, ..written };
    assert_eq!(
        write::text_of(&again, Operation::Delete),
        "cs/account/a%2Fb  nothing done now: the update with the event id e was done before, and made version 3\n"
    );
}

#[test]
fn a_conflict_shows_what_was_met() {
    let state = serde_json::value::RawValue::from_string("{\"a\":1.50}".to_owned()).unwrap();
    let error = StateError::Conflict { current: Current::There { version: Version(7), state } };
    let failure = trouble::failure(&error).to_string();
    assert!(failure.starts_with("conflict: the entity has version 7") && failure.ends_with("{\n  \"a\": 1.50\n}"));
    let document = trouble::document(&error).unwrap();
    assert_eq!(
        yaml::of(&serde_json::to_string(&document).unwrap()),
        "outcome: conflict\ncurrent:\n  version: 7\n  state:\n    a: 1.50\n"
    );
    let large = StateError::Conflict { current: Current::TooLarge { version: Version(4) } };
    let document = trouble::document(&large).unwrap();
    assert_eq!(
        serde_json::to_string(&document).unwrap(),
        r#"{"outcome":"conflict","current":{"version":4}}"#,
        "and not version 0"
    );
}

#[test]
fn reading_may_take_long_and_not_stand_still() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut patience = Patience { deadline: Duration::from_secs(30), read: 0, since: start };
    let mut lasts = |read, seconds| patience.lasts(Progress { read, of: 1000 }, after(seconds));
    assert!(lasts(0, 29) && lasts(10, 40) && lasts(20, 69) && lasts(20, 98));
    assert!(!lasts(20, 99), "nothing for thirty seconds");
    // Read from the start again: that is no standstill. All is read, and put in order.
    assert!(lasts(5, 100) && lasts(1000, 129) && lasts(1000, 500));
}

#[test]
fn a_table_shows_what_a_terminal_would_obey() {
    let rows = [["a\u{202e}b".to_owned(), "1".to_owned()].map(|cell| one_line(&cell, 80))];
    assert_eq!(output::table(["ID", "N"], rows), "ID        N\na\\u202eb  1");
}
