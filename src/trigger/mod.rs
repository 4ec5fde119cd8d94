//! Triggers: on a fact, when a condition holds, emit a command with a mapping.

mod check;
mod convert;
mod expression;
mod functions;
mod json;
mod pattern;
mod sentence;
mod subject;
#[cfg(test)]
mod tests;
mod trace;
pub(crate) mod types;
mod value;
mod weight;

use std::sync::Arc;

pub(crate) use check::on_parser_stack;
pub use convert::{Facts, StateChange};
pub use expression::{Expression, ExpressionError};
pub use json::cel_to_json;
pub use subject::Subject;
pub use trace::{Answer, Part, Seen};

use crate::ids::TypeId;

/// One row of the trigger table.
#[derive(Debug)]
pub struct Trigger {
    /// Names the row: the command's name, unless two triggers of a fact emit the same. Part of derived ids.
    pub id: Arc<str>,
    /// The command.
    pub emit: TypeId,
    /// The condition; a trigger without one always fires.
    pub when: Option<Expression>,
    /// Fields of the command that are computed: they add to or override what passes.
    pub map: Vec<Mapping>,
    /// Which of the source's fields pass, by canonical name; `None` passes all.
    pub keep: Option<Vec<Arc<str>>>,
}

/// One computed field.
#[derive(Debug)]
pub struct Mapping {
    /// The field of the command, or of the fact that a change of state emits.
    pub field: Arc<str>,
    /// How it is computed.
    pub value: Expression,
}
