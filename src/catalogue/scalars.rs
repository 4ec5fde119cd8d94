//! Where the characters of a scalar stand in the file: quotes, escapes, folded lines and indentation taken into account.
//!
//! The reader gives a scalar's text and the bytes of the whole. The two are laid side by side here, and what does not
//! fit is not guessed at.

use std::ops::Range;

/// The bytes of each character of a scalar's text, counted from where the scalar starts; `None` where what is written
/// does not read like that.
pub(super) fn places(written: &str, text: &str) -> Option<Vec<Range<usize>>> {
    // A block may begin with a quote too, so the first that fits counts.
    [quoted(written, '"'), quoted(written, '\''), Some(raw(written, 0))]
        .into_iter()
        .flatten()
        .find_map(|pieces| align(&pieces, text))
}

/// A character that is written, and whether it stands for itself.
#[derive(Clone, Copy)]
struct Piece {
    c: char,
    start: usize,
    end: usize,
    kind: Written,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As itself: white space may be folded.
    Raw,
    /// As itself in double quotes, where white space is folded by the count of its lines.
    InDouble,
    /// As an escape.
    Escape,
}

impl Piece {
    fn may_fold(&self) -> bool {
        self.kind != Written::Escape && is_blank(self.c)
    }
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn raw(written: &str, start: usize) -> Vec<Piece> {
    let piece = |(at, c): (usize, char)| {
        let start = start + at;
        Piece { c, start, end: start + c.len_utf8(), kind: Written::Raw }
    };
    written.char_indices().map(piece).collect()
}

/// What stands between two quotes.
fn quoted(written: &str, quote: char) -> Option<Vec<Piece>> {
    let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote == '"' {
        return escaped(inner);
    }
    let mut pieces = raw(inner, 1);
    // Of two quotes, the first stands for both.
    let mut at = 0;
    while at + 1 < pieces.len() {
        if pieces[at].c == quote && pieces[at + 1].c == quote {
            pieces[at].end = pieces.remove(at + 1).end;
            pieces[at].kind = Written::Escape;
        }
        at += 1;
    }
    Some(pieces)
}

/// What stands between double quotes, escapes resolved.
fn escaped(inner: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = inner[at..].chars().next() {
        let start = at;
        at += c.len_utf8();
        if c != '\\' {
            pieces.push(Piece { c, start: start + 1, end: at + 1, kind: Written::InDouble });
            continue;
        }
        let (c, length) = escape(&inner[at..])?;
        at += length;
        match c {
            Some(c) => pieces.push(Piece { c, start: start + 1, end: at + 1, kind: Written::Escape }),
            // The line goes on behind the indentation of the next one.
            None => at += inner[at..].len() - inner[at..].trim_start_matches([' ', '\t']).len(),
        }
    }
    Some(pieces)
}

/// The character that stands behind a backslash (none for the end of a line), and the bytes that it takes.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let hex = |digits: usize| {
        let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), digits + 1))
    };
    let c = match rest.chars().next()? {
        'x' => return hex(2),
        'u' => return hex(4),
        'U' => return hex(8),
        '\n' => return Some((None, 1)),
        '\r' => return Some((None, if rest[1..].starts_with('\n') { 2 } else { 1 })),
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        c @ (' ' | '"' | '/' | '\\') => c,
        _ => return None,
    };
    Some((Some(c), 1))
}

/// Lays a text beside what is written. White space over the end of a line reads as other white space, or none.
fn align(pieces: &[Piece], text: &str) -> Option<Vec<Range<usize>>> {
    let text: Vec<char> = text.chars().collect();
    let mut places = Vec::with_capacity(text.len());
    let mut at = 0;
    // A block starts with its first line that is not empty.
    if pieces.first().is_some_and(|piece| piece.kind == Written::Raw && !is_blank(piece.c)) {
        places.extend(text.iter().take_while(|c| **c == '\n').map(|_| 0..0));
    }
    while places.len() < text.len() {
        let rest = &text[places.len()..];
        let run = pieces.get(at..)?.iter().take_while(|piece| piece.may_fold()).count();
        let lines = pieces[at..at + run].iter().filter(|piece| piece.c == '\n').count();
        if lines > 0 {
            let blanks = rest.iter().take_while(|c| is_blank(**c)).count();
            let read = if pieces[at].kind == Written::InDouble { lines.saturating_sub(1).max(1) } else { blanks };
            if read > blanks {
                return None;
            }
            places.extend(std::iter::repeat_n(pieces[at].start..pieces[at].end, read));
            at += run;
            continue;
        }
        match pieces.get(at) {
            Some(piece) if piece.c == rest[0] => places.push(piece.start..piece.end),
            // A block's last line may have no end.
            None if rest == ['\n'] => places.push(pieces.last()?.end..pieces.last()?.end),
            Some(_) | None => return None,
        }
        at += 1;
    }
    Some(places)
}

#[cfg(test)]
mod tests;
