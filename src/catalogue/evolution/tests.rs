//! An edit of a small catalogue, and what it does to whom.

mod avro;
mod behaviour;
mod names;
mod state;
mod whole;

use super::compare;
use crate::catalogue::{Catalogue, sketch};

const BASE: &str = r#"
version: 1
tenants: [acme, globex]
modules:
  pipeline:
    outbound:
      pipeline.deal_won:
        key: deal_id
        aliases: [pipeline.closed_won]
        payload:
          deal_id: string
          rep_id: string
          final_amount: {type: number, aliases: [amount]}
          probability: number(0..1)
          stage: enum(open|won)
          account_id: string?
          price: decimal(10,2)
          address:
            city: string
            zip: string?
        triggers:
          - compensation.calculate
          - emit: forecast.adjust
            id: big
            when: "data.final_amount > 1000.0 && has(data.account_id) && data.address.city == 'Bern'"
            map:
              share: "data.probability * 2.0"
            keep: [deal_id]
  compensation:
    actions:
      compensation.calculate:
        payload:
          deal_id: string
          rep_id: string
          final_amount: number?
        reply:
          commission: number
  forecast:
    inbound:
      pipeline.deal_won:
    actions:
      forecast.adjust:
        additional_fields: refuse
        payload:
          deal_id: string
          share: number
  dashboard:
    inbound:
      "*.*":
        include_commands: true
"#;

/// A change that breaks a trigger is an error for the compiler too: it is compared all the same.
fn catalogue(text: &str) -> Catalogue {
    sketch("topics.yaml", text).0.unwrap()
}

fn lines(old: &str, new: &str) -> Vec<String> {
    let changes = compare(&catalogue(old), &catalogue(new));
    changes.iter().map(|change| format!("{} {change}", change.verdict())).collect()
}

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
fn nothing_changes_nothing() {
    check(&[], &[]);
    check(&[("key: deal_id", "description: words only\n        key: deal_id")], &[]);
}

#[test]
fn fields_of_a_fact() {
    check(
        &[("          rep_id: string\n", "")],
        &["breaking `rep_id` removed from `pipeline.deal_won`: breaks trigger → `compensation.calculate`, \
            subscriber `forecast`, subscriber `dashboard`"],
    );
    check(
        &[("          account_id: string?\n", "")],
        &["breaking `account_id` removed from `pipeline.deal_won`: breaks trigger → `forecast.adjust` (`big`)"],
    );
    check(
        &[("rep_id: string", "rep_id: string\n          note: string?")],
        &["compatible `note` added to `pipeline.deal_won`, optional"],
    );
    check(
        &[("rep_id: string", "rep_id: string\n          note: string")],
        &["breaking `note` added to `pipeline.deal_won`, required: breaks producer `pipeline`"],
    );
    check(
        &[("rep_id: string", "rep_id: string?")],
        &["breaking `rep_id` of `pipeline.deal_won` became optional: breaks trigger → `compensation.calculate`, \
         subscriber `forecast`, subscriber `dashboard`"],
    );
    check(
        &[("account_id: string?", "account_id: string")],
        &["breaking `account_id` of `pipeline.deal_won` became required: breaks producer `pipeline`"],
    );
    check(
        &[("rep_id: string", "rep_id: integer")],
        &["breaking `rep_id` of `pipeline.deal_won` changed from `string` to `integer`: breaks trigger → \
         `compensation.calculate`, producer `pipeline`, subscriber `forecast`, subscriber `dashboard`"],
    );
}

#[test]
fn types_that_grow_and_shrink() {
    check(
        &[("number(0..1)", "number(0..100)")],
        &["breaking `probability` of `pipeline.deal_won` changed from `number(0..1)` to `number(0..100)`: breaks \
         subscriber `forecast`, subscriber `dashboard`"],
    );
    check(
        &[("number(0..1)", "number(0..0.5)")],
        &["breaking `probability` of `pipeline.deal_won` changed from `number(0..1)` to `number(0..0.5)`: breaks \
         producer `pipeline`"],
    );
    check(
        &[("enum(open|won)", "enum(open|won|lost)")],
        &["breaking `stage` of `pipeline.deal_won` changed from `enum(open|won)` to `enum(open|won|lost)`: breaks \
         subscriber `forecast`, subscriber `dashboard`"],
    );
    check(
        &[("enum(open|won)", "enum(won)")],
        &["breaking `stage` of `pipeline.deal_won` changed from `enum(open|won)` to `enum(won)`: breaks producer \
         `pipeline`"],
    );
    // Avro takes no minus in a symbol, so its type would be a string; and its decimals keep their digits.
    check(
        &[("enum(open|won)", "enum(open|won|in-progress)")],
        &["breaking `stage` of `pipeline.deal_won` changed from `enum(open|won)` to `enum(open|won|in-progress)`: \
         breaks writers of the former Avro schema, subscriber `forecast`, subscriber `dashboard`"],
    );
    check(
        &[("decimal(10,2)", "decimal(12,2)")],
        &[
            "breaking `price` of `pipeline.deal_won` changed from `decimal(10,2)` to `decimal(12,2)`: breaks writers of \
         the former Avro schema, subscriber `forecast`, subscriber `dashboard`",
        ],
    );
    check(
        &[("number(0..1)", "integer(0..1)")],
        &[
            "breaking `probability` of `pipeline.deal_won` changed from `number(0..1)` to `integer(0..1)`: breaks trigger \
         → `forecast.adjust` (`big`), producer `pipeline`",
        ],
    );
}

