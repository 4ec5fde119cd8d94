//! The tables of functions and operators against the evaluator: it is called with a value of every kind.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators as op};
use cel::{Context, ExecutionError, Value};

use crate::trigger::functions::{self, Style};
use crate::trigger::types::kinds::Kind;
use crate::trigger::types::signatures::{FUNCTIONS, OPERATORS, Signature, comparable, indexes, is_key, makes_key};
use crate::trigger::weight::weighed;

/// Values of a kind; of strings some that conversions can read.
fn samples(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Null => &["null"],
        Kind::Bool => &["true"],
        Kind::Int => &["1"],
        Kind::Uint => &["1u"],
        Kind::Double => &["1.0"],
        Kind::String => &["'1'", "'true'", "'2024-01-15T10:30:00Z'", "'1h'", "'UTC'"],
        Kind::Bytes => &["b'a'"],
        Kind::Timestamp => &["timestamp('2024-01-15T10:30:00Z')"],
        Kind::Duration => &["duration('1h')"],
        Kind::Type => &["int"],
        Kind::List => &["[1, 2]"],
        Kind::Map => &["{'a': 1, '1': 2}"],
        Kind::Optional => &["optional.of(1)"],
    }
}

fn parsed(text: &str) -> IdedExpr {
    functions::environment().parser().parse(text).unwrap()
}

/// Calls a function with values of these kinds: `None` where it has no overload for them, else the name of the type
/// that it gives, where one of the values is one that it can convert.
fn call(name: &str, style: Style, kinds: &[Kind]) -> Option<Option<String>> {
    let mut texts: Vec<Vec<&str>> = vec![Vec::new()];
    for kind in kinds {
        let with = |so_far: &Vec<&'static str>, sample: &&'static str| so_far.iter().chain([sample]).copied().collect();
        texts = texts.iter().flat_map(|so_far| samples(*kind).iter().map(move |sample| with(so_far, sample))).collect();
    }
    let mut exists = false;
    functions::set_budget(functions::MAX_ITEMS);
    for texts in texts {
        let mut args: Vec<IdedExpr> = texts.iter().map(|text| parsed(text)).collect();
        let target = (style == Style::Member).then(|| Box::new(args.remove(0)));
        let call = Expr::Call(CallExpr { func_name: name.to_owned(), target, args });
        // Only here is a map refused.
        match Value::resolve(&weighed(&IdedExpr { id: 0, expr: call }), &Context::with_env(functions::environment())) {
            Ok(value) => return Some(Some(value.type_of().to_string())),
            Err(
                ExecutionError::NoSuchOverload(_)
                | ExecutionError::UndeclaredReference(_)
                | ExecutionError::UnsupportedBinaryOperator(..)
                | ExecutionError::UnexpectedType { .. }
                | ExecutionError::UnsupportedKeyType(_)
                | ExecutionError::UnsupportedIndex(..)
                | ExecutionError::ValuesNotComparable(..),
            ) => {}
            Err(_) => exists = true,
        }
    }
    exists.then_some(None)
}

fn combinations(count: usize) -> Vec<Vec<Kind>> {
    (0..count).fold(vec![Vec::new()], |all, _| {
        all.iter()
            .flat_map(|one| Kind::ALL.iter().map(move |kind| one.iter().chain([kind]).copied().collect()))
            .collect()
    })
}

fn agree(table: &[Signature], counts: std::ops::RangeInclusive<usize>) {
    let names: BTreeSet<&str> = table.iter().map(|row| row.0).collect();
    let mut wrong = Vec::new();
    let arity = |name: &str| table.iter().filter(|row| row.0 == name).map(|row| row.2.len()).collect::<BTreeSet<_>>();
    for (name, style) in names.iter().flat_map(|name| [(*name, Style::Global), (*name, Style::Member)]) {
        let operator = table.as_ptr() == OPERATORS.as_ptr();
        if operator && style == Style::Member {
            continue;
        }
        for kinds in counts.clone().flat_map(combinations) {
            if style == Style::Member && kinds.is_empty() {
                continue;
            }
            // An operator has one count of operands; the parser makes no other.
            if operator && !arity(name).contains(&kinds.len()) {
                continue;
            }
            let ours = table.iter().find(|row| row.0 == name && row.1 == style && row.2 == kinds.as_slice());
            match (ours, call(name, style, &kinds)) {
                (None, None) => {}
                (Some(row), Some(Some(given))) if of(&given) == row.3.name() => {}
                (ours, theirs) => wrong.push(format!("{name} {style:?} {kinds:?}: {ours:?}, and it is {theirs:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn of(name: &str) -> &str {
    match name {
        "float" => "double",
        "google.protobuf.Timestamp" => "timestamp",
        "google.protobuf.Duration" => "duration",
        name => name,
    }
}

#[test]
fn functions_take_and_give_what_the_evaluator_does() {
    agree(FUNCTIONS, 0..=2);
}

#[test]
fn operators_take_and_give_what_the_evaluator_does() {
    agree(OPERATORS, 1..=2);
}

#[test]
fn comparisons_and_indexes_work_where_the_evaluator_s_do() {
    let mut wrong = Vec::new();
    for pair in combinations(2) {
        let (one, two) = (pair[0], pair[1]);
        let mut expect = |what: &str, ours: bool, theirs: bool| {
            if ours != theirs {
                wrong.push(format!("{one:?} {what} {two:?}: {ours}, and it is {theirs}"));
            }
        };
        expect("<", comparable(one, two), call(op::LESS, Style::Global, &pair).is_some());
        if two != Kind::Optional {
            expect("is an index of", indexes(one, two), call(op::INDEX, Style::Global, &[two, one]).is_some());
        }
        if two == Kind::Map {
            expect("in", is_key(one), call(op::IN, Style::Global, &pair).is_some());
            let made = samples(one).iter().any(|key| {
                let map = parsed(&format!("{{{key}: 1}}"));
                Value::resolve(&map, &Context::with_env(functions::environment())).is_ok()
            });
            expect("makes a key of", makes_key(one), made);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
