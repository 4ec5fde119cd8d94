//! Texts eight bytes at a time: which bytes of a word are those that are looked for.
//!
//! What is found has the high bit of its byte set. Exact is the lowest bit set: bits above it may be set wrongly.

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

/// The bytes that are below this ASCII byte.
#[inline]
pub(crate) const fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(ONES * byte as u64) & !word & HIGHS
}

/// The bytes that are this ASCII byte.
#[inline]
pub(crate) const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * byte as u64), 1)
}

/// The bytes that are no ASCII, exactly.
#[inline]
pub(crate) const fn beyond_ascii(word: u64) -> u64 {
    word & HIGHS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_word_is_its_bytes_and_then_blanks(bytes in any::<Vec<u8>>(), at in any::<prop::sample::Index>()) {
            let at = at.index(bytes.len() + 1);
            let expected: Vec<_> = bytes[at..].iter().copied().chain([b' '; 8]).take(8).collect();
            prop_assert_eq!(word(&bytes, at).to_le_bytes().to_vec(), expected);
        }

        #[test]
        fn the_first_that_is_found_is_the_first(
            (byte, bytes) in (1..0x80_u8).prop_flat_map(|byte| {
                // What a mask could take for it, more often than not.
                let near = prop::sample::select(vec![byte, byte ^ 1, byte - 1, byte + 1, byte | 0x80, 0, 0xff]);
                (Just(byte), prop::array::uniform8(prop_oneof![near, any::<u8>()]))
            })
        ) {
            let word = u64::from_le_bytes(bytes);
            let first = |found: u64| (found != 0).then(|| found.trailing_zeros() as usize / 8);
            prop_assert_eq!(first(equal(word, byte)), bytes.iter().position(|&one| one == byte));
            prop_assert_eq!(first(below(word, byte)), bytes.iter().position(|&one| one < byte));
            prop_assert_eq!(first(beyond_ascii(word)), bytes.iter().position(|&one| one >= 0x80));
        }
    }
}
