//! What is known of the results of operators and functions beside their types.

use cel::common::ast::operators as op;

use super::given::{Given, Ty};
use super::kinds::Kind;
use super::known::{Known, Range};

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
    let power = (0u8..=15).find(|power| by.single() == Some(10f64.powi(i32::from(*power))))?;
    (digits == 0).then_some(power)
}

/// What is known of the result of a function.
pub(super) fn counted(name: &str, args: &[Given<'_>], kind: Kind) -> Known {
    match (name, args, kind) {
        ("size", _, _) => Known::Range(Range { min: 0.0, digits: Some(0), ..Range::ALL }),
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
