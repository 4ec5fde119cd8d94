//! A record as it was consumed: bytes, read without the accessors of the crate that can panic.

use rdkafka::Message as _;
use rdkafka::message::{BorrowedMessage, OwnedHeaders};

use super::ffi;
use crate::time::Timestamp;

/// Headers that can be sent.
pub type Headers = OwnedHeaders;

/// A consumed record; it lives in its consumer's memory.
#[derive(Debug)]
pub struct Message<'c>(pub(super) BorrowedMessage<'c>);

impl Message<'_> {
    /// What stands for its topic as long as the topic is assigned: cheaper to compare than a name.
    #[must_use]
    pub fn topic_handle(&self) -> usize {
        self.0.topic_ptr().addr()
    }

    /// Its topic's name.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.0.topic()
    }

    /// Its partition.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.0.partition()
    }

    /// Its offset.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.0.offset()
    }

    /// Its timestamp.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.timestamp().to_millis().map(Timestamp::from_millis)
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.0.key()
    }

    /// Its value; `None` for a tombstone.
    #[must_use]
    pub fn value(&self) -> Option<&[u8]> {
        self.0.payload()
    }

    /// Its headers, in their order.
    #[must_use]
    pub fn headers(&self) -> Vec<ffi::RawHeader<'_>> {
        ffi::headers(&self.0)
    }

    /// Its headers as they are, without those whose name starts with `prefix`, and with these behind them.
    pub fn headers_with<'h>(&self, prefix: &[u8], added: impl Iterator<Item = (&'h str, &'h [u8])>) -> Headers {
        let headers = ffi::copy_headers_without(&self.0, prefix);
        for (name, value) in added {
            ffi::push_header(&headers, name.as_bytes(), Some(value));
        }
        headers
    }
}
