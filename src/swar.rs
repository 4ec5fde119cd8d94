//! Texts eight bytes at a time: which bytes of a word are those that are looked for.
//!
//! A byte less one has its high bit set if it was zero, or had it set before; so a byte that is looked for is made zero,
//! or smaller than what is taken from it. What is taken from a smaller byte is borrowed from the next, which may then
//! seem found too: exact are the lowest bit set, and that none is.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const BLANKS: u64 = ONES * 0x20;

/// The eight bytes from `at` on, which is no more than the length; the first one lowest. Behind the end stand blanks.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    let missing = 8 * (8 - rest.len());
    let word = match bytes.last_chunk() {
        Some(eight) => u64::from_le_bytes(*eight).unbounded_shr(missing as u32),
        None => rest.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    word | BLANKS.unbounded_shl(64 - missing as u32)
}

/// The bytes that cannot stand in a JSON string as they are: quotes, backslashes, control characters.
#[inline]
pub(crate) const fn special(word: u64) -> u64 {
    // With its second bit turned over, a quote comes right behind the control characters, which stay among themselves.
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHS
}

/// Whether any byte is not printable ASCII, or `%`, or `/`: zero if none is.
#[inline]
pub(crate) const fn beyond_key(word: u64) -> u64 {
    let percent = (word ^ (ONES * b'%' as u64)).wrapping_sub(ONES);
    let slash = (word ^ (ONES * b'/' as u64)).wrapping_sub(ONES);
    let delete = (word ^ (ONES * 0x7f)).wrapping_sub(ONES);
    (percent | slash | delete | word.wrapping_sub(BLANKS) | word) & HIGHS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words of which any byte may be one that is looked for, or near one.
    fn words() -> impl Strategy<Value = [u8; 8]> {
        let near = prop::sample::select(&b"\"\\%/ !#$&[].0\0\x01\x1f\x7e\x7f\x80\xa0\xa2\xa5\xaf\xdc\xff"[..]);
        prop::array::uniform8(prop_oneof![near, any::<u8>()])
    }

    proptest! {
        #[test]
        fn a_word_is_its_bytes_and_then_blanks(bytes in any::<Vec<u8>>(), at in any::<prop::sample::Index>()) {
            let at = at.index(bytes.len() + 1);
            let expected: Vec<_> = bytes[at..].iter().copied().chain([b' '; 8]).take(8).collect();
            prop_assert_eq!(word(&bytes, at).to_le_bytes().to_vec(), expected);
        }

        #[test]
        fn the_first_that_is_special_is_found(bytes in words()) {
            let found = special(u64::from_le_bytes(bytes));
            let first = (found != 0).then(|| found.trailing_zeros() as usize / 8);
            let is_special = |&one: &u8| one < 0x20 || matches!(one, b'"' | b'\\');
            prop_assert_eq!(first, bytes.iter().position(is_special));
        }

        #[test]
        fn whatever_may_not_stand_in_a_key_is_seen(bytes in words()) {
            let plain = |one: &u8| matches!(one, 0x20..=0x7e) && !matches!(one, b'%' | b'/');
            prop_assert_eq!(beyond_key(u64::from_le_bytes(bytes)) == 0, bytes.iter().all(plain));
        }
    }
}
