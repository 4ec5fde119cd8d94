//! A dead letter: the record that died, and what its headers say of its death (decisions 41 and 63).

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::client::tap;
use crate::ids::RecordOffset;
use crate::kafka::headers::RawHeader;
use crate::kafka::reader::ReadRecord;
use crate::kernel::{DEAD_HEADER_PREFIX, EDIT_HEADER, REPLAYS_HEADER, is_cut, replay_count};

/// Where a dead letter lies: partition and offset of `revbus.dead_letters`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.offset)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').or_else(|| text.split_once('@'));
        let place = parts.and_then(|(partition, offset)| {
            Some(Self { partition: partition.parse().ok()?, offset: offset.parse().ok()? })
        });
        place
            .filter(|place| place.partition >= 0 && place.offset >= 0)
            .ok_or_else(|| "expected PARTITION/OFFSET as `dlq list` shows them, such as 3/120".to_owned())
    }
}

/// A dead letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The record as it lies there.
    pub record: ReadRecord,
    /// The topic on which it stood; `None` where no router wrote this record.
    pub topic: Option<String>,
    /// The codes of its reasons, comma between; `-` where it names none.
    pub reasons: String,
    /// How often it was sent back before it died this time.
    pub replays: u32,
}

impl From<ReadRecord> for Letter {
    fn from(record: ReadRecord) -> Self {
        let topic = record.header("revbus.dead.topic");
        let reasons = record.header("revbus.dead.reason").unwrap_or_else(|| "-".to_owned());
        let replays = replay_count(record.header(REPLAYS_HEADER).as_deref());
        Self { record, topic, reasons, replays }
    }
}

impl Letter {
    /// Where it lies.
    #[must_use]
    pub const fn place(&self) -> Place {
        let RecordOffset(offset) = self.record.offset;
        Place { partition: self.record.partition, offset }
    }

    /// The partition on which it stood.
    #[must_use]
    pub fn source_partition(&self) -> Option<i32> {
        self.record.header("revbus.dead.partition")?.parse().ok()
    }

    /// Its sentence.
    #[must_use]
    pub fn message(&self) -> String {
        self.record.header("revbus.dead.message").unwrap_or_default()
    }

    /// Whose it is, as far as it can be told.
    #[must_use]
    pub fn tenant(&self) -> Option<String> {
        tap::tenant(&self.record)
    }

    /// Whether only a part of the record is left.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        is_cut(&self.message())
    }

    /// The headers of the record that died, without those of its death.
    pub fn own_headers(&self) -> impl Iterator<Item = RawHeader<'_>> {
        let headers = self.record.headers.iter().map(|(name, value)| (name.as_slice(), value.as_deref()));
        headers.filter(|(name, _)| !name.starts_with(DEAD_HEADER_PREFIX.as_bytes()))
    }

    /// The headers with which it goes back: its own, what was edited in it, and the count of replays.
    #[must_use]
    pub fn headers_back<'a>(&'a self, edits: Option<&'a str>, count: &'a str) -> Vec<RawHeader<'a>> {
        let added = edits.map(|edits| (EDIT_HEADER, edits)).into_iter().chain([(REPLAYS_HEADER, count)]);
        self.own_headers().chain(added.map(|(name, value)| (name.as_bytes(), Some(value.as_bytes())))).collect()
    }
}
