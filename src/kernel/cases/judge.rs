//! What of a decision is not as a case expects it.

use serde_json::Value;

use super::super::Rules;
use super::super::explain::{Burial, ConditionPart, DerivedEvent, Explanation, SeenField};
use super::Difference;
use super::differ::{differ, shown};
use crate::catalogue::{Case, ExpectedDerived, ExpectedEvent, ExpectedLetter, Others};
use crate::reason::Outcome;

/// What a decision came to, whatever it was on.
pub(super) struct Found<'e> {
    pub(super) outcome: &'static str,
    /// How it ended, in a line.
    pub(super) ended: String,
    pub(super) derived: &'e [DerivedEvent],
    pub(super) dead_letter: Option<&'e Burial>,
    /// Why an event did not come out.
    pub(super) why_not: &'e dyn Fn(&str, &ExpectedEvent) -> String,
}

/// Everything about an event that is not as expected.
pub(super) fn event(rules: &Rules, case: &Case, explanation: &Explanation) -> Vec<Difference> {
    let mut out = Vec::new();
    let commands: Vec<_> = explanation.derived.iter().map(|event| event.trigger.as_str()).collect();
    let found = Found {
        outcome: explanation.outcome,
        ended: ended(explanation.outcome, &commands),
        derived: &explanation.derived,
        dead_letter: explanation.dead_letter.as_ref(),
        why_not: &|name, wanted| why_not(name, wanted, explanation),
    };
    differences(rules, case, &found, &mut out);
    out
}

/// An outcome, and what came of it.
pub(super) fn ended(outcome: &str, emitted: &[&str]) -> String {
    match emitted {
        [] => outcome.to_owned(),
        emitted => format!("{outcome} → {}", emitted.join(", ")),
    }
}

/// Adds everything that is not as expected. Whether the decision ended so that what else is expected can be there.
pub(super) fn differences(rules: &Rules, case: &Case, found: &Found<'_>, out: &mut Vec<Difference>) -> bool {
    let (expect, outcome) = (&case.expect, case.expect.outcome.map(Outcome::code));
    match (&expect.dead_letter, found.dead_letter) {
        (Some(expected), Some(found)) => letter(expected, found, out),
        (Some(expected), None) => out.push(Difference {
            at: "dead letter".to_owned(),
            expected: expected.reasons.as_ref().map_or_else(|| "one".to_owned(), |_| codes(expected)),
            found: format!("none: the event is {}", found.ended),
        }),
        // Whatever else is expected cannot be there, and this is why.
        (None, Some(letter)) if outcome.is_none_or(|outcome| outcome != found.outcome) => {
            out.push(Difference {
                at: "outcome".to_owned(),
                expected: outcome.unwrap_or("no dead letter").to_owned(),
                found: format!("{}, a dead letter: {} ({})", found.outcome, letter.message, letter.reasons.join(", ")),
            });
            return false;
        }
        (None, _) => {}
    }
    if let Some(outcome) = outcome.filter(|outcome| *outcome != found.outcome) {
        out.push(Difference { at: "outcome".to_owned(), expected: outcome.to_owned(), found: found.ended.clone() });
        if found.outcome == Outcome::Conflict.code() || found.outcome == Outcome::Denied.code() {
            return false;
        }
    }
    if let Some(expected) = &expect.derived {
        derived(rules, expected, found, out);
    }
    true
}

fn codes(expected: &ExpectedLetter) -> String {
    let mut codes: Vec<_> = expected.reasons.iter().flatten().copied().collect();
    codes.sort_unstable();
    codes.dedup();
    codes.iter().map(|code| code.code()).collect::<Vec<_>>().join(", ")
}

fn letter(expected: &ExpectedLetter, found: &Burial, out: &mut Vec<Difference>) {
    let reasons = found.reasons.join(", ");
    if expected.reasons.is_some() && codes(expected) != reasons {
        out.push(Difference {
            at: "dead letter: reasons".to_owned(),
            expected: codes(expected),
            found: format!("{reasons}: {}", found.message),
        });
    }
    for part in expected.says.iter().filter(|part| !found.message.contains(part.as_str())) {
        out.push(Difference {
            at: "dead letter: says".to_owned(),
            expected: format!("… {part} …"),
            found: found.message.clone(),
        });
    }
}

