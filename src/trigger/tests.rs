//! Expressions, by table: what they compile to, what they answer, what they say when they fail.

mod conformance;
mod failures;
mod odd;

use std::sync::Arc;

use super::{Expression, Facts};
use crate::schema::{Additional, Bounds, Contract, Field, Presence, Type};

const EVENT: &str = r#"{"event_id":"evt_1","tenant_id":"acme","user_id":null,"timeout_seconds":30}"#;
const METADATA: &str = r#"{"hops":2.0,"trigger":null}"#;

fn field(name: &str, ty: Type) -> Field {
    let presence = Presence::Optional;
    Field { name: name.into(), aliases: Vec::new(), ty, presence, description: None, redact: false }
}

fn contract(fields: Vec<Field>) -> Contract {
    Contract { fields, additional: Additional::Allow }
}

fn deal() -> Contract {
    let number = || Type::Number(Bounds::default());
    let line = contract(vec![field("price", number()), field("count", Type::Integer(Bounds::default()))]);
    contract(vec![
        field("deal_id", Type::String),
        field("amount", number()),
        field("seats", Type::Integer(Bounds::default())),
        field("fee", Type::Decimal { precision: 12, scale: 2 }),
        field("scores", Type::Array(Some(Box::new(number())))),
        field("lines", Type::Array(Some(Box::new(Type::Object(Some(Box::new(line.clone()))))))),
        field("first", Type::Object(Some(Box::new(line)))),
        field("close_date", Type::Date),
        field("stage", Type::Enum(vec![Arc::from("won"), Arc::from("lost")])),
    ])
}

const DATA: &str = r#"{"deal_id":"d-1","amount":1500,"seats":3.0,"fee":"12.50","scores":[1,2.5],
    "lines":[{"price":2,"count":4.0}],"first":{"price":7,"count":1},"close_date":null,"stage":"won",
    "free":{"b":1,"a":2,"c":null},"big":9223372036854775808,"vast":1e300,"list":[1,1.0,"x"],"none":null,"né\n":"ü\n"}"#;

/// The result as JSON, or the sentence of what went wrong, with its place where there is one.
fn run(text: &str) -> String {
    let contract = deal();
    run_on(&Facts::new(&contract, DATA, EVENT, METADATA), text)
}

fn run_on(facts: &Facts<'_>, text: &str) -> String {
    let mut out = Vec::new();
    let result = Expression::compile(text).and_then(|expression| expression.write_json(facts, &mut out));
    match result {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => {
            let help = error.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            error.at.map_or(format!("! {error}{help}"), |at| format!("!{at} {error}{help}"))
        }
    }
}

