//! A strict JSON scanner that borrows: it checks a text in one pass and hands out slices of it.
//!
//! It gives the verdict of `serde_json` on every text (a property test holds the two together), and is stricter in
//! three ways that the wire contract asks for: nesting is bounded, a lone surrogate is reported wherever it stands,
//! and the caller sees every name, so that it can refuse one that stands twice. Nothing is allocated and no value is
//! rewritten: what is valid passes as it was written.

mod edit;
mod pretty;
mod scanner;
mod strings;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use edit::{EditFault, set_member};
pub use pretty::pretty;
pub use scanner::{MemberName, Scanner};

/// The deepest nesting that is read (decision 68): the outermost object is at depth 1.
pub const MAX_DEPTH: u32 = 64;

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its bytes, without blanks around it.
    pub raw: &'a str,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number token.
    Number,
    /// A string.
    String(Escapes),
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

/// Whether a string has escapes, and so must be decoded before it can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// None: the bytes between the quotes are the text.
    None,
    /// Some.
    Some,
}

impl<'a> Value<'a> {
    /// The text of a string, decoded; `None` for anything else.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            Kind::String(escapes) => Some(decode(self.raw, escapes)),
            Kind::Null | Kind::Bool(_) | Kind::Number | Kind::Array | Kind::Object => None,
        }
    }

    /// The kind's name in sentences, with its article.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number => "a number",
            Kind::String(_) => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The name, decoded.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: Value<'a>,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not JSON at this byte.
    #[error("not JSON at byte {at}: expected {expected}")]
    Syntax {
        /// The byte, from 0.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than 64")]
    TooDeep,
}

/// The members of an object that was scanned before; nothing for any other value.
pub fn members<'a>(object: Value<'a>, mut visit: impl FnMut(Member<'a>)) {
    let mut scanner = Scanner::new(object.raw);
    // It was scanned before, so there is no fault to tell of.
    let _ = scanner.object(|name, scanner| {
        let value = scanner.value()?;
        visit(Member { name, value });
        Ok(())
    });
}

/// The elements of an array that was scanned before; nothing for any other value.
pub fn elements<'a>(array: Value<'a>, mut visit: impl FnMut(Value<'a>)) {
    let mut scanner = Scanner::new(array.raw);
    // As in `members`.
    let _ = scanner.array(|scanner| {
        visit(scanner.value()?);
        Ok(())
    });
}

/// Decodes a quoted string that was scanned before.
fn decode(quoted: &str, escapes: Escapes) -> Cow<'_, str> {
    let inner = &quoted[1..quoted.len() - 1];
    match escapes {
        Escapes::None => Cow::Borrowed(inner),
        // A lone surrogate has no text; it is reported by the scanner, and what it stands in is refused.
        Escapes::Some => Cow::Owned(serde_json::from_str(quoted).unwrap_or_else(|_| inner.to_owned())),
    }
}

/// Appends a text as a JSON string.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    push_behind(out, "\"", text);
}

/// Appends a text as a JSON string behind what stands before it, the first quote included: a member's name and all around
/// it are one piece then.
#[inline]
pub fn push_behind(out: &mut Vec<u8>, before: &'static str, text: &str) {
    debug_assert!(before.ends_with('"'), "a string begins with a quote");
    out.extend_from_slice(before.as_bytes());
    push_inner(out, text.as_bytes());
}

/// Appends the text of a string, and its last quote.
fn push_inner(out: &mut Vec<u8>, text: &[u8]) {
    match strings::next_special(text, 0) {
        None => out.extend_from_slice(text),
        Some(_) => push_escaped(out, text),
    }
    out.push(b'"');
}

/// The text of a string of which some bytes must be escaped.
#[cold]
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut plain = 0;
    while let Some(at) = strings::next_special(bytes, plain) {
        out.extend_from_slice(&bytes[plain..at]);
        match bytes[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[DIGITS[usize::from(control >> 4)], DIGITS[usize::from(control & 15)]]);
            }
        }
        plain = at + 1;
    }
    out.extend_from_slice(&bytes[plain..]);
}
