//! What an evaluation copies and compares: the second bound on its cost, beside the items that its comprehensions walk. A
//! small event and an innocent text can ask for any amount: `data.tags.map(tag, data.tags)` copies all tags for each, and
//! `data.tags.all(tag, tag in data.allowed)` compares each with each.
//!
//! The evaluator has no hooks. So the tree that is evaluated is a copy, in which every value that would be copied, or
//! compared again and again, goes through [`WEIGH`] first. Values that are made where they stand are not weighed: what they
//! are made of is. Outside of comprehensions nothing is done more often than the text says.

use std::cell::Cell;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::{CelBytes, CelInt, CelList, CelMap, CelMapKey, CelOptional, CelString, DYN_TYPE, INT_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{Env, ExecutionError};

use super::functions::{self, Style, WALK, WHOLE, ZONED};
use super::pattern;

/// The function that weighs its first argument; the second one says what it weighs at least. `@` keeps it out of reach of
/// any text.
const WEIGH: &str = "@weigh";

/// The same, where maps are not gone through: a key is found at once.
const SEARCH: &str = "@search";

/// The same, where lists and maps are not gone through.
const TOUCH: &str = "@touch";

/// As [`WEIGH`], and a map is refused. CEL adds none to anything; the library adds its keys to a list, in random order.
const ADDEND: &str = "@addend";

/// How much one evaluation may copy and compare: a value weighs one, and a text one more for each 64 bytes.
pub(super) const MAX_WEIGHT: usize = 1_000_000;
const BYTES: usize = 64;

/// What a pattern that comes with the event weighs at least: each call of `matches` compiles one.
const PATTERN: i64 = 1_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Gives the next evaluation of this thread all that it may copy and compare.
pub(super) fn reset() {
    LEFT.set(MAX_WEIGHT);
}

/// A tree that weighs what it copies and compares.
pub(super) fn weighed(tree: &IdedExpr) -> IdedExpr {
    let mut tree = tree.clone();
    weigh_in(&mut tree, false);
    tree
}

/// Lets these functions be called.
pub(super) fn add_functions(env: &mut Env) {
    // A name with `@` cannot be taken, so there is nothing to report; tests call all four.
    let _ = env.add_overload(WEIGH, "weigh_dyn", vec![DYN_TYPE, INT_TYPE], |args| charge(args, |_| true));
    let _ =
        env.add_overload(SEARCH, "search_dyn", vec![DYN_TYPE, INT_TYPE], |args| charge(args, |value| !is_map(value)));
    let _ = env.add_overload(TOUCH, "touch_dyn", vec![DYN_TYPE, INT_TYPE], |args| {
        charge(args, |value| !is_map(value) && value.downcast_ref::<CelList>().is_none())
    });
    let _ = env.add_overload(ADDEND, "addend_dyn", vec![DYN_TYPE, INT_TYPE], |args| {
        if args.first().is_some_and(|value| is_map(value.as_ref())) {
            return Err(ExecutionError::no_such_overload(op::ADD, vec!["map".to_owned()]));
        }
        charge(args, |_| true)
    });
}

fn is_map(value: &(dyn Val + '_)) -> bool {
    value.downcast_ref::<CelMap>().is_some()
}

/// Takes what a value weighs, or only what it weighs at least, from what is left, and hands the value on.
fn charge<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
    deep: impl FnOnce(&(dyn Val + '_)) -> bool,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut args = args.into_iter();
    let (Some(value), Some(least)) = (args.next(), args.next()) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let least = least.downcast_ref::<CelInt>().map_or(1, |least| usize::try_from(*least.inner()).unwrap_or(1));
    spend(least - 1)?;
    if deep(value.as_ref()) { spend_on(value.as_ref()) } else { spend(1) }.map(|()| value)
}

/// Takes what a value weighs from what is left.
pub(super) fn spend_on(value: &(dyn Val + '_)) -> Result<(), ExecutionError> {
    settle(behind(value, LEFT.get()))
}

fn spend(weight: usize) -> Result<(), ExecutionError> {
    settle(LEFT.get().checked_sub(weight))
}

fn settle(left: Option<usize>) -> Result<(), ExecutionError> {
    functions::settle(&LEFT, left, || format!("the expression copies or compares more than {MAX_WEIGHT} values"))
}

/// What is left behind a value, which is looked at no further than that.
fn behind(value: &(dyn Val + '_), left: usize) -> Option<usize> {
    let left = left.checked_sub(1)?;
    if let Some(text) = value.downcast_ref::<CelString>() {
        left.checked_sub(text.inner().len() / BYTES)
    } else if let Some(list) = value.downcast_ref::<CelList>() {
        list.inner().iter().try_fold(left, |left, item| behind(item.as_ref(), left))
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        map.inner().iter().try_fold(left, |left, (key, value)| {
            let key = if let CelMapKey::String(key) = key { key.inner().len() / BYTES } else { 0 };
            behind(value.as_ref(), left.checked_sub(key)?)
        })
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        left.checked_sub(bytes.inner().len() / BYTES)
    } else if let Some(optional) = value.downcast_ref::<CelOptional>() {
        optional.option().map_or(Some(left), |value| behind(value, left))
    } else {
        Some(left)
    }
}

fn weigh_in(node: &mut IdedExpr, looped: bool) {
    match &mut node.expr {
        Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) | Expr::Unspecified => {}
        Expr::Select(select) => weigh_in(&mut select.operand, looped),
        Expr::List(list) => list.elements.iter_mut().for_each(|element| part(element, looped)),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    part(&mut entry.key, looped);
                    part(&mut entry.value, looped);
                }
            }
        }
        Expr::Comprehension(loops) => {
            weigh_in(&mut loops.iter_range, looped);
            weigh_in(&mut loops.accu_init, looped);
            for inner in [&mut loops.loop_cond, &mut loops.loop_step, &mut loops.result] {
                weigh_in(inner, true);
            }
        }
        Expr::Call(call) => weigh_call(call, looped),
    }
}

/// Part of a list or a map, which copies what it does not make.
fn part(node: &mut IdedExpr, looped: bool) {
    weigh_in(node, looped);
    copied(node, WEIGH);
}

fn weigh_call(call: &mut CallExpr, looped: bool) {
    for node in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
        weigh_in(node, looped);
    }
    match (call.func_name.as_str(), call.args.as_mut_slice()) {
        // A number's sum is no copy.
        (op::ADD, [a, b]) if !is_number(a) && !is_number(b) => {
            copied(a, WEIGH);
            copied(b, ADDEND);
        }
        (op::IN, [_, within]) if looped => through(SEARCH, within, 1),
        (op::EQUALS | op::NOT_EQUALS | op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b])
            if looped && !is_literal(a) && !is_literal(b) =>
        {
            through(WEIGH, a, 1)
        }
        (
            op::ADD
            | op::IN
            | op::EQUALS
            | op::NOT_EQUALS
            | op::LESS
            | op::LESS_EQUALS
            | op::GREATER
            | op::GREATER_EQUALS
            | op::CONDITIONAL
            | op::LOGICAL_AND
            | op::LOGICAL_OR
            | op::LOGICAL_NOT
            | op::SUBSTRACT
            | op::MULTIPLY
            | op::DIVIDE
            | op::MODULO
            | op::NEGATE
            | op::INDEX
            | op::OPT_INDEX
            | op::OPT_SELECT
            | op::NOT_STRICTLY_FALSE
            | WALK
            | WHOLE
            | ZONED,
            _,
        ) => {}
        ("matches", _) => weigh_pattern(call, looped),
        (name, _) if looped => {
            let function = if matches!(name, "size" | "type" | "dyn") { TOUCH } else { WEIGH };
            // `optional` in `optional.of(x)` is no value.
            let target = call.target.as_deref_mut().filter(|target| !is_space(target, &call.func_name));
            let parts = target.into_iter().chain(&mut call.args);
            parts.filter(|part| !is_literal(part)).for_each(|part| through(function, part, 1));
        }
        _ => {}
    }
}

