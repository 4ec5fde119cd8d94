//! Finding the bytes of a string that are not plain text.

use crate::swar::{special, word};

/// The next byte, from `from` on, that is a quote, a backslash or a control character.
#[inline]
pub(super) fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        let found = special(word(bytes, at));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    None
}
