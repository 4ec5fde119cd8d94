//! Strings and their escapes.

use super::super::{Escapes, Fault, strings};
use super::Scanner;

impl Scanner<'_> {
    /// Reads a string; the scanner stands on its first quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Escapes, Fault> {
        match strings::next_special(self.text.as_bytes(), self.at + 1) {
            Some(at) if self.text.as_bytes()[at] == b'"' => {
                self.at = at + 1;
                Ok(Escapes::None)
            }
            _ => self.string_beyond_plain(),
        }
    }

    /// The same, one that is more than plain text, or never ends.
    fn string_beyond_plain(&mut self) -> Result<Escapes, Fault> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            match strings::next_special(bytes, self.at) {
                Some(at) if bytes[at] == b'"' => {
                    self.at = at + 1;
                    return Ok(Escapes::Some);
                }
                Some(at) if bytes[at] == b'\\' => {
                    self.at = at;
                    self.escape()?;
                }
                Some(at) => return Err(Fault::Syntax { at, expected: "no control character inside a string" }),
                None => return Err(Fault::Syntax { at: bytes.len(), expected: "the end of the string" }),
            }
        }
    }

    /// Reads an escape; the scanner stands on its backslash.
    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => match self.code_unit()? {
                0xdc00..=0xdfff => self.lone(start),
                0xd800..=0xdbff if self.text.as_bytes()[self.at..].starts_with(b"\\u") => {
                    let second = self.at;
                    self.at += 1;
                    if (0xdc00..=0xdfff).contains(&self.code_unit()?) {
                        return Ok(());
                    }
                    // The second may begin a pair of its own.
                    self.at = second;
                    self.lone(start)
                }
                0xd800..=0xdbff => self.lone(start),
                _ => Ok(()),
            },
            _ => self.expected("an escape"),
        }
    }

    fn lone(&mut self, at: usize) -> Result<(), Fault> {
        self.lone_surrogate.get_or_insert(at);
        Ok(())
    }

    /// Reads `uXXXX`; the scanner stands on the `u`.
    fn code_unit(&mut self) -> Result<u32, Fault> {
        let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).unwrap_or_default();
        let mut unit = 0;
        for &digit in digits {
            match char::from(digit).to_digit(16) {
                Some(value) => unit = unit * 16 + value,
                None => return self.expected("four hex digits"),
            }
        }
        if digits.len() < 4 {
            return self.expected("four hex digits");
        }
        self.at += 5;
        Ok(unit)
    }
}
