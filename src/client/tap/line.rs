//! A line that [`json`](super::json) wrote, read again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What a line says of its record: where it stands, its key and its value.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The topic's full name.
    pub topic: String,
    /// The record's key; `None` where it has none.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` for a tombstone.
    pub value: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Members<'a> {
    topic: String,
    /// With `offset` and `headers`, what tells a line from an event.
    #[serde(rename = "partition")]
    _partition: i32,
    #[serde(rename = "offset")]
    _offset: i64,
    #[serde(rename = "headers")]
    _headers: Vec<IgnoredAny>,
    key: Option<String>,
    key_base64: Option<String>,
    #[serde(borrow, default, deserialize_with = "also_null")]
    value: Option<&'a RawValue>,
    value_text: Option<String>,
    value_base64: Option<String>,
    #[serde(default)]
    tombstone: bool,
}

/// The text `null` is a value, too.
fn also_null<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl Line {
    /// Reads one line; `None` for what is none.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let line: Members<'_> = serde_json::from_slice(text).ok()?;
        let bytes = |text: Option<String>, base64: Option<String>| match (text, base64) {
            (Some(text), _) => Some(text.into_bytes()),
            (None, Some(base64)) => STANDARD.decode(base64).ok(),
            (None, None) => None,
        };
        let json = line.value.map(|value| value.get().as_bytes().to_vec());
        let value = json.or_else(|| bytes(line.value_text, line.value_base64));
        Some(Self {
            topic: line.topic,
            key: bytes(line.key, line.key_base64),
            value: value.filter(|_| !line.tombstone),
        })
    }
}
