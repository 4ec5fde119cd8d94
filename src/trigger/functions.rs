//! The functions that an expression may call: CEL's standard library, and two of our own that no text can name.
//!
//! A time without a zone is one in UTC (decision 52), and the library's `timestamp` refuses it: so its argument goes
//! through [`ZONED`], which writes the zone behind it.
//!
//! CEL leaves open in which order a comprehension walks the keys of a map, and the crate's order is random. Since the
//! same input must give the same bytes, and since a comprehension is the only loop, every range of one goes through
//! [`WALK`]: it sorts the keys of maps, and counts items against the budget of the evaluation.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use std::thread::LocalKey;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::{CelList, CelMap, CelMapKey, CelString, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env, ExecutionError, Value};

use super::{pattern, weight};
use crate::time::{Timestamp, Zone};

/// The function that every range of a comprehension goes through. `@` keeps it out of reach of any text.
pub(super) const WALK: &str = "@walk";

/// The function that the argument of `timestamp` goes through.
pub(super) const ZONED: &str = "@zoned";

/// The function that the argument of `duration` goes through.
pub(super) const WHOLE: &str = "@whole";

/// How many items the comprehensions of one evaluation may walk, nested ones multiplied.
pub(super) const MAX_ITEMS: usize = 100_000;

/// Names to suggest: whether a function exists is asked of the library itself.
pub(super) const NAMES: &[&str] = &[
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "hasValue",
    "int",
    "map",
    "matches",
    "or",
    "orValue",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
    "value",
];

thread_local! {
    static BUDGET: Cell<usize> = const { Cell::new(0) };
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`.
    Global,
    /// `x.f()`.
    Member,
}

/// What expressions are evaluated in. Building it costs more than evaluating, so there is one.
pub(super) fn environment() -> Arc<Env> {
    static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
        let mut env = Env::stdlib();
        // A name with `@` cannot be taken, so there is nothing to report; tests call both.
        let _ = env.add_overload(WALK, "walk_dyn", vec![DYN_TYPE], walk);
        let _ = env.add_overload(ZONED, "zoned_dyn", vec![DYN_TYPE], zoned);
        let _ = env.add_overload(WHOLE, "whole_dyn", vec![DYN_TYPE], whole);
        weight::add_functions(&mut env);
        pattern::add_functions(&mut env);
        Arc::new(env)
    });
    Arc::clone(&ENVIRONMENT)
}

/// Gives the next evaluation of this thread its budget of items, and of what it copies and compares.
pub(super) fn set_budget(items: usize) {
    BUDGET.set(items);
    weight::reset();
}

/// What the last evaluation of this thread left of its budget.
pub(super) fn budget() -> usize {
    BUDGET.get()
}

/// Whether the library has a function of this name and style, whatever its arguments.
pub(super) fn exists(name: &str, style: Style) -> bool {
    let null = || Box::new(IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::Null) });
    let target = (style == Style::Member).then(null);
    let call = Expr::Call(CallExpr { func_name: name.to_owned(), target, args: Vec::new() });
    let context = Context::with_env(environment());
    let answer = Value::resolve(&IdedExpr { id: 0, expr: call }, &context);
    !matches!(answer, Err(ExecutionError::UndeclaredReference(_)))
}

fn walk<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(range) = args.into_iter().next() else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    if let Some(list) = range.downcast_ref::<CelList>() {
        spend(list.inner().len())?;
        // Each becomes the comprehension's variable, a copy.
        weight::spend_on(range.as_ref())?;
    }
    let Some(map) = range.downcast_ref::<CelMap>() else { return Ok(range) };
    spend(map.inner().len())?;
    let mut keys: Vec<_> = map.inner().keys().cloned().collect();
    keys.sort();
    let keys: Vec<Box<dyn Val + 'v>> = keys.into_iter().map(key_value).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn zoned<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(time) = args.into_iter().next() else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let text = time.downcast_ref::<CelString>().map(CelString::inner);
    let read = text.map(|text| (text, Timestamp::parse(text)));
    let other = match read {
        Some((text, Some((_, Zone::Assumed)))) => Some(format!("{text}Z")),
        // The library reads the typographer's minus as well, but not behind a blank.
        Some((text, None)) if !text.is_ascii() => Some(format!(" {text}")),
        Some((_, None | Some((_, Zone::Given)))) | None => None,
    };
    Ok(other.map_or(time, |text| CowVal::owned(CelString::from(text))))
}

/// The library reads a duration as far as it can, and forgets what stands behind it.
fn whole<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(duration) = args.into_iter().next() else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let beyond = duration.downcast_ref::<CelString>().map(CelString::inner).filter(|text| !is_duration(text));
    // Nor does it read one behind a blank.
    let unread = beyond.map(|text| format!(" {text}"));
    Ok(unread.map_or(duration, |text| CowVal::owned(CelString::from(text))))
}

/// Whether all of a text is a duration: `0`, or numbers with units, a sign before the first.
fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned == "0" {
        return true;
    }
    let mut rest = unsigned;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - unit.len()];
        let behind = ["ms", "us", "ns", "h", "m", "s"].iter().find_map(|name| unit.strip_prefix(name));
        match behind {
            Some(behind) if number.parse::<f64>().is_ok() => rest = behind,
            Some(_) | None => return false,
        }
    }
    !unsigned.is_empty()
}

fn key_value<'v>(key: CelMapKey<'v>) -> Box<dyn Val + 'v> {
    match key {
        CelMapKey::Bool(key) => Box::new(key),
        CelMapKey::Int(key) => Box::new(key),
        CelMapKey::UInt(key) => Box::new(key),
        CelMapKey::String(key) => Box::new(key),
    }
}

fn spend(items: usize) -> Result<(), ExecutionError> {
    let beyond = || format!("the comprehensions walk more than {MAX_ITEMS} items");
    settle(&BUDGET, BUDGET.get().checked_sub(items), beyond)
}

/// Keeps what is left of a budget; where it was not enough, nothing is, and the sentence says so.
pub(super) fn settle(
    budget: &'static LocalKey<Cell<usize>>,
    left: Option<usize>,
    beyond: impl FnOnce() -> String,
) -> Result<(), ExecutionError> {
    budget.set(left.unwrap_or(0));
    left.map(|_| ()).ok_or_else(|| ExecutionError::function_error(WALK, beyond()))
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn a_duration_is_one_to_its_end() {
        for whole in ["0", "-0", "1h", "1h30m", "-1.5s", ".5s", "250ms", "1us2ns", "007h"] {
            assert!(is_duration(whole), "{whole}");
        }
        for not in
            ["", "-", "h", "1", "1h30", "1h 30m", "1hm", "1h\u{1f600}", " 1h", "1h ", "--1h", "1.2.3s", "1d", "1e3s"]
        {
            assert!(!is_duration(not), "{not}");
        }
    }
}
