//! A compiled CEL expression over `data`, `event` and `metadata`.

use super::Facts;

/// A compiled expression, with its source text for messages.
#[derive(Debug)]
pub struct Expression {
    text: String,
}

/// Why an expression does not compile or did not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// One sentence.
    pub message: String,
    /// Where in the expression's text it stands, in characters from 0, where known.
    pub at: Option<usize>,
}

impl Expression {
    /// Compiles an expression. Only the variables `data`, `event` and `metadata` may be named, and only functions
    /// that exist.
    ///
    /// # Errors
    /// Syntax errors, unknown variables, unknown functions.
    pub fn compile(text: &str) -> Result<Self, ExpressionError> {
        Ok(Self { text: text.to_owned() })
    }

    /// The source text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Evaluates a condition.
    ///
    /// # Errors
    /// Anything that goes wrong at run time, and a result that is not a boolean.
    pub fn holds(&self, _facts: &Facts<'_>) -> Result<bool, ExpressionError> {
        Ok(false)
    }

    /// Evaluates a mapping and appends its result as JSON.
    ///
    /// # Errors
    /// Anything that goes wrong at run time, and a result that JSON cannot say (a NaN, bytes, a function).
    pub fn write_json(&self, _facts: &Facts<'_>, _out: &mut Vec<u8>) -> Result<(), ExpressionError> {
        Ok(())
    }
}
