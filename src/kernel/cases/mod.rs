//! Cases at work: the router's own decision on the event or update of a case, held against what the case expects.

mod coverage;
mod differ;
mod judge;
#[cfg(test)]
mod tests;
mod update;

use serde::Serialize;

pub use coverage::{Coverage, TriggerCoverage};

use super::Rules;
use super::explain::{Firing, Standing, explain};
use crate::catalogue::{Case, Subject};

/// What came of a case.
#[derive(Debug)]
pub struct CaseResult {
    /// Everything that is not as expected; a case without any passes.
    pub differences: Vec<Difference>,
    /// The triggers that fired: the fact's name and the trigger's id.
    pub fired: Vec<(String, String)>,
}

/// Something that is not as a case expects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about, such as `compensation.calculate: data.final_amount`.
    pub at: String,
    /// What should be there.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// Decides on the event of a case as the router does, and compares.
#[must_use]
pub fn run(rules: &Rules, case: &Case) -> CaseResult {
    let (topic, key) = match &case.subject {
        Subject::Event { topic, key } => (*topic, key.as_deref().map(str::as_bytes)),
        Subject::Update(before) => {
            return CaseResult { differences: update::differences(rules, case, before.as_ref()), fired: Vec::new() };
        }
    };
    let explanation = explain(rules, &case.value, Standing { topic, key }, case.at);
    let fact = explanation.fact.map(|fact| rules.catalogue.event_type(fact).name.to_string()).unwrap_or_default();
    let fired = explanation.triggers.iter().filter(|trigger| trigger.result == Firing::Fired);
    let fired = fired.map(|trigger| (fact.clone(), trigger.trigger.clone())).collect();
    CaseResult { differences: judge::event(rules, case, &explanation), fired }
}
