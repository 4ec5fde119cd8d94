//! A line that [`json`](super::json) wrote, read again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    headers: Vec<Header>,
}

/// A header that is text.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Header {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Members<'a> {
    topic: String,
    /// With `offset` and `headers`, what tells a line from an event.
    #[serde(rename = "partition")]
    _partition: i32,
    #[serde(rename = "offset")]
    _offset: i64,
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
        let key = bytes(line.key, line.key_base64);
        Some(Self { topic: line.topic, key, value: value.filter(|_| !line.tombstone), headers: line.headers })
    }

    /// The value of the last header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|header| header.name.as_deref() == Some(name))?.value.as_deref()
    }
}
