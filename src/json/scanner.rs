//! The scanner: one pass, no allocation, recursion bounded by [`MAX_DEPTH`].

mod string;

use std::borrow::Cow;

use super::{Fault, Kind, MAX_DEPTH, Value, decode};

/// Reads one JSON text from its beginning to its end.
#[derive(Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    lone_surrogate: Option<usize>,
}

/// The name of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberName<'a> {
    /// One of those known, by its index.
    Known(usize),
    /// Another.
    Other(Cow<'a, str>),
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning of a text.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, lone_surrogate: None }
    }

    /// A scanner of a text that lies this deep in another.
    #[must_use]
    pub const fn inside(text: &'a str, depth: u32) -> Self {
        Self { depth, ..Self::new(text) }
    }

    /// The byte of the first lone surrogate seen so far.
    #[must_use]
    pub const fn lone_surrogate(&self) -> Option<usize> {
        self.lone_surrogate
    }

    /// Reads an object; `visit` must read each member's value from the scanner that it is given.
    ///
    /// # Errors
    /// The first fault, the visitor's included.
    pub fn object(&mut self, visit: impl FnMut(Cow<'a, str>, &mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.members(Self::name, visit)
    }

    /// Reads an object of which some names are known: faster where its members come in the order of that list, in which no
    /// name stands twice, and none has a quote or a backslash.
    ///
    /// # Errors
    /// The first fault, the visitor's included.
    pub fn object_knowing(
        &mut self,
        known: &[&str],
        visit: impl FnMut(MemberName<'a>, &mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut next = 0;
        self.members(|scanner| scanner.name_knowing(known, &mut next), visit)
    }

    #[inline]
    fn members<N>(
        &mut self,
        mut name: impl FnMut(&mut Self) -> Result<N, Fault>,
        mut visit: impl FnMut(N, &mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.skip_blanks();
        self.open(b'{', "an object")?;
        if !self.closes(b'}') {
            loop {
                self.skip_blanks();
                if self.peek() != Some(b'"') {
                    return self.expected("a name in quotes");
                }
                let name = name(self)?;
                self.skip_blanks();
                self.byte(b':', "a colon")?;
                visit(name, self)?;
                if !self.another(b'}', "a comma or the end of the object")? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array; `visit` must read each element from the scanner that it is given.
    ///
    /// # Errors
    /// The first fault, the visitor's included.
    pub fn array(&mut self, mut visit: impl FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.skip_blanks();
        self.open(b'[', "an array")?;
        if !self.closes(b']') {
            loop {
                visit(self)?;
                if !self.another(b']', "a comma or the end of the array")? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads any value whole.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn value(&mut self) -> Result<Value<'a>, Fault> {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => Kind::String(self.string()?),
            Some(b'{') => {
                self.object(|_, scanner| scanner.value().map(drop))?;
                Kind::Object
            }
            Some(b'[') => {
                self.array(|scanner| scanner.value().map(drop))?;
                Kind::Array
            }
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return self.expected("a value"),
        };
        Ok(Value { raw: &self.text[start..self.at], kind })
    }

    /// Whether an object comes next, without reading it; blanks in front of it are skipped.
    #[must_use]
    pub fn next_is_object(&mut self) -> bool {
        self.skip_blanks();
        self.peek() == Some(b'{')
    }

    /// The same of an array.
    #[must_use]
    pub fn next_is_array(&mut self) -> bool {
        self.skip_blanks();
        self.peek() == Some(b'[')
    }

    /// The byte that is read next, for slices around what a visitor read.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// What was read since a [`position`](Self::position).
    #[must_use]
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Whether the text ends here.
    ///
    /// # Errors
    /// Anything but blanks behind the value.
    pub fn end(&mut self) -> Result<(), Fault> {
        self.skip_blanks();
        if self.at == self.text.len() { Ok(()) } else { self.expected("the end of the text") }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        // Mostly there is none, which one comparison tells.
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    const fn expected<T>(&self, expected: &'static str) -> Result<T, Fault> {
        Err(Fault::Syntax { at: self.at, expected })
    }

    fn byte(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return self.expected(expected);
        }
        self.at += 1;
        Ok(())
    }

    fn open(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        self.byte(byte, expected)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::TooDeep) } else { Ok(()) }
    }

    /// Whether the object or array that was just opened is empty; if so, it is closed.
    fn closes(&mut self, close: u8) -> bool {
        self.skip_blanks();
        let closes = self.peek() == Some(close);
        self.at += usize::from(closes);
        closes
    }

    /// Behind a member or an element: whether another follows; if not, the end is read.
    fn another(&mut self, close: u8, expected: &'static str) -> Result<bool, Fault> {
        self.skip_blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => self.expected(expected),
        }
    }

    fn word(&mut self, word: &'static str, kind: Kind) -> Result<Kind, Fault> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.expected("a value");
        }
        self.at += word.len();
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.expected("a digit") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    /// Reads a name; the scanner stands on its first quote.
    fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        let escapes = self.string()?;
        Ok(decode(&self.text[start..self.at], escapes))
    }

    /// Reads a name; the known ones from `next` on are looked for before it is read as a string.
    fn name_knowing(&mut self, known: &[&str], next: &mut usize) -> Result<MemberName<'a>, Fault> {
        let quoted = &self.text.as_bytes()[self.at + 1..];
        let stands = |name: &str| quoted.get(name.len()) == Some(&b'"') && quoted.starts_with(name.as_bytes());
        let index = if let Some(index) = (*next..known.len()).find(|&index| stands(known[index])) {
            self.at += known[index].len() + 2;
            index
        } else {
            let name = self.name()?;
            let Some(index) = known.iter().position(|known| *known == name) else { return Ok(MemberName::Other(name)) };
            index
        };
        *next = index + 1;
        Ok(MemberName::Known(index))
    }
}
