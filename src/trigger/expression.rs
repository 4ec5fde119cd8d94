//! A compiled CEL expression over the variables of its subject: an event, or a change of state.
//!
//! An expression answers or it fails with a sentence: nothing that goes wrong is ever "false". The same facts give the
//! same answer, byte for byte, and what one evaluation may cost is bounded.

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::common::types::CelBool;
use cel::common::value::CowVal;
use cel::{Context, ExecutionError, Value};

use super::check::{self, Parsed};
use super::weight::weighed;
use super::{Facts, Subject, cel_to_json, functions, sentence};

/// A compiled expression, with its source text for messages.
#[derive(Debug)]
pub struct Expression {
    text: String,
    parsed: Parsed,
}

/// Why an expression does not compile or did not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// One sentence.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// Where in the expression's text it stands, in characters from 0, where known.
    pub at: Option<usize>,
    /// The variable that there is not, where that is what is wrong.
    pub(crate) unknown: Option<String>,
}

impl ExpressionError {
    /// An error without a place.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, at: None, unknown: None }
    }

    /// This error with a way out.
    pub(super) fn help(self, help: impl Into<Option<String>>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// This error at a character of the expression's text.
    pub(super) fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }
}

impl Expression {
    /// Compiles an expression about an event. Only the variables `data`, `event` and `metadata` may be named, and only
    /// functions that exist. The text has at most 4 KiB, and nests at most 32 levels deep.
    ///
    /// # Errors
    /// Syntax errors, unknown variables, unknown functions, anything beyond these limits.
    pub fn compile(text: &str) -> Result<Self, ExpressionError> {
        Self::about(Subject::Event, text)
    }

    /// As [`Self::compile`], about something else: only its variables may be named.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn about(subject: Subject, text: &str) -> Result<Self, ExpressionError> {
        Ok(Self { text: text.to_owned(), parsed: check::parse(text, subject)? })
    }

    /// The source text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree that is evaluated.
    pub(super) const fn tree(&self) -> &IdedExpr {
        &self.parsed.tree
    }

    /// Where the nodes of the tree stand in the text.
    pub(super) const fn source(&self) -> &SourceInfo {
        &self.parsed.source
    }

    /// Evaluates a condition.
    ///
    /// # Errors
    /// Anything that goes wrong at run time, and a result that is not a boolean.
    pub fn holds(&self, facts: &Facts<'_>) -> Result<bool, ExpressionError> {
        self.run(&self.parsed.weighed, facts, |value| boolean(&value))
    }

    /// Evaluates a mapping and appends its result as JSON. Where it fails, what was appended before is unspecified.
    ///
    /// # Errors
    /// Anything that goes wrong at run time, and a result that JSON cannot say (a NaN, bytes, a function).
    pub fn write_json(&self, facts: &Facts<'_>, out: &mut Vec<u8>) -> Result<(), ExpressionError> {
        self.run(&self.parsed.weighed, facts, |value| push_json(&value, out))
    }

    /// Evaluates a part of its tree.
    pub(super) fn evaluate<T>(
        &self,
        part: &IdedExpr,
        facts: &Facts<'_>,
        finish: impl FnOnce(CowVal<'_, '_>) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        self.run(&weighed(part), facts, finish)
    }

    fn run<T>(
        &self,
        tree: &IdedExpr,
        facts: &Facts<'_>,
        finish: impl FnOnce(CowVal<'_, '_>) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        facts.convert(self.parsed.variables)?;
        let mut context = Context::with_env(functions::environment());
        context.set_variable_resolver(facts);
        functions::set_budget(functions::MAX_ITEMS);
        let value = Value::resolve_val(tree, &context).map_err(|error| self.sentence(&error))?;
        finish(value)
    }

    /// What went wrong; a key that comes of the event is not named, for it may be somebody's secret.
    fn sentence(&self, error: &ExecutionError) -> ExpressionError {
        if let ExecutionError::NoSuchKey(name) = error
            && !self.says(name)
        {
            return ExpressionError::new("a map has no such key".to_owned());
        }
        sentence::of(error)
    }

    fn says(&self, name: &str) -> bool {
        let text = &self.text;
        text.match_indices(name).any(|(at, _)| {
            let goes_on = |c: char| c.is_alphanumeric() || c == '_';
            text[..at].ends_with(['.', '?', '\'', '"', '`']) && !text[at + name.len()..].starts_with(goes_on)
        })
    }
}

/// The answer of a condition.
pub(super) fn boolean(value: &CowVal<'_, '_>) -> Result<bool, ExpressionError> {
    let answer = value.downcast_ref::<CelBool>().map(|answer| *answer.inner());
    answer.ok_or_else(|| {
        let kind = sentence::with_article(value.get_type().name());
        ExpressionError::new(format!("the condition gives {kind}, where a boolean must stand"))
    })
}

/// Appends a value as JSON.
pub(super) fn push_json(value: &CowVal<'_, '_>, out: &mut Vec<u8>) -> Result<(), ExpressionError> {
    let kind = value.get_type().name().to_owned();
    let value = Value::try_from(value.as_ref()).map_err(|_| {
        ExpressionError::new(format!("the result is {}, which JSON cannot say", sentence::with_article(&kind)))
    })?;
    cel_to_json(&value, out)
}
