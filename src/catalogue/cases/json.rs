//! YAML as JSON, for the events of cases.

use super::super::codes;
use super::super::fields::entries;
use super::super::report::Report;
use super::super::tree::{Node, Value};
use crate::json::{Kind, Scanner, push_string};

/// Appends a node as JSON. What is written without quotes as JSON writes a number or a boolean is one, digit for
/// digit; every other single value is a text.
pub(super) fn push(report: &mut Report<'_>, node: &Node, out: &mut Vec<u8>) {
    match &node.value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Scalar(text) if is_plain(report.text(), node, text) && is_literal(text) => {
            out.extend_from_slice(text.as_bytes());
        }
        Value::Scalar(text) => push_string(out, text),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                push(report, item, out);
            }
            out.push(b']');
        }
        Value::Map(_) => {
            out.push(b'{');
            for (index, entry) in entries(report, node, "an object").unwrap_or_default().into_iter().enumerate() {
                separate(index, out);
                push_string(out, entry.key);
                out.push(b':');
                push(report, entry.value, out);
            }
            out.push(b'}');
        }
    }
}

/// A node that must be an object, as JSON; an empty one where it is none.
pub(super) fn object(report: &mut Report<'_>, node: &Node, what: &str) -> Vec<u8> {
    if !matches!(node.value, Value::Map(_)) {
        let message = format!("{what} must be a mapping, and this is {}", node.value.kind());
        report.error(codes::WRONG_KIND, &node.span, message);
        return b"{}".to_vec();
    }
    let mut out = Vec::new();
    push(report, node, &mut out);
    out
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// Whether a scalar stands in the file as it reads: without quotes, on one line.
fn is_plain(file: &str, node: &Node, text: &str) -> bool {
    file.get(node.span.clone()) == Some(text)
}

fn is_literal(text: &str) -> bool {
    let value = Scanner::new(text).value().ok().filter(|value| value.raw.len() == text.len());
    value.is_some_and(|value| matches!(value.kind, Kind::Number | Kind::Bool(_)))
}
