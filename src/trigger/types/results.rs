//! What is known of the results of operators and functions beside their types.

use std::sync::Arc;

use cel::common::ast::operators as op;

use super::facts::Asks;
use super::given::{Given, Ty};
use super::kinds::Kind;
use super::known::{Form, Known, MAX_PLAIN, Range};

/// The range of a sum, difference, product or quotient.
pub(super) fn arithmetic(name: &str, args: &[Given<'_>], kind: Kind) -> Range {
    let range = match args {
        [one] => {
            let range = one.known.range();
            Range { min: -range.max, max: -range.min, ..range }
        }
        [left, right] => {
            let (one, two) = (left.known.range(), right.known.range());
            let digits = one.digits.zip(two.digits);
            match name {
                op::ADD => one.combined(two, digits.map(|(one, two)| one.max(two)), |a, b| a + b),
                op::SUBSTRACT => one.combined(two, digits.map(|(one, two)| one.max(two)), |a, b| a - b),
                op::MULTIPLY => one.combined(two, digits.map(|(one, two)| one.saturating_add(two)), |a, b| a * b),
                // A whole number by a power of ten: how money is rounded.
                op::DIVIDE if two.single().is_some_and(|by| by != 0.0) => {
                    let digits = scaled(one, two).filter(|_| kind == Kind::Double);
                    let range = one.combined(two, digits, |a, b| a / b);
                    if kind == Kind::Int { range.truncated() } else { range }
                }
                // The sign is that of the dividend.
                op::MODULO => match two.single() {
                    Some(by) if by != 0.0 => {
                        let most = by.abs() - 1.0;
                        let min = if one.min >= 0.0 { 0.0 } else { -most };
                        Range { min, max: if one.max <= 0.0 { 0.0 } else { most }, digits: Some(0) }
                    }
                    _ => Range::ALL,
                },
                _ => Range::ALL,
            }
        }
        _ => Range::ALL,
    };
    if kind == Kind::Int {
        return Range { digits: Some(0), ..range.exact() };
    }
    // A product of doubles has more digits than its factors say.
    Range { digits: range.digits.filter(|digits| *digits == 0 || name == op::DIVIDE), ..range }
}

fn scaled(value: Range, by: Range) -> Option<u8> {
    let digits = value.digits?;
    let power = (0..=MAX_PLAIN).find(|power| by.single() == Some(10f64.powi(i32::from(*power))))?;
    (digits == 0).then_some(power)
}

/// What is known of two texts in a row.
pub(super) fn joined(args: &[Given<'_>]) -> Known {
    const MAX_WORDS: usize = 32;
    match args {
        [Given { known: Known::Words(one), .. }, Given { known: Known::Words(two), .. }]
            if one.len() * two.len() <= MAX_WORDS =>
        {
            Known::Words(one.iter().flat_map(|one| two.iter().map(move |two| format!("{one}{two}").into())).collect())
        }
        // Midnight, say, behind a day.
        [Given { known: Known::Form(Form::Date), .. }, Given { known: Known::Words(words), .. }]
            if words.iter().all(|word| Form::DateTime.has(&format!("2024-01-15{word}"))) =>
        {
            Known::Form(Form::DateTime)
        }
        _ => Known::Nothing,
    }
}

/// The answer of a question about some words, where it is the same for all.
fn asked_of(asks: Asks, words: &[Arc<str>], with: &[Arc<str>]) -> Known {
    let [with] = with else { return Known::Nothing };
    let mut answers = words.iter().map(|word| asks.answer(word, with));
    match answers.next().flatten() {
        Some(first) if answers.all(|answer| answer == Some(first)) => Known::Truth(first),
        _ => Known::Nothing,
    }
}

/// Where the parts of a time lie.
fn part_of_time(name: &str) -> Known {
    let (min, max) = match name {
        "getMonth" => (0.0, 11.0),
        "getDate" => (1.0, 31.0),
        "getDayOfMonth" => (0.0, 30.0),
        "getDayOfYear" => (0.0, 365.0),
        "getDayOfWeek" => (0.0, 6.0),
        "getHours" => (0.0, 23.0),
        "getMinutes" | "getSeconds" => (0.0, 59.0),
        "getMilliseconds" => (0.0, 999.0),
        _ => return Known::Range(Range { digits: Some(0), ..Range::ALL }),
    };
    Known::Range(Range { min, max, digits: Some(0) })
}

/// What is known of the result of a function.
pub(super) fn counted(name: &str, args: &[Given<'_>], kind: Kind) -> Known {
    match (name, args, kind) {
        ("size", _, _) => Given::size().known,
        (_, [time, ..], Kind::Int) if time.ty == Ty::Plain(Kind::Timestamp) => part_of_time(name),
        ("double", [Given { ty: Ty::Decimal, known: Known::Digits(precision, scale), .. }], _) => {
            Known::Range(Range::of_decimal(*precision, *scale))
        }
        (_, [text, with], Kind::Bool) => match (Asks::of(name), &text.known, &with.known) {
            (Some(asks), Known::Words(words), Known::Words(with)) => asked_of(asks, words, with),
            _ => Known::Nothing,
        },
        ("double" | "int", [value], Kind::Double | Kind::Int) => match (&value.known, &value.ty) {
            (Known::Range(range), Ty::Plain(Kind::Int | Kind::Double)) if name == "double" => Known::Range(*range),
            (Known::Range(range), Ty::Plain(Kind::Int)) => Known::Range(*range),
            (Known::Range(range), Ty::Plain(Kind::Double)) => {
                // `int` cuts towards zero, so the sides move at most to the next whole number.
                Known::Range(range.truncated().exact())
            }
            _ if name == "int" => Known::Range(Range { digits: Some(0), ..Range::ALL }),
            _ => Known::Nothing,
        },
        ("string", [value], _) if value.ty == Ty::Plain(Kind::String) => value.known.clone(),
        _ => Known::Nothing,
    }
}
