//! Single values of the tree: text, numbers, words, durations, and lists of text.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::codes;
use super::fields::{MAX_ENTRIES, list};
use super::names::shorten;
use super::report::Report;
use super::tree::{Node, Value};
use crate::time::parse_duration;

/// The longest text that is kept, in bytes: descriptions, expressions.
pub(super) const MAX_TEXT: usize = 8192;

impl Report<'_> {
    /// A single value as text.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        self.scalar_within(node, what, MAX_TEXT)
    }

    /// A single value as text, of at most so many bytes.
    pub(super) fn scalar_within<'n>(&mut self, node: &'n Node, what: &str, most: usize) -> Option<&'n str> {
        let Value::Scalar(text) = &node.value else {
            let message = format!("{what} must be a single value, and this is {}", node.value.kind());
            self.error(codes::WRONG_KIND, &node.span, message).hint("write one value, on the line of its key");
            return None;
        };
        if text.len() > most {
            let message = format!("{what} has {} bytes; {most} is the limit", text.len());
            self.error(codes::TOO_LARGE, &node.span, message);
            return None;
        }
        Some(text)
    }

    /// A whole number in a range.
    pub(super) fn integer<N>(&mut self, node: &Node, what: &str, range: RangeInclusive<N>) -> Option<N>
    where
        N: Copy + PartialOrd + Display + TryFrom<i128> + Into<i128>,
    {
        let text = self.scalar(node, what)?;
        let Ok(value) = text.parse::<i128>() else {
            self.error(codes::BAD_VALUE, &node.span, format!("{what} must be a whole number, and this is `{text}`"))
                .hint("write digits alone, without a point or a unit");
            return None;
        };
        let within = N::try_from(value).ok().filter(|value| range.contains(value));
        if within.is_none() {
            let (least, most) = range.into_inner();
            let help =
                if value < least.into() { format!("{least} is the least") } else { format!("{most} is the most") };
            let message = format!("{what} must lie between {least} and {most}, and this is {text}");
            self.error(codes::OUT_OF_RANGE, &node.span, message).help(help);
        }
        within
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        self.word(node, what, &[("true", true), ("false", false)])
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.scalar(node, what)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let known = || words.iter().map(|(word, _)| *word);
        let all = list(known()).replace(" and ", " or ");
        let usual = switched(text).filter(|usual| known().any(|word| word == *usual));
        let help = match usual {
            Some(usual) => format!("write `{usual}`"),
            None => self.suggest(text, known()).unwrap_or_else(|| format!("write {all}")),
        };
        self.error(codes::BAD_VALUE, &node.span, format!("{what} must be {all}, and this is `{text}`")).help(help);
        None
    }

    /// A duration such as `10m` or `7d`, between two others that are written the same way.
    pub(super) fn duration(&mut self, node: &Node, what: &str, range: (&str, &str)) -> Option<Duration> {
        let text = self.scalar(node, what)?;
        let Some(value) = parse_duration(text) else {
            self.error(codes::BAD_VALUE, &node.span, format!("{what} must be a duration, and this is `{text}`"))
                .hint("write a whole number with a unit: `500ms`, `30s`, `10m`, `24h`, `7d`");
            return None;
        };
        let help = if parse_duration(range.0).is_some_and(|least| value < least) {
            format!("{} is the least", range.0)
        } else if parse_duration(range.1).is_some_and(|most| value > most) {
            format!("{} is the most", range.1)
        } else {
            return Some(value);
        };
        let message = format!("{what} must lie between {} and {}, and this is {text}", range.0, range.1);
        self.error(codes::OUT_OF_RANGE, &node.span, message).help(help);
        None
    }

    /// A list of single values, each with its node.
    pub(super) fn scalars<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, &'n Node)> {
        let items = self.items(node, what);
        let read = |item: &'n Node| Some((self.scalar(item, &format!("an entry of {what}"))?, item));
        items.into_iter().filter_map(read).collect()
    }

    /// A list, in which each entry says something.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> Vec<&'n Node> {
        match &node.value {
            Value::List(items) if items.len() <= MAX_ENTRIES => {
                let (blank, items): (Vec<_>, Vec<_>) = items.iter().partition(|item| matches!(item.value, Value::Null));
                for item in blank {
                    self.error(codes::WRONG_KIND, &item.span, format!("an entry of {what} is blank"))
                        .hint("write what is meant, or take the dash out");
                }
                items
            }
            Value::List(_) => {
                self.error(codes::TOO_LARGE, &node.span, format!("{what} has more than {MAX_ENTRIES} entries"));
                Vec::new()
            }
            other @ (Value::Null | Value::Scalar(_) | Value::Map(_)) => {
                let message = format!("{what} must be a list, and this is {}", other.kind());
                self.error(codes::WRONG_KIND, &node.span, message).help(as_list(other));
                Vec::new()
            }
        }
    }
}

/// What else people write for a switch.
fn switched(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "on" | "1" => Some("true"),
        "no" | "n" | "off" | "0" => Some("false"),
        _ => None,
    }
}

/// How to write as a list what is none.
fn as_list(value: &Value) -> String {
    match value {
        // Without the space behind it, a dash is a part of the word; the next line goes on with it.
        Value::Scalar(text) if text.starts_with('-') => {
            let word = text.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
            format!("a space follows the dash: `- {}`", shorten(word))
        }
        Value::Scalar(text) if text.len() <= 80 && !text.contains([',', '[', ']', '{', '}', '#', '\n']) => {
            format!("a list of one is written `[{text}]`")
        }
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Map(_) => {
            "write each entry on a line of its own, behind `- `".to_owned()
        }
    }
}
