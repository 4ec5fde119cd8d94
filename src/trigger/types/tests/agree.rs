//! What is found against what happens: generated expressions on generated events that keep the contract.
//!
//! Where nothing is found, an evaluation fails at most for its values (a division by zero, an index beyond the end, a
//! text that is no number). Where something is found, it does go wrong, as soon as that part is evaluated.

use std::sync::Arc;

use proptest::prelude::*;

use super::{deal, scope_of};
use crate::trigger::types::{Envelope, Facts, FindingKind};
use crate::trigger::{Expression, Facts as Variables};

const EVENT: &str = r#"{"event_id":"e","event_type":"sales.deal_won","source_module":"sales","tenant_id":"t",
    "timestamp":"2024-01-15T10:30:00Z","correlation_id":"c"}"#;

/// What is wanted at a place of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Bool,
    Double,
    Int,
    Text,
    List,
    Time,
}

const WANTS: [Want; 6] = [Want::Bool, Want::Double, Want::Int, Want::Text, Want::List, Want::Time];

fn leaf(want: Want) -> BoxedStrategy<String> {
    let texts: &[&str] = match want {
        Want::Bool => &["data.open", "true", "has(data.discount)", "has(data.close_date)", "has(data.deal_id)"],
        Want::Double => {
            &["data.amount", "data.score", "data.discount", "data.lines[0].price", "1.5", "100.0", "data.fee"]
        }
        Want::Int => &["data.seats", "data.lines[0].count", "size(data.tags)", "2", "500", "0"],
        Want::Text => &[
            "data.deal_id",
            "data.stage",
            "data.close_date",
            "data.at",
            "data.quarter",
            "data.lines[0].note",
            "event.event_type",
            "data.address.city",
            "'won'",
            "'x'",
            "'2024-01-15'",
            "data.fee",
            "event.user_id",
        ],
        Want::List => &["data.tags", "['a', data.deal_id]", "data.lines", "[1, 2]", "[]"],
        Want::Time => &["timestamp(data.at)", "timestamp('2024-01-15T10:30:00Z')", "duration('1h')"],
    };
    prop::sample::select(texts).prop_map(str::to_owned).boxed()
}

/// Mostly what is wanted.
fn near(want: Want, depth: u32, straight: bool) -> BoxedStrategy<String> {
    let any = prop::sample::select(&WANTS[..]).prop_flat_map(move |other| expression(other, depth, straight));
    prop_oneof![9 => expression(want, depth, straight), 1 => any].boxed()
}

fn infix(
    left: Want,
    operators: &'static [&'static str],
    right: Want,
    depth: u32,
    straight: bool,
) -> BoxedStrategy<String> {
    (near(left, depth, straight), prop::sample::select(operators), near(right, depth, straight))
        // The one decimal is always written as itself is.
        .prop_filter("twice", move |(left, _, right)| !(straight && left.contains("fee") && right.contains("fee")))
        .prop_map(|(left, operator, right)| format!("({left} {operator} {right})"))
        .boxed()
}

fn around(inner: BoxedStrategy<String>, shapes: &'static [&'static str]) -> BoxedStrategy<String> {
    (inner, prop::sample::select(shapes)).prop_map(|(inner, shape)| shape.replace('$', &inner)).boxed()
}

