//! Reading a value as the router writes it, in one pass. What was written in another way is the general reader's.

use std::borrow::Cow;

use super::{Author, Version, Written};
use crate::json::Scanner;
use crate::time::Timestamp;

/// What is left of a text.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn word(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at(end);
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// Up to a quote, where nothing is escaped.
    fn text(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }
}

/// A value's write, and its state, which is an object.
pub(super) fn read(value: &[u8]) -> Option<(Written<'_>, &str)> {
    let mut rest = Rest(std::str::from_utf8(value).ok()?);
    rest.word("{\"v\":1,\"version\":")?;
    let version = Version(rest.number()?);
    rest.word(",\"written_at\":\"")?;
    let (at, _) = Timestamp::parse(rest.text()?)?;
    rest.word(",\"written_by\":{\"module\":\"")?;
    let module = Cow::Borrowed(rest.text()?);
    let user = match rest.word(",\"user_id\":\"") {
        Some(()) => Some(Cow::Borrowed(rest.text()?)),
        None => None,
    };
    rest.word("},\"event_id\":\"")?;
    let event_id = Cow::Borrowed(rest.text()?);
    rest.word(",\"state\":")?;
    let mut scanner = Scanner::new(rest.0);
    let state = rest.0.starts_with('{').then(|| scanner.value().ok())??;
    let written = Written { version, at, by: Author { module, user }, event_id };
    (&rest.0[scanner.position()..] == "}").then_some((written, state.raw))
}
