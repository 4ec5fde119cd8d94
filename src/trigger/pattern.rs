//! The patterns of `matches`. The library compiles one on each call; here one that is written out in an expression is
//! compiled once a thread and kept.

use std::cell::RefCell;
use std::collections::HashMap;

use cel::common::types::{CelBool, CelString, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{Env, ExecutionError};
use regex::{Regex, RegexBuilder};

use super::functions::WALK;

/// `matches` with a pattern that is written out. `@` keeps it out of reach of any text.
pub(super) const WRITTEN: &str = "@matches_written";

/// `matches` with a pattern that comes with the event.
pub(super) const GIVEN: &str = "@matches_given";

/// How large a pattern that comes with the event may get when it is compiled, in bytes: a few dozen classes of Unicode. What
/// is larger takes long to compile, and to match.
const MAX_GIVEN: usize = 256 * 1024;

/// How many patterns a thread keeps: those of all expressions, unless these are very many.
const MAX_KEPT: usize = 1024;

thread_local! {
    static KEPT: RefCell<HashMap<Box<str>, Regex>> = RefCell::default();
}

/// Lets these functions be called.
pub(super) fn add_functions(env: &mut Env) {
    // A name with `@` cannot be taken, so there is nothing to report; tests call both.
    let of_texts = || vec![STRING_TYPE, STRING_TYPE];
    let _ = env.add_overload(WRITTEN, "matches_written", of_texts(), |args| matches(&args, kept));
    let _ = env.add_overload(GIVEN, "matches_given", of_texts(), |args| matches(&args, given));
}

/// Why a pattern that is written out is none, as the regex crate draws it.
pub(super) fn error(pattern: &str) -> Option<String> {
    Regex::new(pattern).err().map(|error| error.to_string())
}

fn matches<'b, 'v>(
    args: &[CowVal<'b, 'v>],
    is_match: impl FnOnce(&str, &str) -> Result<bool, regex::Error>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut texts = args.iter().map(|arg| arg.downcast_ref::<CelString>().map(CelString::inner));
    let (Some(Some(text)), Some(Some(pattern))) = (texts.next(), texts.next()) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    // The error itself shows the pattern, which may be a value.
    let answer = is_match(pattern, text).map_err(|error| {
        let why = if matches!(error, regex::Error::CompiledTooBig(_)) {
            "the pattern of `matches` is too large"
        } else {
            "the pattern of `matches` is no regular expression"
        };
        ExecutionError::function_error(WALK, why)
    })?;
    Ok(CowVal::owned(CelBool::from(answer)))
}

/// Matches with the one that is kept, and not with a copy: a copy has none of what the search has found out so far.
fn kept(pattern: &str, text: &str) -> Result<bool, regex::Error> {
    KEPT.with_borrow_mut(|kept| {
        if let Some(compiled) = kept.get(pattern) {
            return Ok(compiled.is_match(text));
        }
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        let compiled = kept.entry(pattern.into()).insert_entry(Regex::new(pattern)?);
        Ok(compiled.get().is_match(text))
    })
}

fn given(pattern: &str, text: &str) -> Result<bool, regex::Error> {
    Ok(RegexBuilder::new(pattern).size_limit(MAX_GIVEN).build()?.is_match(text))
}
