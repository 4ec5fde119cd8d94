//! Headers as the bus handles them: bytes for names, bytes or null for values.

use rdkafka::message::OwnedHeaders;

use super::ffi;

pub use ffi::{RawHeader, copy_headers_without, headers};

/// Headers to send, in this order.
#[must_use]
pub fn build(headers: &[RawHeader<'_>]) -> OwnedHeaders {
    let out = OwnedHeaders::new_with_capacity(headers.len());
    for (name, value) in headers {
        ffi::push_header(&out, name, *value);
    }
    out
}

#[cfg(test)]
mod tests;