/// An event that came out, with its value read.
struct Come<'e> {
    event: &'e DerivedEvent,
    value: Value,
    /// Whether an event of the case was already held against it.
    taken: bool,
}

fn derived(rules: &Rules, expected: &ExpectedDerived, decision: &Found<'_>, out: &mut Vec<Difference>) {
    let found = decision.derived.iter().map(|event| Come {
        event,
        value: serde_json::from_str(event.value.get()).unwrap_or_default(),
        taken: false,
    });
    let mut found: Vec<_> = found.collect();
    for wanted in &expected.events {
        let name = &*rules.catalogue.event_type(wanted.event_type).name;
        let is_wanted = |found: &Come<'_>| {
            let trigger = wanted.trigger.as_ref().is_none_or(|id| **id == *found.event.trigger);
            trigger && found.value["event_type"] == name
        };
        // Of several, the one that fits best: two triggers of a fact may emit the same command.
        let candidates = found.iter().enumerate().filter(|(_, found)| !found.taken && is_wanted(found));
        let best = candidates.map(|(at, found)| (at, compare(wanted, name, found))).min_by_key(|(_, d)| d.len());
        match best {
            Some((at, differences)) => {
                found[at].taken = true;
                out.extend(differences);
            }
            None => {
                let taken = found.iter().filter(|found| found.taken && is_wanted(found)).count();
                let (expected, found) = match taken {
                    0 => ("comes out".to_owned(), (decision.why_not)(name, wanted)),
                    1 => ("comes out once more".to_owned(), "comes out once".to_owned()),
                    taken => ("comes out once more".to_owned(), format!("comes out {taken} times")),
                };
                out.push(Difference { at: name.to_owned(), expected, found });
            }
        }
    }
    if expected.others == Others::Refuse {
        out.extend(found.iter().filter(|found| !found.taken).map(|found| Difference {
            at: found.value["event_type"].as_str().unwrap_or(&found.event.trigger).to_owned(),
            expected: "does not come out".to_owned(),
            found: format!("comes out, with {}", shown(&found.value["payload"]["data"])),
        }));
    }
}

fn compare(wanted: &ExpectedEvent, name: &str, found: &Come<'_>) -> Vec<Difference> {
    let mut out = Vec::new();
    if let Some(key) = wanted.key.as_ref().filter(|key| **key != found.event.key) {
        let (expected, found) = (key.clone(), found.event.key.clone());
        out.push(Difference { at: format!("{name}: key"), expected, found });
    }
    differ(&format!("{name}: "), &wanted.value, Some(&found.value), &mut out);
    out
}

/// Why a command did not come out: mostly a condition that is false.
fn why_not(name: &str, wanted: &ExpectedEvent, explanation: &Explanation) -> String {
    let named = |id: &str| wanted.trigger.as_ref().is_none_or(|wanted| **wanted == *id);
    let mut rows = explanation.triggers.iter().filter(|row| row.emit == name && named(&row.trigger));
    rows.find(|row| !row.because.is_empty()).map_or_else(|| "does not".to_owned(), |row| because(&row.because))
}

/// The parts of a condition that made it false.
pub(super) fn because(parts: &[ConditionPart]) -> String {
    format!("does not: {}", parts.iter().map(part).collect::<Vec<_>>().join(" and "))
}

fn part(part: &ConditionPart) -> String {
    let saw: Vec<_> = part.saw.iter().map(seen).collect();
    let saw = if saw.is_empty() { String::new() } else { format!(" ({})", saw.join(", ")) };
    format!("`{}` is {}{saw}", part.part, part.answer)
}

fn seen(field: &SeenField) -> String {
    match &field.value {
        Some(value) => format!("{} = {}", field.name, value.get()),
        None => format!("{} is absent", field.name),
    }
}
