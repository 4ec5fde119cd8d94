//! What a stranger wrote, on a terminal: nothing that it would obey, and nothing that makes other text stand where it does
//! not.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal would obey a character or show nothing for it: control characters, the marks that turn the direction
/// of text, and others without a shape.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text on one line, with what is [hidden](is_hidden) written as JSON escapes it: `\u202e`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// The same for several lines.
#[must_use]
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_hidden(c))
}

/// A JSON text with the same value, in whose strings nothing is hidden. What is below U+0020 stands between its tokens only.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    escaped(json, |c| c >= ' ' && is_hidden(c))
}

/// The first `most` characters of a text on one line, and `…` where there are more.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map(|(end, _)| end);
    let mut line = visible(&text[..end.unwrap_or(text.len())]).into_owned();
    line.push_str(if end.is_some() { "…" } else { "" });
    line
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
