//! What of the decision on an update is not as a case expects it.

use serde_json::Value;

use super::super::Rules;
use super::super::explain::{EmissionResult, Firing, Present, UpdateExplanation, Verdict, explain_update};
use super::Difference;
use super::differ::differ;
use super::judge::{self, Found, because, ended};
use crate::catalogue::{Before, Case};
use crate::reason::Outcome;

/// Everything that is not as expected.
pub(super) fn differences(rules: &Rules, case: &Case, before: Option<&Before>) -> Vec<Difference> {
    let present = before.map(|before| Present { state: &before.state, version: before.version });
    let explanation = explain_update(rules, &case.value, present, case.at);
    let found = Found {
        outcome: explanation.outcome,
        ended: how(&explanation),
        derived: &explanation.derived,
        dead_letter: explanation.dead_letter.as_ref(),
        why_not: &|name, _| why_not(name, &explanation),
    };
    let mut out = Vec::new();
    if !judge::differences(rules, case, &found, &mut out) {
        return out;
    }
    if let Some(version) = case.expect.version.filter(|version| Some(version.0) != explanation.version) {
        out.push(Difference {
            at: "version".to_owned(),
            expected: version.to_string(),
            found: explanation.version.map_or_else(|| format!("none: {}", found.ended), |version| version.to_string()),
        });
    }
    if let Some(expected) = &case.expect.state {
        let changed = explanation.outcome == Outcome::StateChanged.code();
        let old = before.map(|before| &*before.state);
        let behind = if changed { explanation.state.as_ref().map(|state| state.get()) } else { old };
        let behind: Option<Value> = behind.and_then(|state| serde_json::from_str(state).ok());
        differ("state", expected, behind.as_ref(), &mut out);
    }
    out
}

/// How a decision ended: what it came to, or which stage it did not get past.
fn how(explanation: &UpdateExplanation) -> String {
    let failed = explanation.stages.iter().find(|stage| stage.verdict == Verdict::Failed);
    match (explanation.version, failed) {
        (_, Some(stage)) => format!("{}: {}", explanation.outcome, stage.notes.join("; ")),
        (Some(version), None) => {
            let fired = explanation.emits.iter().filter(|one| one.result == Firing::Fired);
            let facts: Vec<_> = fired.map(|one| one.fact.as_str()).collect();
            ended(&format!("{}, version {version}", explanation.outcome), &facts)
        }
        (None, None) => explanation.outcome.to_owned(),
    }
}

/// Why a fact did not come out: mostly a condition that is false.
fn why_not(name: &str, explanation: &UpdateExplanation) -> String {
    match explanation.emits.iter().find(|one| one.fact == name) {
        Some(EmissionResult { because: parts, .. }) if !parts.is_empty() => because(parts),
        Some(EmissionResult { on, result: Firing::NotFired, .. }) => {
            format!("does not: it is emitted on {} alone", on.join(" and "))
        }
        Some(_) | None => "does not".to_owned(),
    }
}
