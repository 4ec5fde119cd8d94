//! What type an expression has, found without running it.
//!
//! The answer agrees with what the evaluator does on every event that keeps the fact's contract: what is found wrong
//! here fails there, or can never hold. Where a type depends on the event, it is [`Ty::Dyn`], about which nothing is
//! said. Pure: a tree and a contract in, a type and findings out.

mod calls;
mod change;
mod constant;
mod contradiction;
mod facts;
mod fields;
mod finding;
mod fits;
mod given;
mod guards;
mod hints;
mod kinds;
mod known;
mod operators;
mod places;
mod results;
mod sayable;
mod scope;
mod signatures;
mod target;
#[cfg(test)]
mod tests;
mod times;
mod uncertain;
mod verdicts;
mod walk;
mod words;
mod works;

pub(crate) use change::{Change, Existence};
pub(crate) use facts::Facts;
pub(crate) use finding::{Finding, FindingKind};
pub(crate) use fits::{Misfit, Passage, field_fits};
pub(crate) use guards::field_path;
pub(crate) use known::Known;
pub(crate) use scope::{About, Envelope, Scope};
pub(crate) use words::list;
pub(crate) use words::type_name;

use super::{Expression, ExpressionError};
use crate::schema::{Contract, Field};
use kinds::{Kind, Works};
use walk::{COMPARE, Walk, no_boolean};

/// What is known of a condition before any event.
#[derive(Debug)]
pub(crate) struct Condition {
    /// What is wrong with it.
    pub(crate) findings: Vec<Finding>,
    /// What holds wherever it does.
    pub(crate) facts: Facts,
}

impl Expression {
    /// Checks that this is a condition, and that it does not always answer alike.
    pub(crate) fn check_condition(&self, scope: &Scope<'_>) -> Condition {
        let mut walk = Walk::new(self, scope);
        let given = walk.node(self.tree());
        let decided_within = walk.findings.iter().any(Finding::decides);
        match given.known {
            _ if given.works(|kind| kind == Kind::Bool) != Works::Yes => walk.not_boolean(&given),
            Known::Truth(answer) if !decided_within => walk.decided(answer),
            Known::Truth(_)
            | Known::Nothing
            | Known::Words(_)
            | Known::Form(_)
            | Known::Range(_)
            | Known::Digits(..) => walk.tell_contradictions(),
        }
        Condition { findings: walk.findings, facts: guards::implied(self.tree(), true) }
    }

    /// Refuses a condition that is a boolean on no state of this contract.
    pub(crate) fn must_be_boolean(&self, state: &Contract) -> Result<(), ExpressionError> {
        // A state is there as a fact's data is; it has no envelope that could be named.
        let (about, event, facts) = (About::Fact(state), Envelope::of_update(), Facts::NONE);
        let scope = Scope { about, event: &event, facts: &facts };
        let given = Walk::new(self, &scope).node(self.tree());
        match given.works(|kind| kind == Kind::Bool) {
            Works::No => Err(ExpressionError::new(no_boolean(&given)).help(COMPARE.to_owned())),
            Works::Maybe | Works::Yes => Ok(()),
        }
    }

    /// Checks that this gives what a field of the event takes that it helps to make; without a field, only that it can be evaluated.
    pub(crate) fn check_mapping(&self, scope: &Scope<'_>, field: Option<&Field>) -> Vec<Finding> {
        let mut walk = Walk::new(self, scope);
        match field {
            Some(field) => walk.hold(self.tree(), field),
            None => walk.hold_free(self.tree()),
        }
        walk.tell_contradictions();
        walk.findings
    }
}
