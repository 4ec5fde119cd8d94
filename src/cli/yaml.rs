//! JSON as YAML. Every number stands as it was written, and a name that stands twice does here too: what is shown is what
//! is there.

use std::fmt::Write as _;

use crate::diagnostic::is_hidden;
use crate::json::{Kind, Scanner, Value, elements, members};

/// Words that YAML 1.1 or 1.2 takes for something else than a text.
const TAKEN: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A JSON text as YAML, which ends with a line break; nothing of a text that is not JSON.
pub(super) fn of(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    if let Ok(value) = Scanner::new(json).value() {
        push(value, 0, &mut out);
        out.push('\n');
    }
    out
}

/// Appends a value; the cursor stands where its first line begins, and the others begin at `depth`.
fn push(value: Value<'_>, depth: usize, out: &mut String) {
    let mut first = true;
    let mut next = |out: &mut String| {
        if !std::mem::take(&mut first) {
            new_line(depth, out);
        }
    };
    if !has_lines(value) {
        return push_scalar(value, out);
    }
    members(value, |member| {
        next(out);
        push_text(&member.name, out);
        out.push(':');
        if has_lines(member.value) {
            new_line(depth + 1, out);
        } else {
            out.push(' ');
        }
        push(member.value, depth + 1, out);
    });
    elements(value, |element| {
        next(out);
        out.push_str("- ");
        push(element, depth + 1, out);
    });
}

/// Whether it is an object or array that is not empty.
fn has_lines(value: Value<'_>) -> bool {
    matches!(value.kind, Kind::Object | Kind::Array) && !value.raw[1..value.raw.len() - 1].trim().is_empty()
}

fn push_scalar(value: Value<'_>, out: &mut String) {
    match value.kind {
        Kind::String(_) => push_text(&value.text().unwrap_or_default(), out),
        Kind::Object => out.push_str("{}"),
        Kind::Array => out.push_str("[]"),
        Kind::Null | Kind::Bool(_) | Kind::Number => out.push_str(value.raw),
    }
}

/// A text without quotes where no YAML reader can take it for something else.
fn push_text(text: &str, out: &mut String) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let taken = TAKEN.iter().any(|word| text.eq_ignore_ascii_case(word));
    if begins && !taken && !text.ends_with(' ') && text.chars().all(is_plain) {
        return out.push_str(text);
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Writing to a string does not fail.
            c if is_hidden(c) => _ = write!(out, "\\U{:08x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests;
