//! Changing one member of a text. Every byte beside it stays as it was written.

use super::{Fault, Kind, Member, Scanner, Value, members, push_string};

/// Why a member cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// The text is not JSON.
    #[error("it is {0}")]
    NotJson(#[from] Fault),
    /// What should hold the member is not there, or is no object; its path, empty for the whole text.
    #[error("{} is no object that could hold it", if .0.is_empty() { "the value".to_owned() } else { format!("`{}`", .0) })]
    NoObject(String),
    /// The name stands there twice: which of them is meant?
    #[error("`{0}` stands there twice")]
    Twice(String),
}

/// The text with the member at `path` set to `value`, which is JSON. A member that is not there comes behind the
/// others of its object; the object itself must be there.
///
/// # Errors
/// The text is not JSON, a name on the way stands there twice, or holds no object.
pub fn set_member(text: &str, path: &[&str], value: &str) -> Result<String, EditFault> {
    let mut scanner = Scanner::new(text);
    let mut object = scanner.value()?;
    scanner.end()?;
    let (last, way) = path.split_last().map_or(("", path), |(last, way)| (*last, way));
    for (depth, name) in way.iter().enumerate() {
        let missing = || EditFault::NoObject(path[..=depth].join("."));
        object = only(object, &path[..=depth], name)?.ok_or_else(missing)?;
    }
    if object.kind != Kind::Object {
        return Err(EditFault::NoObject(way.join(".")));
    }
    let place = |part: &str| part.as_ptr().addr() - text.as_ptr().addr();
    if let Some(old) = only(object, path, last)? {
        let start = place(old.raw);
        return Ok([&text[..start], value, &text[start + old.raw.len()..]].concat());
    }
    let mut end = None;
    members(object, |member| end = Some(place(member.value.raw) + member.value.raw.len()));
    let at = end.unwrap_or_else(|| place(object.raw) + 1);
    let mut added = Vec::new();
    if end.is_some() {
        added.push(b',');
    }
    push_string(&mut added, last);
    added.push(b':');
    Ok([&text[..at], &String::from_utf8_lossy(&added), value, &text[at..]].concat())
}

/// The one member of this name.
fn only<'a>(object: Value<'a>, path: &[&str], wanted: &str) -> Result<Option<Value<'a>>, EditFault> {
    let (mut found, mut count) = (None, 0);
    members(object, |Member { name, value }| {
        if name == wanted {
            (found, count) = (Some(value), count + 1);
        }
    });
    if count > 1 { Err(EditFault::Twice(path.join("."))) } else { Ok(found) }
}
