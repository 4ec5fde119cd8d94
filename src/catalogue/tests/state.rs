//! The state of modules: what is found in it, and what it compiles to.

mod changes;
mod expressions;

use super::lines;

const STATE: &str = "\
version: 1
modules:
  success:
    outbound:
      success.score_changed:
        key: account_id
        payload:
          account_id: string
          old_score: number(0..100)?
          new_score: {type: number(0..100), aliases: [score]}
          risk: enum(low|medium|high)
          note: string?
    inbound:
      sales.deal_won:
    state:
      account:
        fields:
          score: {type: number(0..100), aliases: [health]}
          risk: enum(low|medium|high)
          seen: datetime?
        additional_fields: refuse
        emits:
          success.score_changed:
            on: change
            when: \"new.score != old.score\"
            map:
              account_id: \"entity.id\"
              old_score: \"old.score\"
              score: \"new.score\"
              risk: \"new.risk\"
        readers: [sales]
  sales:
    outbound:
      sales.deal_won:
        key: deal_id
        payload:
          deal_id: string
    inbound:
      success.score_changed:
";

/// Replaces the first occurrence of `from`, and compares everything that is found.
#[track_caller]
fn check(from: &str, to: &str, expect: &[&str]) {
    assert!(STATE.contains(from), "the catalogue has no {from:?}");
    let notes = |line: &String| !line.contains("RB0154");
    let found: Vec<String> = lines(&STATE.replacen(from, to, 1)).into_iter().filter(notes).collect();
    assert_eq!(found, expect, "{from:?} → {to:?}");
}

#[test]
fn entity_types() {
    check(
        "account:\n        fields",
        "Account Health:\n        fields",
        &["16:7 error RB0120: the entity type `Account Health` is not lower snake case [write `account_health`]"],
    );
    check(
        "        fields:",
        "        feilds:",
        &[
            "16:7 note RB0205: the state of `account` may be any object [declare its `fields`, so that readers can rely on them]",
            "17:9 error RB0103: the entity type `account` has no key `feilds` [did you mean `fields`?]",
            "25:24 error RB0144: `new` has no field `score` [it declares none]",
            "25:37 error RB0144: `old` has no field `score` [it declares none]",
            "28:31 error RB0144: `old` has no field `score` [it declares none]",
            "29:27 error RB0144: `new` has no field `score` [it declares none]",
            "30:26 error RB0144: `new` has no field `risk` [it declares none]",
        ],
    );
    check(
        "seen: datetime?",
        "seen: datetim?",
        &["20:17 error RB0130: there is no type `datetim` [did you mean `datetime`?]"],
    );
    check(
        "additional_fields: refuse",
        "additional_fields: deny",
        &[
            "21:28 error RB0107: `additional_fields` must be `allow` or `refuse`, and this is `deny` [write `allow` or `refuse`]",
        ],
    );
    check("[sales]", "[sale]", &["31:19 error RB0170: no module `sale` is declared [did you mean `sales`?]"]);
    check(
        "[sales]",
        "[sales, sales]",
        &["31:26 warning RB0104: the module `sales` is listed twice [keep one of them]"],
    );
    check(
        "[sales]",
        "[success, sales]",
        &["31:19 note RB0204: `success` owns this state, and reads it anyway [leave it out]"],
    );
    check(
        "[sales]",
        "sales",
        &[
            "31:18 error RB0106: `readers` must be a list, and this is a single value [a list of one is written `[sales]`]",
        ],
    );
}

