//! What a condition makes sure of, where it holds and where it does not.
//!
//! `&&` and `||` forgive an error of one side where the other decides, in either order: so each side is a guard of the
//! other.

use std::fmt::Write as _;
use std::sync::Arc;

use cel::Value;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::constant;
use super::facts::{Asks, Facts, SIZE, Says};
use super::known::Range;
use crate::trigger::functions;

/// The path of a value, as facts have it: a variable, then fields and places.
pub(super) fn path(node: &IdedExpr) -> Option<Vec<Arc<str>>> {
    match &node.expr {
        Expr::Ident(name) => Some(vec![Arc::from(name.strip_prefix('.').unwrap_or(name))]),
        Expr::Select(select) if !select.test => deeper(&select.operand, &select.field),
        Expr::Call(call) if call.func_name == op::INDEX => match call.args.as_slice() {
            [operand, index] => deeper(operand, &step(index)?),
            _ => None,
        },
        Expr::Select(_)
        | Expr::Call(_)
        | Expr::Literal(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified => None,
    }
}

/// How facts write a constant index.
pub(super) fn step(index: &IdedExpr) -> Option<String> {
    let Expr::Literal(literal) = &index.expr else {
        let value = constant::of_call(index)?;
        if let Value::String(name) = &value {
            return Some(name.to_string());
        }
        let Value::Int(place) = value else { return None };
        return Some(format!("[{place}]"));
    };
    match literal {
        LiteralValue::String(name) => Some(name.inner().to_owned()),
        LiteralValue::Int(place) => Some(format!("[{}]", place.inner())),
        LiteralValue::Boolean(_)
        | LiteralValue::Bytes(_)
        | LiteralValue::Double(_)
        | LiteralValue::Null
        | LiteralValue::UInt(_) => None,
    }
}

/// A path as it is written.
pub(super) fn written(path: &[Arc<str>]) -> String {
    if let Some((size, rest)) = path.split_last()
        && **size == *SIZE
    {
        return format!("size({})", written(rest));
    }
    let mut text = String::new();
    for step in path {
        if step.starts_with('[') || text.is_empty() {
            text.push_str(step);
        } else if is_name(step) {
            text.push('.');
            text.push_str(step);
        } else {
            let _ = write!(text, "['{step}']");
        }
    }
    text
}

/// A field of a variable, as it is written.
pub(crate) fn field_path(variable: &str, field: &str) -> String {
    written(&[variable.into(), field.into()])
}

/// Whether a field of this name can stand behind a point.
fn is_name(step: &str) -> bool {
    let mut letters = step.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The argument of `timestamp` or `duration`, as it is written.
pub(super) fn as_written(node: &IdedExpr) -> &IdedExpr {
    match &node.expr {
        Expr::Call(call) if [functions::ZONED, functions::WHOLE].contains(&&*call.func_name) => {
            call.args.first().unwrap_or(node)
        }
        Expr::Call(_)
        | Expr::Literal(_)
        | Expr::Ident(_)
        | Expr::Select(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified => node,
    }
}

/// What a comparison is about: a value at a path, or the size of one.
fn subject(node: &IdedExpr) -> Option<Vec<Arc<str>>> {
    if let Expr::Call(call) = &node.expr
        && call.func_name == "size"
        && let Some(sized) = call.target.as_deref().or_else(|| call.args.first())
    {
        return deeper(sized, SIZE);
    }
    path(node)
}

fn deeper(operand: &IdedExpr, step: &str) -> Option<Vec<Arc<str>>> {
    let mut path = path(operand)?;
    path.push(Arc::from(step));
    Some(path)
}

/// How deep conditions that are conditionals themselves are looked into: each asks what its own condition makes sure of
/// twice, so that every level doubles the work.
const MAX_CHOICES: u8 = 5;

/// What holds where an expression is `truth`.
pub(super) fn implied(node: &IdedExpr, truth: bool) -> Facts {
    within(node, truth, MAX_CHOICES)
}

/// As [`implied`], looking into so many conditionals.
fn within(node: &IdedExpr, truth: bool, choices: u8) -> Facts {
    match &node.expr {
        Expr::Select(select) if select.test => {
            let says = if truth { Says::Present } else { Says::Absent };
            deeper(&select.operand, &select.field).map_or(Facts::NONE, |path| Facts::one(path, says))
        }
        Expr::Select(_) | Expr::Ident(_) => path(node).map_or(Facts::NONE, |path| Facts::one(path, Says::Is(truth))),
        Expr::Call(call) => of_call(call, truth, choices),
        Expr::Literal(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified => Facts::NONE,
    }
}

fn of_call(call: &CallExpr, truth: bool, choices: u8) -> Facts {
    let implied = |node: &IdedExpr, truth| within(node, truth, choices);
    match (call.func_name.as_str(), call.args.as_slice(), &call.target) {
        (op::LOGICAL_NOT, [inner], None) => implied(inner, !truth),
        (op::LOGICAL_AND, [left, right], None) if truth => implied(left, true).and(implied(right, true)),
        (op::LOGICAL_OR, [left, right], None) if !truth => implied(left, false).and(implied(right, false)),
        (op::LOGICAL_AND | op::LOGICAL_OR, [left, right], None) => implied(left, truth).common(&implied(right, truth)),
        (op::CONDITIONAL, [condition, yes, no], None) => {
            let Some(choices) = choices.checked_sub(1) else { return Facts::NONE };
            let implied = |node: &IdedExpr, truth| within(node, truth, choices);
            let when = |answer: bool, branch: &IdedExpr| {
                (!is(branch, !truth)).then(|| implied(condition, answer).and(implied(branch, truth)))
            };
            match (when(true, yes), when(false, no)) {
                (Some(one), Some(two)) => one.common(&two),
                (one, two) => one.or(two).unwrap_or_default(),
            }
        }
        (op::IN, [name, map], None) if truth && step(name).is_some_and(|name| !name.starts_with('[')) => {
            step(name).and_then(|name| deeper(map, &name)).map_or(Facts::NONE, |path| Facts::one(path, Says::Present))
        }
        (op::IN, [value, list], None) => match (path(value), words_of(list)) {
            (Some(path), Some(words)) => Facts::one(path, if truth { Says::OneOf(words) } else { Says::NoneOf(words) }),
            _ => Facts::NONE,
        },
        ("hasValue", [], Some(optional)) if truth => present_optional(optional),
        (name, [with], Some(text)) => match (Asks::of(name), path(text), literal_text(with)) {
            (Some(asks), Some(path), Some(with)) => Facts::one(path, Says::Text { asks, with, truth }),
            _ => Facts::NONE,
        },
        (name @ (op::EQUALS | op::NOT_EQUALS), [left, right], None) => match compared_with_truth(left, right) {
            Some((inner, answer)) => implied(inner, (answer == truth) == (name == op::EQUALS)),
            None => of_comparison(name, (left, right), truth),
        },
        (name, [left, right], None) => of_comparison(name, (left, right), truth),
        _ => Facts::NONE,
    }
}

/// Whether an expression is this boolean literal.
fn is(node: &IdedExpr, truth: bool) -> bool {
    literal_truth(node) == Some(truth)
}

fn literal_truth(node: &IdedExpr) -> Option<bool> {
    let Expr::Literal(LiteralValue::Boolean(value)) = &node.expr else { return None };
    Some(*value.inner())
}

/// What stands beside `true` or `false`, either way round, and which of the two it is.
fn compared_with_truth<'n>(left: &'n IdedExpr, right: &'n IdedExpr) -> Option<(&'n IdedExpr, bool)> {
    literal_truth(right).map(|answer| (left, answer)).or_else(|| literal_truth(left).map(|answer| (right, answer)))
}

fn literal_text(node: &IdedExpr) -> Option<Arc<str>> {
    let Expr::Literal(LiteralValue::String(text)) = &node.expr else { return None };
    Some(Arc::from(text.inner()))
}

fn literal_number(node: &IdedExpr) -> Option<f64> {
    if let Expr::Literal(LiteralValue::Int(value)) = &node.expr {
        return Range::whole(*value.inner()).single();
    }
    let Expr::Literal(LiteralValue::Double(value)) = &node.expr else { return None };
    Some(*value.inner())
}

fn words_of(list: &IdedExpr) -> Option<Vec<Arc<str>>> {
    let Expr::List(list) = &list.expr else { return None };
    list.elements.iter().map(literal_text).collect()
}

/// `data.?x.hasValue()`.
fn present_optional(optional: &IdedExpr) -> Facts {
    let Expr::Call(call) = &optional.expr else { return Facts::NONE };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::OPT_SELECT | op::OPT_INDEX, [operand, name]) => step(name)
            .and_then(|name| deeper(operand, &name))
            .map_or(Facts::NONE, |path| Facts::one(path, Says::Present)),
        _ => Facts::NONE,
    }
}

/// A comparison of a path with a literal, either way round.
fn of_comparison(name: &str, (left, right): (&IdedExpr, &IdedExpr), truth: bool) -> Facts {
    let (path, literal, name) = match (subject(left), subject(right)) {
        (Some(path), None) => (path, right, name),
        (None, Some(path)) => (path, left, turned(name)),
        _ => return Facts::NONE,
    };
    if let Some(word) = literal_text(literal) {
        return match (name, truth) {
            (op::EQUALS, true) | (op::NOT_EQUALS, false) => Facts::one(path, Says::OneOf(vec![word])),
            (op::EQUALS, false) | (op::NOT_EQUALS, true) => Facts::one(path, Says::NoneOf(vec![word])),
            _ => Facts::NONE,
        };
    }
    if is_empty_list(literal) && (name == op::NOT_EQUALS) == truth && matches!(name, op::EQUALS | op::NOT_EQUALS) {
        let filled = Range { min: 1.0, ..Range::ALL };
        let mut path = path;
        path.push(Arc::from(SIZE));
        return Facts::one(path, Says::Within { range: filled, open: false });
    }
    let Some(value) = literal_number(literal) else { return Facts::NONE };
    let (below, above) = (Range { max: value, ..Range::ALL }, Range { min: value, ..Range::ALL });
    let says = match (name, truth) {
        (op::LESS, true) | (op::GREATER_EQUALS, false) => Says::Within { range: below, open: true },
        (op::LESS_EQUALS, true) | (op::GREATER, false) => Says::Within { range: below, open: false },
        (op::GREATER, true) | (op::LESS_EQUALS, false) => Says::Within { range: above, open: true },
        (op::GREATER_EQUALS, true) | (op::LESS, false) => Says::Within { range: above, open: false },
        (op::EQUALS, true) | (op::NOT_EQUALS, false) => {
            Says::Within { range: Range { min: value, ..below }, open: false }
        }
        (op::EQUALS, false) | (op::NOT_EQUALS, true) => Says::Not(value),
        _ => return Facts::NONE,
    };
    Facts::one(path, says)
}

fn is_empty_list(node: &IdedExpr) -> bool {
    matches!(&node.expr, Expr::List(list) if list.elements.is_empty())
}

/// An operator with its sides exchanged.
fn turned(name: &str) -> &str {
    match name {
        op::LESS => op::GREATER,
        op::LESS_EQUALS => op::GREATER_EQUALS,
        op::GREATER => op::LESS,
        op::GREATER_EQUALS => op::LESS_EQUALS,
        name => name,
    }
}
