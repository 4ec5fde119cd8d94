//! Expressions inside the file: compiled where they stand, so that an error points into the YAML.

use std::ops::Range;

use super::codes;
use super::fields::Entry;
use super::report::Report;
use super::scalars::places;
use super::tree::Node;
use crate::schema::Field;
use crate::trigger::types::{Condition, Facts, Finding, FindingKind, Scope};
use crate::trigger::{Expression, Mapping, Subject};

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 4096;

/// Compiles the expression of a node; where its scope is known, that says which fields may be meant by what does not
/// exist.
fn expression(report: &mut Report<'_>, node: &Node, what: &str, within: Within<'_>) -> Option<Expression> {
    let text = report.scalar_within(node, what, MAX_EXPRESSION)?;
    match Expression::about(within.subject(), text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            let span = place(report.text(), node, text, error.at);
            let meant = error.unknown.as_deref().zip(within.scope()).and_then(|(name, scope)| scope.meant(name));
            report
                .error(codes::BAD_EXPRESSION, &span, format!("{what} does not compile: {}", error.message))
                .help(meant.map(|meant| format!("did you mean `{meant}`?")).or(error.help));
            None
        }
    }
}

/// Compiles a `when:`, and says what holds wherever it does.
pub(super) fn condition(report: &mut Report<'_>, node: &Node, scope: &Scope<'_>) -> Option<(Expression, Facts)> {
    let condition = expression(report, node, "the condition", Within::Scope(scope))?;
    let Condition { findings, facts } = condition.check_condition(scope);
    say(report, node, &condition, findings);
    Some((condition, facts))
}

/// Where the values of a `map:` are computed.
#[derive(Clone, Copy)]
pub(super) enum Within<'s> {
    /// What holds there is known.
    Scope(&'s Scope<'s>),
    /// A broken condition leaves open what holds.
    Broken(Subject),
}

impl<'s> Within<'s> {
    const fn subject(self) -> Subject {
        match self {
            Self::Scope(scope) => scope.about.subject(),
            Self::Broken(subject) => subject,
        }
    }

    const fn scope(self) -> Option<&'s Scope<'s>> {
        match self {
            Self::Scope(scope) => Some(scope),
            Self::Broken(_) => None,
        }
    }
}

/// Compiles one entry of a `map:` for a field of the event that it helps to make.
pub(super) fn mapping(
    report: &mut Report<'_>,
    entry: &Entry<'_>,
    within: Within<'_>,
    field: Option<&Field>,
) -> Option<Mapping> {
    super::payload::check_field_name(report, entry.key, entry.at);
    let value = expression(report, entry.value, &format!("the value of `{}`", entry.key), within)?;
    if let Within::Scope(scope) = within {
        let findings = value.check_mapping(scope, field);
        say(report, entry.value, &value, findings);
    }
    Some(Mapping { field: entry.key.into(), value })
}

/// Reports what is wrong with an expression, each at its place.
fn say(report: &mut Report<'_>, node: &Node, expression: &Expression, findings: Vec<Finding>) {
    for Finding { kind, at, message, help } in findings {
        let span = place(report.text(), node, expression.text(), at);
        let found = match kind {
            FindingKind::UnknownField => report.error(codes::UNKNOWN_FIELD, &span, message),
            FindingKind::Operands => report.error(codes::WRONG_OPERANDS, &span, message),
            FindingKind::Loose => report.warning(codes::WRONG_OPERANDS, &span, message),
            FindingKind::Unguarded => report.error(codes::UNGUARDED_FIELD, &span, message),
            FindingKind::MayFail => report.warning(codes::MAY_FAIL, &span, message),
            FindingKind::Misspelt => report.warning(codes::UNKNOWN_FIELD, &span, message),
            FindingKind::Foreign => report.note(codes::UNKNOWN_FIELD, &span, message),
            FindingKind::Lacking => report.error(codes::NO_STATE, &span, message),
            FindingKind::NeverHolds => report.error(codes::NEVER_HOLDS, &span, message),
            FindingKind::AlwaysHolds => report.warning(codes::ALWAYS_HOLDS, &span, message),
            FindingKind::NotBoolean => report.error(codes::NOT_BOOLEAN, &span, message),
            FindingKind::NeverFires => report.error(codes::NEVER_FIRES, &span, message),
            FindingKind::NeverEmits => report.error(codes::NEVER_EMITS, &span, message),
            FindingKind::AlwaysFires => report.warning(codes::ALWAYS_FIRES, &span, message),
            FindingKind::Unfit => report.error(codes::UNFIT_MAPPING, &span, message),
            FindingKind::MayNotFit => report.warning(codes::UNFIT_MAPPING, &span, message),
        };
        found.help(help);
    }
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
