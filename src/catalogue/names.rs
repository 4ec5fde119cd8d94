//! The grammar of names (decisions 7 and 82): `module.name`, both in lower snake case.

use std::ops::Range;

use super::codes;
use super::report::Report;
pub(super) use crate::diagnostic::shorten;

/// The longest name of a module, and of what stands behind the point, in bytes.
pub(super) const MAX_NAME: usize = 100;
/// The longest name of a topic, in bytes: Kafka's.
pub(super) const MAX_TOPIC: usize = 249;
/// The modules that the bus keeps for itself.
const RESERVED_MODULES: [&str; 2] = ["state", "revbus"];
/// The third part that the type of a reply has.
const REPLY_STATUS: [&str; 4] = ["completed", "failed", "denied", "timed_out"];

/// Whether a word is lower snake case: a letter, then letters, digits and `_`.
pub(super) fn is_snake(word: &str) -> bool {
    word.len() <= MAX_NAME
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether this is `module.name`, both in lower snake case.
pub(super) fn is_event(name: &str) -> bool {
    name.split_once('.').is_some_and(|(module, action)| is_snake(module) && is_snake(action))
}

/// A word as lower snake case would have it.
fn snake(word: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for c in word.trim().chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if c.is_ascii_uppercase() && after_small {
                out.push('_');
            }
            after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with(['_', '.']) {
            out.push('_');
            after_small = false;
        }
    }
    out.trim_end_matches('_').to_owned()
}

/// What is wrong with a word that is none.
fn fault(word: &str) -> String {
    if word.len() > MAX_NAME {
        format!("is longer than {MAX_NAME} bytes")
    } else {
        "is not lower snake case".to_owned()
    }
}

/// Checks the name of a module.
pub(super) fn check_module(report: &mut Report<'_>, name: &str, at: &Range<usize>) -> bool {
    if RESERVED_MODULES.contains(&name) {
        report
            .error(codes::RESERVED_NAME, at, format!("the module name `{name}` is kept for the bus itself"))
            .help(format!("choose another name; `name: {name}` can still show this one"));
        return false;
    }
    if !is_snake(name) {
        let fixed = snake(name);
        let help = is_snake(&fixed).then(|| format!("write `{fixed}`, and `{name}` as its `name`"));
        report.error(codes::BAD_NAME, at, format!("the module name `{}` {}", shorten(name), fault(name))).help(help);
        return false;
    }
    true
}

/// Checks the name of an entity type.
pub(super) fn check_entity_type(report: &mut Report<'_>, name: &str, at: &Range<usize>) {
    if !is_snake(name) {
        let fixed = snake(name);
        let help = is_snake(&fixed).then(|| format!("write `{fixed}`"));
        let message = format!("the entity type `{}` {}", shorten(name), fault(name));
        report.error(codes::BAD_NAME, at, message).help(help);
    }
}

/// Splits the name of an event type into module and name, or says what is wrong with it. `owner` is the module under
/// which it stands.
pub(super) fn split<'a>(
    report: &mut Report<'_>,
    owner: &str,
    name: &'a str,
    at: &Range<usize>,
) -> Option<(&'a str, &'a str)> {
    if let Some((module, action)) = name.split_once('.')
        && is_snake(module)
        && is_snake(action)
    {
        return Some((module, action));
    }
    let parts: Vec<&str> = name.split('.').collect();
    let fixed = snake(name);
    let help = match parts.as_slice() {
        [_, _, status] if REPLY_STATUS.contains(status) => {
            Some("a third part is kept for the status of a reply".to_owned())
        }
        [_, _] if fixed.split('.').all(is_snake) => Some(format!("write `{fixed}`")),
        [_] if is_snake(&fixed) => Some(format!("write `{owner}.{fixed}`")),
        // One point too many.
        _ => fixed
            .split_once('.')
            .map(|(module, rest)| format!("{module}.{}", rest.replace('.', "_")))
            .and_then(|one| is_event(&one).then(|| format!("write `{one}`"))),
    };
    let message = match parts.iter().find(|part| part.len() > MAX_NAME) {
        Some(part) => format!("the part `{}` of the name is longer than {MAX_NAME} bytes", shorten(part)),
        None => format!("`{}` is not `module.name` in lower snake case", shorten(name)),
    };
    report.error(codes::BAD_NAME, at, message).help(help);
    None
}

/// Whether a text may stand in front of a topic's name.
pub(super) fn is_topic_prefix(text: &str) -> bool {
    text.len() <= 48 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Whether a text can be the id of a trigger.
pub(super) fn is_trigger_id(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