/// An expression; `straight` without what decides which of its parts are evaluated.
fn expression(want: Want, depth: u32, straight: bool) -> BoxedStrategy<String> {
    if depth == 0 {
        return leaf(want);
    }
    let below = depth - 1;
    let of = |want| near(want, below, straight);
    let mut shapes = vec![leaf(want)];
    const ORDER: &[&str] = &["<", "<=", ">", ">=", "==", "!="];
    match want {
        Want::Bool => {
            shapes.push(infix(Want::Double, ORDER, Want::Double, below, straight));
            shapes.push(infix(Want::Int, ORDER, Want::Double, below, straight));
            shapes.push(infix(Want::Text, ORDER, Want::Text, below, straight));
            shapes.push(infix(Want::Time, ORDER, Want::Time, below, straight));
            shapes.push(infix(Want::Text, &["in"], Want::List, below, straight));
            shapes.push(around(
                of(Want::Text),
                &["$.startsWith('a')", "$.contains(data.stage)", "($ in ['won', 'lots'])"],
            ));
            shapes.push(around(of(Want::Bool), &["!($)"]));
        }
        Want::Double => {
            shapes.push(infix(Want::Double, &["+", "-", "*", "/"], Want::Double, below, straight));
            shapes.push(around(of(Want::Int), &["double($)"]));
            shapes.push(around(of(Want::Double), &["-($)", "double($)"]));
        }
        Want::Int => {
            shapes.push(infix(Want::Int, &["+", "-", "*", "/", "%"], Want::Int, below, straight));
            shapes.push(around(of(Want::Text), &["size($)", "$.size()"]));
            shapes.push(around(of(Want::Double), &["int($)"]));
            shapes.push(around(of(Want::Time), &["$.getHours()", "int($)"]));
        }
        Want::Text => {
            shapes.push(infix(Want::Text, &["+"], Want::Text, below, straight));
            shapes.push(around(of(Want::Double), &["string($)"]));
        }
        Want::List => {
            shapes.push(infix(Want::List, &["+"], Want::List, below, straight));
            shapes.push(around(of(Want::Text), &["[$]", "[$, 'y']"]));
        }
        Want::Time => {
            shapes.push(around(of(Want::Text), &["timestamp($)"]));
            shapes.push(infix(Want::Time, &["+", "-"], Want::Time, below, straight));
        }
    }
    if !straight {
        shapes.extend(branching(want, below));
    }
    prop::strategy::Union::new(shapes).boxed()
}

/// What decides which of its parts are evaluated.
fn branching(want: Want, below: u32) -> Vec<BoxedStrategy<String>> {
    let of = |want| near(want, below, false);
    let choice = (of(Want::Bool), of(want), of(want)).prop_map(|(when, yes, no)| format!("({when} ? {yes} : {no})"));
    let mut shapes = vec![choice.boxed()];
    let guarded: &[&str] = match want {
        Want::Bool => &[
            "(has(data.discount) && data.discount > $)",
            "(!has(data.discount) || $ > data.discount)",
            "(data.discount > $ && has(data.discount))",
            "(has(data.discount) == true && data.discount > $)",
            "(has(data.discount) == false || $ > data.discount)",
        ],
        Want::Double => &["(has(data.discount) ? data.discount : $)", "data.?discount.orValue($)"],
        Want::Text => &["(has(data.close_date) ? data.close_date : string($))", "data.?close_date.orValue(string($))"],
        Want::List => &["data.lines.filter(l, has(l.note)).map(l, l.note)", "data.lines.map(l, l.price > $, l.price)"],
        Want::Int | Want::Time => &[],
    };
    if !guarded.is_empty() {
        shapes.push(around(of(Want::Double), guarded));
    }
    if want == Want::Bool {
        shapes.push(infix(Want::Bool, &["&&", "||"], Want::Bool, below, false));
        shapes
            .push(around(of(Want::Double), &["data.lines.all(l, l.price < $)", "data.lines.exists(l, l.price == $)"]));
        shapes.push(around(of(Want::Text), &["data.tags.exists(t, t == $)"]));
    }
    shapes
}

