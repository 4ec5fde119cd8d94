//! JSON over several lines, for people. Every number and string stays as it was written.

use super::{Kind, Member, Scanner, Value, elements, members, push_string};

/// A JSON text with one member or element a line; a text that is not JSON stays as it is.
#[must_use]
pub fn pretty(text: &str) -> String {
    let Ok(value) = Scanner::new(text).value() else { return text.to_owned() };
    let mut out = Vec::with_capacity(text.len() * 2);
    push(value, 0, &mut out);
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn push(value: Value<'_>, depth: usize, out: &mut Vec<u8>) {
    let (open, close) = match value.kind {
        Kind::Object => (b'{', b'}'),
        Kind::Array => (b'[', b']'),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String(_) => {
            return out.extend_from_slice(value.raw.as_bytes());
        }
    };
    out.push(open);
    let mut empty = true;
    let mut next = |out: &mut Vec<u8>| {
        if !std::mem::take(&mut empty) {
            out.push(b',');
        }
        new_line(depth + 1, out);
    };
    members(value, |Member { name, value }| {
        next(out);
        push_string(out, &name);
        out.extend_from_slice(b": ");
        push(value, depth + 1, out);
    });
    elements(value, |value| {
        next(out);
        push(value, depth + 1, out);
    });
    if !empty {
        new_line(depth, out);
    }
    out.push(close);
}

fn new_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', depth * 2));
}
