//! Brackets in the text of an expression that compiled: those in strings and comments are none.

use std::ops::Range;

/// An extent without blanks and without brackets around it.
pub(super) fn bare(text: &str, mut extent: Range<usize>) -> Range<usize> {
    loop {
        let part = text.get(extent.clone()).unwrap_or_default();
        let start = extent.start + (part.len() - part.trim_start().len());
        extent = start..start + part.trim().len();
        match wrapped(text, &extent) {
            Some(inner) => extent = inner,
            None => return extent,
        }
    }
}

/// What stands between the brackets, where the first one is closed by the last character.
fn wrapped(text: &str, extent: &Range<usize>) -> Option<Range<usize>> {
    let part = text.get(extent.clone())?;
    if !part.starts_with('(') {
        return None;
    }
    let (mut depth, mut closed) = (0_usize, None);
    for (at, byte) in code(part) {
        depth = deeper(depth, byte);
        if depth == 0 {
            closed = Some(at);
            break;
        }
    }
    (closed? + 1 == part.len()).then_some(extent.start + 1..extent.end - 1)
}

/// The first colon of an extent that stands in no brackets.
pub(super) fn outer_colon(text: &str, extent: Range<usize>) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code(text.get(extent.clone())?) {
        depth = deeper(depth, byte);
        if byte == b':' && depth == 0 {
            return Some(extent.start + at);
        }
    }
    None
}

const fn deeper(depth: usize, byte: u8) -> usize {
    match byte {
        b'(' | b'[' | b'{' => depth + 1,
        b')' | b']' | b'}' => depth.saturating_sub(1),
        _ => depth,
    }
}

/// The bytes of a text that stand neither in a string nor in a comment.
fn code(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let byte = *bytes.get(at)?;
            if bytes[at..].starts_with(b"//") {
                at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            } else if matches!(byte, b'"' | b'\'') {
                let raw = at > 0 && matches!(bytes[at - 1], b'r' | b'R');
                at = end_of_string(bytes, at, raw);
            } else {
                at += 1;
                return Some((at - 1, byte));
            }
        }
    })
}

/// The byte behind a string that begins here.
fn end_of_string(bytes: &[u8], start: usize, raw: bool) -> usize {
    let quote = bytes[start];
    let triple = [quote; 3];
    let close: &[u8] = if bytes[start..].starts_with(&triple) { &triple } else { &triple[..1] };
    let mut at = start + close.len();
    while at < bytes.len() && !bytes[at..].starts_with(close) {
        at += if bytes[at] == b'\\' && !raw { 2 } else { 1 };
    }
    (at + close.len()).min(bytes.len())
}
