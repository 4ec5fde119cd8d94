//! Expressions inside the file: compiled where they stand, so that an error points into the YAML.

use std::ops::Range;

use super::codes;
use super::report::Report;
use super::scalars::places;
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
            report
                .error(codes::BAD_EXPRESSION, &span, format!("{what} does not compile: {}", error.message))
                .help(error.help);
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

/// The bytes of the word that starts at a character of an expression, wherever the file's quotes, escapes and folded
/// lines put it; of the last character, where the expression ends too early.
fn place(text: &str, node: &Node, expression: &str, at: Option<usize>) -> Range<usize> {
    let exact = || {
        let places = places(text.get(node.span.clone())?, expression)?;
        let at = at?.min(expression.trim_end().chars().count().checked_sub(1)?);
        let word = expression.chars().skip(at).take_while(|c| c.is_alphanumeric() || *c == '_').count();
        let (first, last) = (places.get(at)?, places.get(at + word.saturating_sub(1))?);
        Some(node.span.start + first.start..node.span.start + last.end)
    };
    exact().unwrap_or_else(|| node.span.clone())
}

#[cfg(test)]
mod tests;
