//! Single values of the tree: text, numbers, words, durations, and lists of text.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::codes;
use super::fields::{MAX_ENTRIES, list};
use super::report::Report;
use super::tree::{Node, Value};
use crate::time::parse_duration;

/// The longest text that is kept, in bytes: descriptions, expressions.
pub(super) const MAX_TEXT: usize = 8192;

impl Report<'_> {
    /// A single value as text.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let Value::Scalar(text) = &node.value else {
            let message = format!("{what} must be a single value, and this is {}", node.value.kind());
            self.error(codes::WRONG_KIND, &node.span, message);
            return None;
        };
        if text.len() > MAX_TEXT {
            self.error(codes::TOO_LARGE, &node.span, format!("{what} is longer than {MAX_TEXT} bytes"));
            return None;
        }
        Some(text)
    }

    /// A whole number in a range.
    pub(super) fn integer(&mut self, node: &Node, what: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.scalar(node, what)?;
        let Ok(value) = text.parse::<i128>() else {
            self.error(codes::BAD_VALUE, &node.span, format!("{what} must be a whole number, and this is `{text}`"));
            return None;
        };
        let value = u32::try_from(value).ok().filter(|value| range.contains(value));
        if value.is_none() {
            let message = format!("{what} must lie between {} and {}, and this is {text}", range.start(), range.end());
            self.error(codes::OUT_OF_RANGE, &node.span, message);
        }
        value
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
        let help = self.suggest(text, words.iter().map(|(word, _)| *word));
        let all = list(words.iter().map(|(word, _)| *word)).replace(" and ", " or ");
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
        let within = |least: Option<Duration>, most: Option<Duration>| {
            least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
        };
        if within(parse_duration(range.0), parse_duration(range.1)) {
            return Some(value);
        }
        let message = format!("{what} must lie between {} and {}, and this is {text}", range.0, range.1);
        self.error(codes::OUT_OF_RANGE, &node.span, message);
        None
    }

    /// A list of single values, each with its node.
    pub(super) fn scalars<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, &'n Node)> {
        let items = self.items(node, what);
        items.iter().filter_map(|item| Some((self.scalar(item, &format!("an entry of {what}"))?, item))).collect()
    }

    /// A list.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) if items.len() <= MAX_ENTRIES => items,
            Value::List(_) => {
                self.error(codes::TOO_LARGE, &node.span, format!("{what} has more than {MAX_ENTRIES} entries"));
                &[]
            }
            other @ (Value::Null | Value::Scalar(_) | Value::Map(_)) => {
                let message = format!("{what} must be a list, and this is {}", other.kind());
                self.error(codes::WRONG_KIND, &node.span, message);
                &[]
            }
        }
    }
}