/// A pattern that is written out is compiled once and kept, any other one each time.
fn weigh_pattern(call: &mut CallExpr, looped: bool) {
    call.args.splice(0..0, call.target.take().map(|text| *text));
    let [text, pattern] = call.args.as_mut_slice() else { return };
    let written = is_written(pattern);
    call.func_name = if written { pattern::WRITTEN } else { pattern::GIVEN }.to_owned();
    if looped && !written {
        through(WEIGH, pattern, PATTERN);
    }
    if looped && !is_literal(text) {
        through(WEIGH, text, 1);
    }
}

/// Weighs what gives a value that stands somewhere else too, by a function that may refuse it.
fn copied(node: &mut IdedExpr, function: &str) {
    match &mut node.expr {
        // What a comprehension gathers is its own.
        Expr::Ident(name) if name.starts_with('@') => {}
        Expr::Select(select) if select.test => {}
        Expr::Ident(_) | Expr::Select(_) => through(function, node, 1),
        Expr::Map(_) if function == ADDEND => through(function, node, 1),
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_mut_slice()) {
            (op::CONDITIONAL, [_, yes, no]) => {
                [yes, no].into_iter().for_each(|node| copied(node, function));
            }
            (name, _) if !name.starts_with('_') || matches!(name, op::INDEX | op::OPT_INDEX | op::OPT_SELECT) => {
                through(function, node, 1);
            }
            _ => {}
        },
        Expr::Literal(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified => {}
    }
}

/// Whether this is the first part of a function's name, of which a call has the second.
fn is_space(target: &IdedExpr, function: &str) -> bool {
    matches!(&target.expr, Expr::Ident(space) if functions::exists(&format!("{space}.{function}"), Style::Global))
}

/// Whether all that this can be is written out.
fn is_written(node: &IdedExpr) -> bool {
    if let Expr::Call(CallExpr { func_name, args, .. }) = &node.expr
        && func_name == op::CONDITIONAL
    {
        return args.iter().skip(1).all(is_written);
    }
    is_literal(node)
}

const fn is_literal(node: &IdedExpr) -> bool {
    matches!(node.expr, Expr::Literal(_))
}

const fn is_number(node: &IdedExpr) -> bool {
    matches!(node.expr, Expr::Literal(LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_)))
}

fn through(function: &str, node: &mut IdedExpr, least: i64) {
    let inner = std::mem::take(node);
    node.id = inner.id;
    let least = IdedExpr { id: inner.id, expr: Expr::Literal(LiteralValue::Int(CelInt::from(least))) };
    node.expr = Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args: vec![inner, least] });
}
