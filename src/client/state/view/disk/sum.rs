//! Values in the file, each with a checksum behind it: what a disk has made of one must not pass for what was written.

use std::hash::Hasher as _;

use redb::Error;
use siphasher::sip::SipHasher13;

/// How long a checksum is.
pub(super) const LENGTH: usize = 8;

/// Of a key and its value.
fn sum(key: &[u8], value: &[u8]) -> [u8; LENGTH] {
    let mut hasher = SipHasher13::new();
    hasher.write(key);
    hasher.write(value);
    hasher.finish().to_le_bytes()
}

/// Puts a value and its checksum into `out`, which loses what it has.
pub(super) fn put<'o>(key: &[u8], value: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
    out.clear();
    out.extend_from_slice(value);
    out.extend_from_slice(&sum(key, value));
    out
}

/// The value of what stands under a key.
pub(super) fn check<'v>(key: &[u8], summed: &'v [u8]) -> Result<&'v [u8], Error> {
    match summed.split_last_chunk() {
        Some((value, known)) if sum(key, value) == *known => Ok(value),
        Some(_) | None => Err(Error::Corrupted("a value is not the one that was written".to_owned())),
    }
}
