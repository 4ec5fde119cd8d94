//! A line that [`json`](super::json) wrote, read again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::ids::RecordOffset;
use crate::kafka::reader::ReadRecord;
use crate::time::Timestamp;

/// What tells a line from an event are the members that it always has.
#[derive(Deserialize)]
struct Line<'a> {
    topic: String,
    partition: i32,
    offset: i64,
    timestamp: Option<String>,
    headers: Vec<Header>,
    key: Option<String>,
    key_base64: Option<String>,
    #[serde(borrow, default, deserialize_with = "also_null")]
    value: Option<&'a RawValue>,
    value_text: Option<String>,
    value_base64: Option<String>,
    #[serde(default)]
    tombstone: bool,
}

#[derive(Deserialize)]
struct Header {
    name: Option<String>,
    name_base64: Option<String>,
    value: Option<String>,
    value_base64: Option<String>,
}

/// The record that a line tells of; `None` for what is no line.
#[must_use]
pub fn read_line(text: &[u8]) -> Option<ReadRecord> {
    let line: Line<'_> = serde_json::from_slice(text).ok()?;
    let json = line.value.map(|value| value.get().as_bytes().to_vec());
    let value = json.or_else(|| bytes(line.value_text, line.value_base64));
    let header = |header: Header| {
        (bytes(header.name, header.name_base64).unwrap_or_default(), bytes(header.value, header.value_base64))
    };
    Some(ReadRecord {
        topic: line.topic,
        partition: line.partition,
        offset: RecordOffset(line.offset),
        timestamp: line.timestamp.and_then(|time| Timestamp::parse(&time)).map(|(time, _)| time),
        key: bytes(line.key, line.key_base64),
        headers: line.headers.into_iter().map(header).collect(),
        value: value.filter(|_| !line.tombstone),
    })
}

/// The text `null` is a value, too.
fn also_null<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn bytes(text: Option<String>, base64: Option<String>) -> Option<Vec<u8>> {
    text.map(String::into_bytes).or_else(|| STANDARD.decode(base64?).ok())
}
