//! A record as one line of JSON, for programs. Bytes that are not UTF-8 stand there as base64, under a name that says
//! so; a value that is JSON stands there as it is, byte for byte but for line breaks, and one that is any other text as
//! that text, under another name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::json::{Scanner, push_string};
use crate::kafka::reader::ReadRecord;

/// The record as a JSON object without line breaks: `topic`, `partition`, `offset`, `timestamp`, `key`, `headers`,
/// `value`, or `key_base64`, `value_text`, `value_base64` in their place; and `tombstone` where there is no value.
#[must_use]
pub fn json(record: &ReadRecord) -> Vec<u8> {
    let mut out = b"{\"topic\":".to_vec();
    push_string(&mut out, &record.topic);
    let timestamp = record.timestamp.map(crate::time::Timestamp::to_rfc3339);
    let place = format!(",\"partition\":{},\"offset\":{},\"timestamp\":", record.partition, record.offset.0);
    out.extend_from_slice(place.as_bytes());
    match timestamp {
        Some(timestamp) => push_string(&mut out, &timestamp),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b',');
    push_bytes(&mut out, "key", record.key.as_deref());
    out.extend_from_slice(b",\"headers\":");
    out.extend_from_slice(headers(record).to_string().as_bytes());
    out.push(b',');
    match record.value.as_deref().map(|value| (value, serde_json::from_slice::<&RawValue>(value))) {
        Some((_, Ok(raw))) if is_text(raw.get()) => {
            out.extend_from_slice(b"\"value\":");
            // A line break in JSON stands between tokens only.
            out.extend(raw.get().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
        }
        Some((value, _)) => {
            let name = if std::str::from_utf8(value).is_ok() { "value_text" } else { "value" };
            push_bytes(&mut out, name, Some(value));
        }
        // The text `null` is a value.
        None => out.extend_from_slice(br#""value":null,"tombstone":true"#),
    }
    out.push(b'}');
    out
}

/// Whether all strings in a JSON text are texts: many readers refuse one with half of a surrogate pair, and all lines with
/// it.
fn is_text(json: &str) -> bool {
    let escaped =
        || json.as_bytes().windows(3).any(|three| three[..2] == *b"\\u" && three[2].eq_ignore_ascii_case(&b'd'));
    let whole = || {
        let mut scanner = Scanner::new(json);
        scanner.value().is_ok() && scanner.lone_surrogate().is_none()
    };
    !escaped() || whole()
}

fn push_bytes(out: &mut Vec<u8>, name: &str, bytes: Option<&[u8]>) {
    let (name, value) = member(name, bytes);
    push_string(out, &name);
    out.push(b':');
    out.extend_from_slice(value.to_string().as_bytes());
}

/// Bytes as a member of an object: text where they are text.
fn member(name: &str, bytes: Option<&[u8]>) -> (String, Value) {
    match bytes.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => (name.to_owned(), Value::Null),
        Some((_, Ok(text))) => (name.to_owned(), text.into()),
        Some((bytes, Err(_))) => (format!("{name}_base64"), STANDARD.encode(bytes).into()),
    }
}

fn headers(record: &ReadRecord) -> Value {
    let one = |(name, value): &(Vec<u8>, Option<Vec<u8>>)| {
        Value::Object(Map::from_iter([member("name", Some(name)), member("value", value.as_deref())]))
    };
    record.headers.iter().map(one).collect()
}
