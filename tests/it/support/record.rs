//! Records as bytes: what stands on Kafka, nothing decoded.

use serde_json::Value;

/// A header: name and value as bytes; a value may be null.
pub type Header = (Vec<u8>, Option<Vec<u8>>);

/// A record to be written.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub topic: String,
    /// Placed by its key where absent.
    pub partition: Option<i32>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

/// A record that was read.
#[derive(Debug, Clone)]
pub struct Record {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<Header>,
}

impl Record {
    /// Where it stands, for messages.
    pub fn place(&self) -> String {
        format!("{}[{}]@{}", self.topic, self.partition, self.offset)
    }

    /// The value as JSON; null where it is none.
    pub fn json(&self) -> Value {
        self.value.as_deref().and_then(|value| serde_json::from_slice(value).ok()).unwrap_or(Value::Null)
    }

    /// The text of the last header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().rev().find(|(found, _)| found == name.as_bytes())?;
        std::str::from_utf8(value.as_deref()?).ok()
    }
}

/// The headers without those that the router adds to a dead letter.
pub fn own_headers(headers: &[Header]) -> Vec<Header> {
    headers.iter().filter(|(name, _)| !name.starts_with(b"revbus.dead.")).cloned().collect()
}
