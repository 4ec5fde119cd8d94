//! CEL values as JSON.

use cel::Value;
use cel::objects::{Key, Map};
use chrono::SecondsFormat;

use super::ExpressionError;
use super::sentence::with_article;

/// Appends a CEL value as JSON, keys of maps sorted. A `double` keeps its point (`100000.0`), a `timestamp` is
/// RFC 3339 in a string.
///
/// # Errors
/// A value that JSON cannot say: NaN and the infinities, bytes, durations, functions, types, optionals, and maps with
/// keys that are not strings.
pub fn cel_to_json(value: &Value, out: &mut Vec<u8>) -> Result<(), ExpressionError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => push(value, out)?,
        Value::Int(value) => push(value, out)?,
        Value::UInt(value) => push(value, out)?,
        Value::Float(value) if value.is_finite() => push(value, out)?,
        Value::Float(value) => return Err(unsayable(if value.is_nan() { "NaN" } else { "an infinite double" })),
        Value::String(value) => push(value.as_str(), out)?,
        Value::Timestamp(value) => push(&value.to_rfc3339_opts(SecondsFormat::AutoSi, true), out)?,
        Value::List(list) => {
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                cel_to_json(item, out)?;
            }
            out.push(b']');
        }
        Value::Map(map) => push_map(map, out)?,
        Value::Bytes(_) => return Err(unsayable("bytes; `string(…)` makes text of them")),
        Value::Duration(_) => return Err(unsayable("a duration; `string(…)` makes text of it")),
        Value::Opaque(value) if value.runtime_type_name().contains("optional") => {
            return Err(unsayable("an optional; `.orValue(…)` says what stands in for nothing"));
        }
        Value::Function(..) | Value::Opaque(_) | Value::Struct(_) => {
            return Err(unsayable(&with_article(&value.type_of().to_string())));
        }
    }
    Ok(())
}

fn push_map(map: &Map, out: &mut Vec<u8>) -> Result<(), ExpressionError> {
    let mut entries = Vec::with_capacity(map.map.len());
    for (key, value) in map.map.iter() {
        let Key::String(key) = key else { return Err(unsayable("a map with a key that is not a string")) };
        entries.push((key.as_str(), value));
    }
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push(b'{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(key, out)?;
        out.push(b':');
        cel_to_json(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn push<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), ExpressionError> {
    serde_json::to_writer(out, value).map_err(|_| unsayable("a value"))
}

fn unsayable(what: &str) -> ExpressionError {
    ExpressionError::new(format!("the result has what JSON cannot say: {what}"))
}
