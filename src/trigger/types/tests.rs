//! What is found in expressions, by table.

mod agree;
mod signatures;

use std::sync::Arc;

use super::{About, Envelope, Facts, Finding, Scope};
use crate::golden::check;
use crate::schema::{Additional, Contract, Field, Presence, Type, parse_type};
use crate::trigger::Expression;

/// A field from `name: type`.
pub(super) fn field(text: &str) -> Field {
    let (name, ty) = text.split_once(": ").unwrap();
    let (ty, presence) = parse_type(ty).unwrap();
    Field { name: name.into(), aliases: Vec::new(), ty, presence, description: None, redact: false }
}

fn object(fields: &[&str]) -> Contract {
    Contract { fields: fields.iter().map(|text| field(text)).collect(), additional: Additional::Allow }
}

fn of(name: &str, ty: Type, presence: Presence) -> Field {
    Field { ty, presence, ..field(&format!("{name}: string")) }
}

fn deal() -> Contract {
    let line = object(&["price: number(0..)", "count: integer(1..)", "note: string?"]);
    let mut deal = object(&[
        "deal_id: string",
        "amount: number",
        "score: number(0..100)",
        "seats: integer(1..500)",
        "fee: decimal(12,2)",
        "stage: enum(open|won|lost)",
        "open: boolean",
        "close_date: date?",
        "discount: number(0..1)?",
        "at: datetime",
        "tags: array<string>",
        "free: object",
        "list: array",
    ]);
    deal.fields[1].aliases.push(Arc::from("value"));
    let lines = Type::Array(Some(Box::new(Type::Object(Some(Box::new(line))))));
    deal.fields.push(of("lines", lines, Presence::Required));
    let address = object(&["city: string", "zip: string?"]);
    deal.fields.push(of("address", Type::Object(Some(Box::new(address))), Presence::Optional));
    deal
}

fn scope_of<'c>(data: &'c Contract, event: &'c Envelope, facts: &'c Facts) -> Scope<'c> {
    Scope { about: About::Fact(data), event, facts }
}

fn line(found: &Finding) -> String {
    let at = found.at.map_or_else(String::new, |at| at.to_string());
    let help = found.help.as_ref().map(|help| format!(" [{help}]")).unwrap_or_default();
    format!("{at} {:?}: {}{help}", found.kind, found.message)
}

fn found(text: &str, into: Option<&str>) -> Vec<String> {
    let contract = deal();
    let event = Envelope::of(&Arc::from("sales.deal_won"), &Arc::from("sales"));
    let scope = Scope { about: About::Fact(&contract), event: &event, facts: &Facts::default() };
    let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let findings = match into {
        None => expression.check_condition(&scope).findings,
        Some(into) => expression.check_mapping(&scope, Some(&field(into))),
    };
    findings.iter().map(line).collect()
}

/// Every expression of a file with what is found in it.
fn told(file: &str) -> String {
    let mut told = String::new();
    for written in file.lines().filter_map(|line| line.strip_prefix("== ")) {
        let (into, text) = written.split_once(" <- ").map_or((None, written), |(into, text)| (Some(into), text));
        told.push_str(&format!("== {written}\n"));
        for line in found(text, into) {
            told.push_str(&format!("    {line}\n"));
        }
    }
    told
}

/// A line `== expression`, and below it what is found: the character, what kind of thing, the sentence and the help.
#[test]
fn conditions() {
    check("src/trigger/types/tests/conditions.txt", &told(include_str!("tests/conditions.txt")));
}

/// As above; before `<-` the field of the command.
#[test]
fn mappings() {
    check("src/trigger/types/tests/mappings.txt", &told(include_str!("tests/mappings.txt")));
}

#[test]
fn what_a_condition_makes_sure_of_holds_for_its_mappings() {
    let contract = deal();
    let event = Envelope::of(&Arc::from("sales.deal_won"), &Arc::from("sales"));
    let none = Facts::default();
    let before = scope_of(&contract, &event, &none);
    let when = Expression::compile("has(data.discount) && data.stage in ['open', 'won'] && data.score <= 1.0").unwrap();
    let facts = when.check_condition(&before).facts;
    for (text, into) in
        [("data.discount", "x: number(0..1)"), ("data.stage", "x: enum(open|won)"), ("data.score", "x: number(0..1)")]
    {
        let mapping = Expression::compile(text).unwrap();
        assert_eq!(mapping.check_mapping(&Scope { facts: &facts, ..before }, Some(&field(into))), [], "{text}");
        assert_ne!(mapping.check_mapping(&before, Some(&field("x: boolean"))), [], "{text}");
    }
}