/// Data that keeps the contract of `deal`.
pub(super) fn data() -> impl Strategy<Value = String> {
    let optional = |text: BoxedStrategy<String>| prop_oneof![text.prop_map(Some), Just(None)];
    let words = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned).boxed();
    let line = (words(&["0", "1.5", "7"]), 1..9i64, optional(words(&["a", "won"]))).prop_map(|(price, count, note)| {
        let note = note.map_or_else(String::new, |note| format!(r#","note":"{note}""#));
        format!(r#"{{"price":{price},"count":{count}{note}}}"#)
    });
    (
        (words(&["-3", "1.5", "250", "0"]), words(&["0", "42.5", "100"]), 1..=500i64),
        words(&["\"12.50\"", "12.50", "\"-1\"", "3"]),
        (words(&["open", "won", "lost"]), any::<bool>()),
        optional(words(&["2024-01-15", "1999-12-31"])),
        optional(words(&["0", "0.5", "1"])),
        (prop::collection::vec(words(&["a", "won", "2024-01-15"]), 0..3), prop::collection::vec(line, 0..3)),
        optional(words(&["\"city\":\"x\"", "\"city\":\"y\",\"zip\":\"1\""])),
    )
        .prop_map(|((amount, score, seats), fee, (stage, open), close_date, discount, (tags, lines), address)| {
            let member = |name: &str, value: Option<String>| value.map_or_else(String::new, |value| format!(r#","{name}":{value}"#));
            let tags: Vec<String> = tags.iter().map(|tag| format!("\"{tag}\"")).collect();
            format!(
                r#"{{"deal_id":"a1","amount":{amount},"score":{score},"seats":{seats},"fee":{fee},"stage":"{stage}","open":{open},"at":"2024-01-15T10:30:00","quarter":"Q1_2024","tags":[{}],"free":{{}},"list":[],"lines":[{}]{}{}{}}}"#,
                tags.join(","),
                lines.join(","),
                member("close_date", close_date.map(|date| format!("\"{date}\""))),
                member("discount", discount),
                member("address", address.map(|fields| format!("{{{fields}}}"))),
            )
        })
}

/// Whether an evaluation failed for a value, and not for a type.
fn is_of_a_value(message: &str) -> bool {
    let parts = ["beyond the end", "division by zero", "beyond 64 bits", " failed: ", "not a number"];
    parts.iter().any(|part| message.contains(part))
}

/// What each event makes of a condition: its answer, or why there is none.
pub(super) fn answers(condition: &Expression, events: &[String]) -> Vec<Result<bool, String>> {
    let contract = deal();
    let holds = |data: &String| condition.holds(&Variables::new(&contract, data, EVENT, "{}"));
    events.iter().map(|data| holds(data).map_err(|error| error.message)).collect()
}

pub(super) fn kinds(condition: &Expression) -> (Vec<FindingKind>, Option<bool>) {
    let contract = deal();
    let event = Envelope::of(&Arc::from("sales.deal_won"), &Arc::from("sales"));
    let findings = condition.check_condition(&scope_of(&contract, &event, &Facts::default())).findings;
    let kinds: Vec<FindingKind> = findings.iter().map(|found| found.kind).collect();
    let decided = match kinds.as_slice() {
        [FindingKind::NeverFires] => Some(false),
        [FindingKind::AlwaysFires] => Some(true),
        _ => None,
    };
    (kinds, decided)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn where_nothing_is_found_no_type_is_wrong(
        text in near(Want::Bool, 3, false),
        events in prop::collection::vec(data(), 8),
    ) {
        let condition = Expression::compile(&text).unwrap();
        let (kinds, decided) = kinds(&condition);
        let harmless = [FindingKind::MayFail, FindingKind::AlwaysFires, FindingKind::NeverFires, FindingKind::AlwaysHolds, FindingKind::NeverHolds];
        if !kinds.iter().all(|kind| harmless.contains(kind)) {
            return Ok(());
        }
        for (answer, data) in answers(&condition, &events).into_iter().zip(&events) {
            match answer {
                Ok(answer) => prop_assert!(decided.is_none_or(|decided| decided == answer), "{text}\n{data}\n{kinds:?}"),
                Err(message) => prop_assert!(is_of_a_value(&message), "{text}\n{data}\n{message}"),
            }
        }
    }

    #[test]
    fn what_is_found_goes_wrong(
        text in near(Want::Bool, 2, true),
        events in prop::collection::vec(data(), 16),
    ) {
        let condition = Expression::compile(&text).unwrap();
        let (kinds, _) = kinds(&condition);
        let wrong = |kind: &FindingKind| matches!(kind, FindingKind::Operands | FindingKind::NotBoolean | FindingKind::Unguarded);
        let answers = answers(&condition, &events);
        if kinds.iter().any(wrong) {
            prop_assert!(answers.iter().any(Result::is_err), "{text}\n{kinds:?}");
        }
    }

    #[test]
    fn a_comparison_that_never_holds_never_does(
        text in prop_oneof![
            infix(Want::Double, &["<", "<=", ">", ">=", "==", "!="], Want::Double, 1, true),
            infix(Want::Int, &["<", "<=", ">", ">=", "==", "!="], Want::Int, 1, true),
            infix(Want::Text, &["==", "!="], Want::Text, 1, true),
        ],
        events in prop::collection::vec(data(), 8),
    ) {
        let condition = Expression::compile(&text).unwrap();
        let (kinds, _) = kinds(&condition);
        let expected = match kinds.as_slice() {
            [FindingKind::NeverHolds] => false,
            [FindingKind::AlwaysHolds] => true,
            _ => return Ok(()),
        };
        for (answer, data) in answers(&condition, &events).iter().zip(&events) {
            prop_assert!(answer.as_ref().map_or(true, |answer| *answer == expected), "{text}\n{data}");
        }
    }
}