#[test]
fn emitted_facts() {
    check(
        "          success.score_changed:\n            on",
        "          success.scor_changed:\n            on",
        &["23:11 error RB0146: no module emits `success.scor_changed` [did you mean `success.score_changed`?]"],
    );
    check(
        "          success.score_changed:\n            on",
        "          sales.deal_won:\n            on",
        &[
            "23:11 error RB0146: `sales.deal_won` is not a fact of the module `success` [name a fact from `modules.success.outbound`]",
        ],
    );
    check(
        "              risk: \"new.risk\"\n",
        "",
        &[
            "23:11 error RB0200: `success.score_changed` requires `risk`, and `map` does not give it [map it from the nearest: `map: {risk: new.risk}`]",
        ],
    );
    check(
        "              account_id: \"entity.id\"\n",
        "",
        &[
            "23:11 error RB0200: `success.score_changed` requires `account_id`, and `map` does not give it [if it is the entity: `map: {account_id: entity.id}`]",
        ],
    );
    check(
        "              risk: \"new.risk\"\n",
        "              risk: \"new.risk\"\n              new_score: \"1.0\"\n",
        &["31:15 error RB0104: `map` gives `new_score` twice, under two names [keep one of them]"],
    );
    check(
        "              risk: \"new.risk\"\n",
        "              risk: \"new.risk\"\n              nota: \"'x'\"\n",
        &["31:15 warning RB0144: `success.score_changed` declares no field `nota` [did you mean `note`?]"],
    );
    check(
        "\"new.risk\"",
        "\"'severe'\"",
        &["30:22 error RB0187: `risk` takes enum(low|medium|high), and this is `severe`"],
    );
    check(
        "\"new.risk\"",
        "\"new.seen\"",
        &[
            "30:22 warning RB0187: `risk` takes enum(low|medium|high), and this is any string",
            "30:26 error RB0181: `new.seen` is optional, and where it is absent this fails [ask first: `has(new.seen) && …`, or `has(new.seen) ? new.seen : …`]",
        ],
    );
    check(
        "            on: change\n",
        "            of: change\n",
        &["24:13 error RB0103: the emission of `success.score_changed` has no key `of` [did you mean `on`?]"],
    );
    check(
        "success.score_changed:\n            on: change\n            when: \"new.score != old.score\"\n            map:\n              account_id: \"entity.id\"\n              old_score: \"old.score\"\n              score: \"new.score\"\n              risk: \"new.risk\"\n",
        "success.score_changed:\n",
        &[
            "23:11 error RB0200: `success.score_changed` requires `account_id`, and `map` does not give it [if it is the entity: `map: {account_id: entity.id}`]",
            "23:11 error RB0200: `success.score_changed` requires `new_score`, and `map` does not give it [say what it is: `map: {new_score: …}`, or declare it optional]",
            "23:11 error RB0200: `success.score_changed` requires `risk`, and `map` does not give it [map it from the nearest: `map: {risk: new.risk}`]",
        ],
    );
}

/// The rest of the entry is checked as if it were spelt well.
#[test]
fn a_slip_in_a_required_name_is_one_mistake() {
    check(
        "              risk: \"new.risk\"\n",
        "              risc: \"'severe'\"\n",
        &[
            "30:15 error RB0144: `success.score_changed` requires `risk`, and declares no field `risc` [did you mean `risk`?]",
            "30:22 error RB0187: `risk` takes enum(low|medium|high), and this is `severe`",
        ],
    );
}

#[test]
fn kinds_of_changes() {
    check(
        "on: change",
        "on: changed",
        &["24:17 error RB0201: `changed` is not a kind of change [did you mean `change`?]"],
    );
    check("on: change", "on: update", &["24:17 error RB0201: `update` is not a kind of change [write `change`]"]);
    check(
        "on: change",
        "on: [change, put]",
        &["24:26 error RB0201: `put` is not a kind of change [a put creates or changes: write `[create, change]`]"],
    );
    check(
        "on: change",
        "on: [change, change]",
        &["24:26 warning RB0104: `on` names `change` twice [keep one of them]"],
    );
    check(
        "on: change",
        "on: []",
        &[
            "24:17 error RB0202: `on` names no change: the fact can never be emitted [name `create`, `change` or `delete`, or leave `on` out for `change`]",
        ],
    );
    check(
        "on: change",
        "on: {change: true}",
        &[
            "24:17 error RB0106: `on` must be a single value, and this is a mapping [write one value, on the line of its key]",
        ],
    );
}