fn table(rows: &[(&str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(text, expected)| (text, expected, run(text)))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers_have_the_type_that_their_field_declares() {
    table(&[
        ("data.amount", "1500.0"),
        ("data.amount + 1.0", "1501.0"),
        ("data.amount >= 1000.0", "true"),
        ("data.amount >= 1000", "true"),
        ("type(data.amount) == double", "true"),
        ("data.seats", "3"),
        ("data.seats + 1", "4"),
        ("data.scores", "[1.0,2.5]"),
        ("data.scores[0] + 0.5", "1.5"),
        ("data.lines[0].price * double(data.lines[0].count)", "8.0"),
        ("data.lines[0].count % 3", "1"),
        ("data.first.price + 0.5", "7.5"),
        ("data.fee", "\"12.50\""),
        ("double(data.fee) * 2.0", "25.0"),
        ("data.big", "9.223372036854776e+18"),
        ("data.vast", "1e+300"),
        ("data.list", "[1,1.0,\"x\"]"),
        ("type(data.list[0]) == int && type(data.list[1]) == double", "true"),
        ("event.timeout_seconds + 1", "31"),
        ("metadata.hops + 1", "3"),
        ("uint(data.seats) + 1u", "4"),
    ]);
}

#[test]
fn numbers_are_what_is_written_as_near_as_can_be() {
    let contract = deal();
    let read = |data: &str, text: &str| run_on(&Facts::new(&contract, data, "{}", "{}"), text);
    for (field, token, value) in [
        ("amount", "228762.22127045266", "228762.22127045266"),
        ("amount", "121.48791951161945", "121.48791951161945"),
        ("amount", "31.245270191439438", "31.245270191439438"),
        ("amount", "90071992547409.93", "90071992547409.94"),
        ("seats", "9007199254740993.0", "9007199254740993"),
        ("seats", "9007199254740993e0", "9007199254740993"),
        ("seats", "123456789012345678.0", "123456789012345678"),
        ("seats", "9223372036854775807.0", "9223372036854775807"),
        ("seats", "-9223372036854775808e0", "-9223372036854775808"),
        ("seats", "0.1e-9223372036854775808", "0.0"),
        ("seats", "-0", "0"),
        ("other", "9223372036854775807", "9223372036854775807"),
        ("other", "1.10", "1.1"),
        ("other", "-0", "0"),
        ("other", "-0.0", "-0.0"),
        ("other", "12345678901234567890", "1.2345678901234567e+19"),
        ("other", "1e999", "! the result has what JSON cannot say: an infinite double"),
    ] {
        assert_eq!(read(&format!("{{\"{field}\":{token}}}"), &format!("data.{field}")), value, "{field}: {token}");
    }
    // What nobody asks for does no harm, and whoever asks has an answer.
    let vast = format!("{{\"seats\":1,\"other\":{{\"x\":-1e999}},\"long\":{}}}", "9".repeat(400));
    assert_eq!(read(&vast, "data.seats"), "1");
    assert_eq!(read(&vast, "data.other.x < -1.7e308 && data.long > 1.7e308"), "true");
}

#[test]
fn what_is_absent_is_absent() {
    table(&[
        ("has(data.deal_id)", "true"),
        ("has(data.account_id)", "false"),
        ("has(data.close_date)", "false"),
        ("has(data.none)", "true"),
        ("data.none == null", "true"),
        ("data.free.c", "null"),
        ("has(event.user_id)", "false"),
        ("has(metadata.trigger)", "false"),
        ("data.?account_id.orValue('none')", "\"none\""),
        ("data.account_id", "! there is no field `account_id`"),
        ("data.account_id == 'x' ? 1 : 2", "! there is no field `account_id`"),
        ("!has(data.account_id) || data.account_id == 'x'", "true"),
        (
            "data[?'account_id']",
            "! the result has what JSON cannot say: an optional; `.orValue(…)` says what stands in for nothing",
        ),
    ]);
}

#[test]
fn results_are_written_as_json() {
    table(&[
        ("{'b': 1, 'a': [true, null], 'c': 'x\\n\"'}", r#"{"a":[true,null],"b":1,"c":"x\n\""}"#),
        ("timestamp('2024-05-01T10:00:00+02:00')", "\"2024-05-01T10:00:00+02:00\""),
        ("string(duration('-1h30m1.5s')) + string(duration('0'))", "\"-5401.5s0s\""),
        ("timestamp('2024-05-01T10:00:00.25Z')", "\"2024-05-01T10:00:00.250Z\""),
        ("100000.0", "100000.0"),
        ("1e21", "1e+21"),
        ("-0.0", "-0.0"),
        ("7u", "7"),
        ("data['né\\n']", "\"ü\\n\""),
        ("0.0 / 0.0", "! the result has what JSON cannot say: NaN"),
        ("1.0 / 0.0", "! the result has what JSON cannot say: an infinite double"),
        ("[1.0, -1.0 / 0.0]", "! the result has what JSON cannot say: an infinite double"),
        ("b'abc'", "! the result has what JSON cannot say: bytes; `string(…)` makes text of them"),
        ("duration('1h')", "! the result has what JSON cannot say: a duration; `string(…)` makes text of it"),
        ("{1: 'a'}", "! the result has what JSON cannot say: a map with a key that is not a string"),
        ("type(1)", "\"int\""),
    ]);
}

#[test]
fn maps_are_walked_in_the_order_of_their_keys() {
    table(&[
        ("data.free.map(k, k)", r#"["a","b","c"]"#),
        ("{'z': 1, 'y': 2, 'x': 3, 'w': 4, 'v': 5}.map(k, k)", r#"["v","w","x","y","z"]"#),
        ("[{'z': 1, 'y': 2, 'x': 3}].map(m, m.filter(k, m[k] > 1))", r#"[["x","y"]]"#),
        ("{3: 'c', 1: 'a', 2: 'b'}.map(k, k)", "[1,2,3]"),
        ("data.free.exists_one(k, k == 'a')", "true"),
        ("data.scores.all(x, x > 0.0) && data.lines.exists(l, l.price == 2.0)", "true"),
    ]);
}

#[test]
fn only_what_exists_compiles() {
    let only = "only `data`, `event` and `metadata`";
    table(&[
        ("amount > 1", &format!("!0 there is no variable `amount`, {only}")),
        ("'é' + amount", &format!("!6 there is no variable `amount`, {only}")),
        ("date.amount > 1", &format!("!0 there is no variable `date`, {only}; did you mean `data`?")),
        ("meta.hops > 1", &format!("!0 there is no variable `meta`, {only}; did you mean `metadata`?")),
        ("[1].map(x, x + y)", &format!("!15 there is no variable `y`, {only}")),
        ("x + [1].map(x, x)[0]", &format!("!0 there is no variable `x`, {only}")),
        (".data.seats", "3"),
        ("[4].map(data, data)", "[4]"),
        (
            "[1].exists(x)",
            "!4 `exists` is called on a list or a map, and takes the name of an element and a condition; write `x.exists(each, …)`",
        ),
        (
            "map([1], x, x)",
            "!0 `map` is called on a list or a map, and takes the name of an element and what to make of it; write `x.map(each, …)`",
        ),
        ("has(data.amount, 1)", "!0 `has` takes one field; write `has(data.amount)`"),
        ("lower(data.deal_id)", "!0 there is no function `lower`"),
        ("data.deal_id.startswith('d')", "!13 there is no function `startswith`; did you mean `startsWith`?"),
        ("startsWith(data.deal_id, 'd')", "!0 `startsWith` is called on a value; write `x.startsWith(…)`"),
        ("data.seats.int()", "!11 `int` is not called on a value; write `int(x)`"),
        ("optional.of(1).value()", "1"),
        ("optional.off(1)", &format!("!0 there is no variable `optional`, {only}")),
        ("Deal{id: 1}", "!0 there is no type `Deal` to make"),
        (
            "data.deal_id.matches('[')",
            "!21 `[` is no regular expression: unclosed character class; a pattern that means its characters as they are escapes them: `[` is `\\\\[`",
        ),
        ("data.deal_id.matches('^d-[0-9]+$')", "true"),
    ]);
}

#[test]
fn syntax_errors_say_where() {
    table(&[
        ("", "!0 the expression ends too early; write a condition such as `data.amount > 1000.0`"),
        ("data.amount >", "!13 the expression ends too early; the last operator lacks its second operand"),
        ("data[", "!5 the expression ends too early; a `[` is not closed with `]`"),
        ("data.x = 1", "!7 unexpected `=`; write `==`"),
        ("data.x > = 1", "!9 unexpected `=`; write `>=`"),
        ("data.x => 1", "!7 unexpected `=>`; write `>=`"),
        ("data.x and data.y", "!7 unexpected `and`; write `&&`"),
        ("data.x >= 1000,0", "!14 unexpected `,`"),
        ("'é' + data.x = 1", "!13 unexpected `=`; write `==`"),
        ("1 +\n\n x y", "!8 unexpected `y`"),
        (
            "'a'.matches(true ? 'a' : '+')",
            "!25 `+` is no regular expression: repetition operator missing expression; a pattern that means its characters as they are escapes them: `[` is `\\\\[`",
        ),
        (
            "'abc",
            "!0 a string does not end, or has an unknown escape: `'abc`; end it with the quote that it begins with",
        ),
        (
            "has(data)",
            "!4 `has` asks for one field, and this is none; write `has(data.amount)`, or `'lost-reason' in data` for a name that cannot stand behind a point",
        ),
        ("99999999999999999999", "!0 invalid int literal"),
        ("if", "!0 reserved identifier: if"),
    ]);
}

#[test]
fn a_condition_is_a_boolean() {
    let contract = deal();
    let facts = Facts::new(&contract, DATA, EVENT, METADATA);
    let holds = |text: &str| Expression::compile(text).and_then(|e| e.holds(&facts)).map_err(|e| e.message);
    assert_eq!(holds("data.stage == 'won'"), Ok(true));
    assert_eq!(holds("data.stage in ['lost']"), Ok(false));
    assert_eq!(holds("data.amount"), Err("the condition gives a double, where a boolean must stand".to_owned()));
    assert_eq!(holds("data.none"), Err("the condition gives null, where a boolean must stand".to_owned()));
}

#[test]
fn only_what_an_expression_names_is_converted() {
    let contract = deal();
    let facts = Facts::new(&contract, DATA, "not JSON", METADATA);
    assert_eq!(run_on(&facts, "data.seats"), "3");
    assert!(run_on(&facts, "data.seats == 3 || event.x").starts_with("! `event` is not readable JSON"));
    assert!(facts.metadata_is_untouched());
}

#[test]
fn expressions_are_shared_by_threads() {
    const fn shared<T: Send + Sync>() {}
    shared::<Expression>();
}
