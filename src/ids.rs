//! Names and ids as types of their own, so that a tenant is never passed where an event type is meant.
//!
//! Derived ids are a function of what they derive from and of nothing else: a replay makes the same id.

use std::fmt;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};
use uuid::{Builder, Uuid};

use crate::swar::{beyond_key, word};

/// The index of an event type in its catalogue. Cheap to copy, valid only with the catalogue that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The index as a `usize`, for slices that have one element an event type.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A topic that is read, by the order in which a process came to know it. Unlike a [`TypeId`] it outlives its catalogue:
/// it never stands for another topic, so what is kept from batch to batch is kept under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The index as a `usize`, for slices that have one element a topic.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The index of a module in its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

impl ModuleId {
    /// The index as a `usize`.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The offset of a record: where it stands in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordOffset(pub i64);

impl RecordOffset {
    /// The position of a reader that has just read this record.
    #[must_use]
    pub const fn next(self) -> Position {
        Position(self.0 + 1)
    }
}

/// A reader's position in a partition: the offset of the next record that it will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(pub i64);

/// The first sixteen hex digits of the SHA-256 of a catalogue's text: which rules decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CatalogueDigest(Arc<str>);

impl CatalogueDigest {
    /// The digest of a catalogue's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        use sha2::{Digest as _, Sha256};
        Self(hex(&Sha256::digest(text.as_bytes())[..8]).into())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CatalogueDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case hex digits of some bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends the lower-case hex digits of some bytes.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let start = out.len();
    out.resize(start + bytes.len() * 2, 0);
    for (pair, byte) in out[start..].chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// The longest tenant id, in bytes (decision 45).
pub const MAX_TENANT_BYTES: usize = 128;
/// The longest event id, in bytes (decision 30).
pub const MAX_EVENT_ID_BYTES: usize = 128;
/// The longest entity id, in bytes (decision 45).
pub const MAX_ENTITY_BYTES: usize = 512;

/// Whether a text is a tenant id: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}` (decision 45).
#[must_use]
pub fn is_tenant_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= MAX_TENANT_BYTES
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The name space of derived ids. Never changed: with it, every derived id would.
const DERIVED: Uuid = Uuid::from_u128(0x6f1d_3c1e_52b7_5d0a_9a51_7265_7662_7573);

/// The id of the event that a trigger derives from a source event (decision 38): `evt_` and the UUIDv5 of
/// tenant, source event type, source event id and trigger, each behind its length as eight bytes, big end first.
#[must_use]
pub fn derived_event_id(tenant: &str, source_type: &str, source_id: &str, trigger: &str) -> Uuid {
    let mut sha = Sha1::new();
    sha.update(DERIVED.as_bytes());
    for part in [tenant, source_type, source_id, trigger] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    let digest = sha.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

/// A new event id: `evt_` and a UUIDv7 of the given time and random bytes.
#[must_use]
pub fn new_event_id(now: crate::time::Timestamp, random: &[u8; 10]) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    format!("evt_{}", Builder::from_unix_timestamp_millis(millis, random).into_uuid())
}

/// Appends a Kafka key: `tenant/entity`, each part percent-encoded (decisions 44 and 67), so that no two pairs
/// of tenant and entity share a key.
pub fn push_key(out: &mut Vec<u8>, tenant: &str, entity: &str) {
    push_key_part(out, tenant);
    out.push(b'/');
    push_key_part(out, entity);
}

/// Whether a part of a key stands there as it is, and surely so: printable ASCII without `%` and `/`.
#[must_use]
pub fn is_plain_key_part(part: &[u8]) -> bool {
    let (mut at, mut special) = (0, 0);
    while at < part.len() {
        special |= beyond_key(word(part, at));
        at += 8;
    }
    special == 0
}

/// Appends one part of a key: `%`, `/`, C0, DEL and C1 percent-encoded as UTF-8 bytes in upper-case hex.
pub fn push_key_part(out: &mut Vec<u8>, part: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if is_plain_key_part(part.as_bytes()) {
        return out.extend_from_slice(part.as_bytes());
    }
    let mut plain = 0;
    for (at, c) in part.char_indices() {
        if c.is_control() || matches!(c, '%' | '/') {
            out.extend_from_slice(&part.as_bytes()[plain..at]);
            plain = at + c.len_utf8();
            for byte in &part.as_bytes()[at..plain] {
                out.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
        }
    }
    out.extend_from_slice(&part.as_bytes()[plain..]);
}

#[cfg(test)]
mod tests;