#[test]
fn names_and_aliases_of_fields() {
    check(
        &[("{type: number, aliases: [amount]}", "number")],
        &["breaking the alias `amount` removed from `final_amount` of `pipeline.deal_won`: breaks producer `pipeline`"],
    );
    check(
        &[("[amount]}", "[amount, value]}")],
        &["compatible the alias `value` added to `final_amount` of `pipeline.deal_won`"],
    );
    check(
        &[("          rep_id: string\n", "          seller: {type: string, aliases: [rep_id]}\n")],
        &[
            "breaking `rep_id` of `pipeline.deal_won` renamed to `seller`, and keeps the name as an alias: breaks trigger → \
         `compensation.calculate`, subscriber `forecast`, subscriber `dashboard`",
        ],
    );
    // The command knows the field under both names: the trigger goes on.
    let seller = "          seller: {type: string, aliases: [rep_id]}\n";
    check(
        &[("          rep_id: string\n", seller), ("          rep_id: string\n", seller)],
        &[
            "breaking `rep_id` of `pipeline.deal_won` renamed to `seller`, and keeps the name as an alias: breaks \
         subscriber `forecast`, subscriber `dashboard`",
            "breaking `rep_id` of `compensation.calculate` renamed to `seller`, and keeps the name as an alias: breaks \
         handler `compensation`, subscriber `dashboard`",
        ],
    );
    check(
        &[
            ("final_amount: {type: number, aliases: [amount]}", "amount: number"),
            ("data.final_amount", "data.amount"),
            ("          final_amount: number?\n", ""),
        ],
        &[
            "breaking `final_amount` of `pipeline.deal_won` renamed to `amount`, without the name as an alias: breaks \
             producer `pipeline`, subscriber `forecast`, subscriber `dashboard`",
            "compatible trigger → `forecast.adjust` (`big`) of `pipeline.deal_won` changed the condition from \
             `data.final_amount > 1000.0 && has(data.account_id) && data.address.city == 'Bern'` to \
             `data.amount > 1000.0 && has(data.account_id) && data.address.city == 'Bern'`, so that other facts lead to \
             the command",
            "compatible `final_amount` removed from `compensation.calculate`",
        ],
    );
}

#[test]
fn objects_inside() {
    check(
        &[("            city: string\n", "")],
        &["breaking `address.city` removed from `pipeline.deal_won`: breaks trigger → `forecast.adjust` (`big`), \
         subscriber `forecast`, subscriber `dashboard`"],
    );
    check(&[("            zip: string?\n", "")], &["compatible `address.zip` removed from `pipeline.deal_won`"]);
    check(
        &[("            zip: string?\n", "            zip: string\n")],
        &["breaking `address.zip` of `pipeline.deal_won` became required: breaks producer `pipeline`"],
    );
}

#[test]
fn commands_and_replies() {
    check(
        &[("          rep_id: string\n          final_amount: number?", "          rep_id: string")],
        &["compatible `final_amount` removed from `compensation.calculate`"],
    );
    check(
        &[("final_amount: number?", "final_amount: number?\n          plan: string")],
        &["breaking `plan` added to `compensation.calculate`, required: breaks trigger `pipeline.deal_won` → \
         `compensation.calculate`, those who request it"],
    );
    check(
        &[("final_amount: number?", "final_amount: number")],
        &["breaking `final_amount` of `compensation.calculate` became required: breaks those who request it"],
    );
    check(
        &[("final_amount: number?", "final_amount: string?")],
        &["breaking `final_amount` of `compensation.calculate` changed from `number?` to `string?`: breaks trigger \
         `pipeline.deal_won` → `compensation.calculate`, those who request it, handler `compensation`, subscriber \
         `dashboard`"],
    );
    check(
        &[("commission: number", "commission: number\n          bonus: number")],
        &["breaking `bonus` added to `compensation.calculate.completed`, required: breaks handler `compensation`"],
    );
    check(
        &[("          commission: number\n", "          commission: number?\n")],
        &["breaking `commission` of `compensation.calculate.completed` became optional: breaks those who request it"],
    );
    check(
        &[("        reply:\n          commission: number\n", "")],
        &["breaking the reply of `compensation.calculate` removed: breaks those who request it"],
    );
    check(
        &[("          share: number\n", "")],
        &["breaking `share` removed from `forecast.adjust`: breaks trigger `pipeline.deal_won` → `forecast.adjust` \
         (`big`), handler `forecast`, subscriber `dashboard`"],
    );
}

#[test]
fn a_change_is_the_same_for_programs() {
    let text = BASE.replacen("          rep_id: string\n", "", 1);
    let changes = compare(&catalogue(BASE), &catalogue(&text));
    assert_eq!(
        serde_json::to_value(&changes[0]).unwrap(),
        serde_json::json!({
            "type": "pipeline.deal_won",
            "verdict": "breaking",
            "change": "`rep_id` removed from `pipeline.deal_won`",
            "breaks": [
                {
                    "who": "trigger", "name": "compensation.calculate",
                    "fact": "pipeline.deal_won", "command": "compensation.calculate",
                },
                { "who": "subscriber", "name": "forecast" },
                { "who": "subscriber", "name": "dashboard" },
            ],
        })
    );
}
