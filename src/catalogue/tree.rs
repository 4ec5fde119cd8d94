//! The text of the file as a tree in which every node knows its bytes.
//!
//! Nothing is interpreted here: a scalar keeps the characters that the author wrote, so that `1.0`, `007` and `on`
//! mean what they say. Size, depth and the work that aliases cause are bounded.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, Spanned};

use super::syntax::SyntaxError;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
/// How deep the file may nest. A payload sits eight levels deep.
pub(super) const MAX_DEPTH: usize = 40;
/// How many nodes the file may have.
const MAX_NODES: usize = 400_000;
/// How many events of the reader aliases may repeat.
const MAX_REPEATED: usize = 50_000;

/// A place of the tree and what stands there.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    /// Its bytes; of a sequence or mapping only where it starts.
    pub(super) span: Range<usize>,
}

/// What stands at a place.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar, as written, without quotes.
    Scalar(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file, duplicate keys and all.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What to call it in a sentence.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// Reads the text of a file.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_documents: 1,
            flow_nesting_limit: MAX_DEPTH,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => {
            let root = node(raw, text);
            tag(&root, text).map_or(Ok(root), |span| Err(SyntaxError::of_tag(&text[span.clone()], span)))
        }
        Err(error) => Err(SyntaxError::of(&error, text)),
    }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let span = span(&raw.defined, text);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(text) => Value::Scalar(text),
        // The library has read a boolean or a number; what counts is what the author wrote.
        Raw::Typed(read) => match &text[span.clone()] {
            "" => Value::Scalar(read),
            written => Value::Scalar(written.to_owned()),
        },
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (node(key, text), node(value, text))).collect())
        }
    };
    Node { value, span }
}

/// The first tag. The reader drops it, and with it what the author meant: `when: !data.ok` would be no condition at all.
fn tag(node: &Node, text: &str) -> Option<Range<usize>> {
    match &node.value {
        Value::Null | Value::Scalar(_) => tag_of(node.span.start, text),
        Value::List(items) => items.iter().find_map(|item| tag(item, text)),
        Value::Map(entries) => entries.iter().find_map(|(key, value)| tag(key, text).or_else(|| tag(value, text))),
    }
}

/// The tag at or before the start of a scalar, on its line; one of YAML's own (`!!str`) says what is meant.
fn tag_of(start: usize, text: &str) -> Option<Range<usize>> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | ',');
    let at = if text[start..].starts_with('!') {
        start
    } else {
        let before = text[..start].trim_end_matches([' ', '\t']);
        before.rfind(|c| blank(c) || matches!(c, '[' | '{')).map_or(0, |at| at + 1)
    };
    let rest = &text[at..];
    let tagged = rest.starts_with('!') && !rest.starts_with("!!");
    tagged.then(|| at..at + rest.find(|c| blank(c) || matches!(c, ']' | '}')).unwrap_or(rest.len()))
}

/// The bytes of a node, on character boundaries whatever the library says.
fn span(place: &Location, text: &str) -> Range<usize> {
    let bytes = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let start = bytes(place.span().byte_offset()).min(text.len());
    let end = start.saturating_add(bytes(place.span().byte_len())).min(text.len());
    if text.is_char_boundary(start) && text.is_char_boundary(end) { start..end } else { 0..0 }
}

/// What the library hands over.
enum Raw {
    Null,
    Text(String),
    Typed(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a mapping")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Raw, E> {
        Err(E::custom("binary values have no place in a catalogue"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map: Vec<(Spanned<Raw>, Spanned<Raw>)> = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
