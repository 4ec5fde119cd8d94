//! Expressions inside the file: compiled where they stand, so that an error points into the YAML.

use std::ops::Range;

use super::codes;
use super::report::Report;
use super::tree::Node;
use crate::trigger::{Expression, Mapping};

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 4096;

/// Compiles the expression of a node.
pub(super) fn expression(report: &mut Report<'_>, node: &Node, what: &str) -> Option<Expression> {
    let text = report.scalar(node, what)?;
    if text.len() > MAX_EXPRESSION {
        report.error(codes::TOO_LARGE, &node.span, format!("{what} is longer than {MAX_EXPRESSION} bytes"));
        return None;
    }
    match Expression::compile(text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            let span = place(report.text(), node, text, error.at);
            report.error(codes::BAD_EXPRESSION, &span, format!("{what} does not compile: {}", error.message));
            None
        }
    }
}

/// Compiles a `map:`.
pub(super) fn mappings(report: &mut Report<'_>, node: &Node) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for entry in super::fields::entries(report, node, "`map`").unwrap_or_default() {
        super::payload::check_field_name(report, entry.key, entry.at);
        if let Some(value) = expression(report, entry.value, &format!("the value of `{}`", entry.key)) {
            mappings.push(Mapping { field: entry.key.into(), value });
        }
    }
    mappings
}

/// The bytes of a character of an expression. An expression that stands in the file otherwise than it reads (folded,
/// with escapes) is pointed at as a whole.
fn place(text: &str, node: &Node, expression: &str, at: Option<usize>) -> Range<usize> {
    let exact = || {
        let inside = text.get(node.span.clone())?.find(expression)?;
        let (ahead, c) = expression.char_indices().nth(at?)?;
        let start = node.span.start + inside + ahead;
        Some(start..start + c.len_utf8())
    };
    exact().unwrap_or_else(|| node.span.clone())
}

#[cfg(test)]
mod tests;
