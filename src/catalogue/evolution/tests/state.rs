//! Entity types, their readers, and what they emit.

use super::lines;

const BASE: &str = r#"
version: 1
modules:
  success:
    outbound:
      success.score_changed:
        key: account_id
        payload:
          account_id: string
          score: number
          risk: string?
        triggers:
          - forecast.adjust
    state:
      account:
        fields:
          score: {type: number(0..100), aliases: [health]}
          risk: enum(low|high)
          note: string?
        readers: [forecast, dashboard]
        emits:
          success.score_changed:
            when: "new.score != old.score && new.risk == 'high'"
            map:
              account_id: "entity.id"
              score: "new.score"
      draft:
        fields:
          title: string
  forecast:
    actions:
      forecast.adjust:
        payload:
          account_id: string
          score: number
  dashboard:
    inbound:
      success.score_changed:
"#;

/// Changes the first occurrence of each text, and compares everything that is said.
#[track_caller]
fn check(edits: &[(&str, &str)], expect: &[&str]) {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "the catalogue has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    assert_eq!(lines(BASE, &text), expect, "{edits:?}");
}

#[test]
fn fields_of_a_state() {
    check(&[("          note: string?\n", "")], &["compatible `note` removed from `success/account`"]);
    check(
        &[("          risk: enum(low|high)\n", "")],
        &[
            "breaking `risk` removed from `success/account`: breaks its emission of `success.score_changed`, reader `forecast`, reader `dashboard`",
        ],
    );
    check(
        &[("note: string?", "note: string?\n          seen: datetime?")],
        &["compatible `seen` added to `success/account`, optional"],
    );
    check(
        &[("note: string?", "note: string?\n          seen: datetime")],
        &[
            "breaking `seen` added to `success/account`, required: breaks owner `success`, states that are stored already",
        ],
    );
    check(
        &[("enum(low|high)", "enum(low|high)?")],
        &[
            "breaking `risk` of `success/account` became optional: breaks its emission of `success.score_changed`, reader `forecast`, reader `dashboard`",
        ],
    );
    check(
        &[("enum(low|high)", "enum(low|medium|high)")],
        &[
            "breaking `risk` of `success/account` changed from `enum(low|high)` to `enum(low|medium|high)`: breaks reader `forecast`, reader `dashboard`",
        ],
    );
    check(
        &[("number(0..100)", "number(0..50)")],
        &[
            "breaking `score` of `success/account` changed from `number(0..100)` to `number(0..50)`: breaks owner `success`, states that are stored already",
        ],
    );
    check(
        &[("{type: number(0..100), aliases: [health]}", "number(0..100)")],
        &["breaking the alias `health` removed from `score` of `success/account`: breaks owner `success`"],
    );
    check(
        &[("title: string", "title: integer")],
        &[
            "breaking `title` of `success/draft` changed from `string` to `integer`: breaks owner `success`, states that are stored already, every module that reads it",
        ],
    );
    check(
        &[("title: string", "name: {type: string, aliases: [title]}")],
        &[
            "breaking `title` of `success/draft` renamed to `name`, and keeps the name as an alias: breaks every module that reads it",
        ],
    );
    check(
        &[("readers: [forecast", "additional_fields: refuse\n        readers: [forecast")],
        &[
            "breaking `success/account` refuses fields that it does not declare: breaks owner `success`, states that are stored already",
        ],
    );
}

#[test]
fn entity_types_come_and_go_and_are_read() {
    check(
        &[("      draft:\n        fields:\n          title: string\n", "")],
        &["breaking the entity type `success/draft` removed: breaks owner `success`, every module that reads it"],
    );
    check(
        &[("      draft:\n", "      note: {fields: {text: string}}\n      draft:\n")],
        &["compatible the entity type `success/note` added"],
    );
    check(
        &[("[forecast, dashboard]", "[forecast]")],
        &["breaking the reader `dashboard` of `success/account` may not read it any more: breaks reader `dashboard`"],
    );
    check(&[("        readers: [forecast, dashboard]\n", "")], &["compatible every module may read `success/account`"]);
    check(
        &[("      draft:\n", "      draft:\n        readers: [forecast]\n")],
        &["breaking only listed modules may read `success/draft`: breaks every other module that reads it"],
    );
    check(
        &[("version: 1", "version: 1\nstate_mode: open")],
        &["compatible entity types that are not declared may be written too"],
    );
    let open = BASE.replacen("version: 1", "version: 1\nstate_mode: open", 1);
    assert_eq!(
        lines(&open, BASE),
        ["breaking only declared entity types may be written: breaks modules that write others"]
    );
}

#[test]
fn emitted_facts() {
    check(
        &[("            when: \"new.score != old.score && new.risk == 'high'\"\n", "")],
        &[
            "compatible the emission of `success.score_changed` by `success/account` changed the condition from `new.score != old.score && new.risk == 'high'` to none, so that all changes emit it",
        ],
    );
    let condition = "            when: \"new.score != old.score && new.risk == 'high'\"\n";
    let fewer = "breaks trigger `success.score_changed` → `forecast.adjust`, subscriber `dashboard`";
    for (was, is) in [
        (BASE.replacen(condition, "", 1), BASE.to_owned()),
        (BASE.to_owned(), BASE.replacen("            when:", "            on: create\n            when:", 1)),
    ] {
        let told = lines(&was, &is);
        assert!(told.iter().all(|line| line.starts_with("breaking ") && line.ends_with(fewer)), "{told:?}");
    }
    check(
        &[("score: \"new.score\"", "score: \"old.score\"")],
        &["compatible the emission of `success.score_changed` by `success/account` changed the mapping of `score`"],
    );
    check(
        &[("            when:", "            on: [change, delete]\n            when:")],
        &[
            "compatible the emission of `success.score_changed` by `success/account` changed `on` from `change` to `change`, `delete`",
        ],
    );
    check(
        &[("risk: string?", "risk: string")],
        &[
            "breaking `risk` of `success.score_changed` became required: breaks the emission of `success.score_changed` by `success/account`, producer `success`",
        ],
    );
    check(
        &[
            ("risk: string?", "risk: string"),
            ("score: \"new.score\"\n", "score: \"new.score\"\n              risk: \"new.risk\"\n"),
        ],
        &[
            "breaking `risk` of `success.score_changed` became required: breaks producer `success`",
            "compatible the emission of `success.score_changed` by `success/account` changed the mapping of `risk`",
        ],
    );
    let from = BASE.find("        emits:").unwrap();
    let to = BASE.find("      draft:").unwrap();
    check(
        &[(&BASE[from..to], "")],
        &[
            "breaking the emission of `success.score_changed` removed from `success/account`: breaks trigger `success.score_changed` → `forecast.adjust`, subscriber `dashboard`",
        ],
    );
    assert_eq!(
        lines(&BASE.replacen(&BASE[from..to], "", 1), BASE),
        ["compatible the emission of `success.score_changed` added to `success/account`"]
    );
}
