//! A part of a JSON value held against a whole one.

use serde_json::{Number, Value};

use super::Difference;
use crate::reason::cut;

/// The longest value that is shown, in bytes.
const MAX_SHOWN: usize = 300;

/// Adds what of an expected part is not in what was found. Of an object only the members that are named count, and
/// `null` is one that must not be there; a list must have exactly these elements.
pub(super) fn differ(at: &str, expected: &Value, found: Option<&Value>, out: &mut Vec<Difference>) {
    let found = found.filter(|found| !found.is_null());
    match (expected, found) {
        (Value::Null, None) => {}
        (Value::Object(expected), Some(Value::Object(found))) => {
            for (name, expected) in expected {
                differ(&inside(at, name), expected, found.get(name), out);
            }
        }
        (Value::Array(expected), Some(Value::Array(found))) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                differ(&format!("{at}[{index}]"), expected, Some(found), out);
            }
        }
        (Value::Number(expected), Some(Value::Number(found))) if same(expected, found) => {}
        (expected, Some(found)) if expected == found => {}
        (expected, found) => out.push(Difference {
            at: at.to_owned(),
            expected: if expected.is_null() { "nothing there".to_owned() } else { shown(expected) },
            found: found.map_or_else(|| "nothing there".to_owned(), shown),
        }),
    }
}

/// The name of a member, as it is written in a case: `data` is that of the payload.
fn inside(at: &str, name: &str) -> String {
    match (at, name) {
        (at, "payload") if at.ends_with(": ") => at.to_owned(),
        (at, name) if at.ends_with(": ") => format!("{at}{name}"),
        (at, name) => format!("{at}.{name}"),
    }
}

/// Whether two numbers have the same value: `5` and `5.0` do.
fn same(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a == b,
        _ => a.as_f64() == b.as_f64(),
    }
}

/// A value as JSON on one line.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match cut(&text, MAX_SHOWN) {
        whole if whole.len() == text.len() => text,
        start => format!("{start}…"),
    }
}
