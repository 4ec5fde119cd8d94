//! What would happen to an event, and why: the decision of the router itself, told check by check.

mod checks;
mod sight;
#[cfg(test)]
mod tests;
mod triggers;
mod update;

use serde::Serialize;
use serde_json::value::RawValue;

pub use checks::{Check, CheckResult, Verdict};
pub use sight::{ConditionPart, MappingResult, SeenField};
pub use triggers::{Firing, TriggerResult};
pub use update::{EmissionResult, Present, Stage, StageResult, UpdateExplanation, explain_update};

use super::admit::{Admitted, admit};
use super::decide::{Case, Deliberation, Routed, deliberate};
use super::effects::Observed;
use super::{Effects, NoMemory, Record, Rules, Topic, check, dead_letter};
use crate::ids::{RecordOffset, TypeId};
use crate::reason::{Outcome, Reason};
use crate::time::Timestamp;

/// What would happen to an event.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// How the decision ends.
    pub outcome: &'static str,
    /// The topic on which the event is taken to stand: that of its own type where nothing else was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The event type of that topic.
    #[serde(skip)]
    pub fact: Option<TypeId>,
    /// The key that its record is taken to have: the one that it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Every check, in order.
    pub checks: Vec<CheckResult>,
    /// Every trigger of the topic's fact, in order.
    pub triggers: Vec<TriggerResult>,
    /// What comes out.
    pub derived: Vec<DerivedEvent>,
    /// What becomes of the record where it is not routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<Burial>,
}

/// An event that comes out.
#[derive(Debug, Serialize)]
pub struct DerivedEvent {
    /// The trigger.
    pub trigger: String,
    /// The topic.
    pub topic: String,
    /// The record's key.
    pub key: String,
    /// The record's value.
    pub value: Box<RawValue>,
}

/// The dead letter.
#[derive(Debug, Serialize)]
pub struct Burial {
    /// The codes of all reasons.
    pub reasons: Vec<&'static str>,
    /// Its sentence.
    pub message: String,
}

/// Where a record is taken to stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing<'a> {
    /// The event type whose topic it stands on; `None` for that of its own type.
    pub topic: Option<TypeId>,
    /// Its key; `None` for the one that it should have.
    pub key: Option<&'a [u8]>,
}

/// Explains the value of a record. It is taken not to have been seen before.
#[must_use]
pub fn explain(rules: &Rules, value: &[u8], standing: Standing<'_>, now: Timestamp) -> Explanation {
    let checkup = check(&rules.catalogue, value, now);
    let key = standing.key.or(checkup.key.as_deref());
    let Some(topic) = standing.topic.or(checkup.event_type) else { return unplaced(rules, value, now) };
    let record = Record {
        topic,
        partition: 0,
        offset: RecordOffset(0),
        timestamp: Some(now),
        key,
        value: Some(value),
        headers: &[],
    };
    let mut effects = Effects::new();
    let case = Case { rules, record: &record, now };
    let decided = deliberate(&case, &NoMemory, &mut effects);
    Explanation {
        outcome: decided.outcome.code(),
        topic: Some(rules.catalogue.event_type(topic).topic.name.to_string()),
        fact: Some(topic),
        key: key.map(|key| String::from_utf8_lossy(key).into_owned()),
        checks: checks::results(rules, topic, &decided),
        triggers: triggers::results(&case, &decided),
        derived: if decided.reasons.is_empty() { derived(rules, &decided.routed, &effects) } else { Vec::new() },
        dead_letter: burial(&decided.reasons),
    }
}

/// What no topic can be told of: it is a dead letter wherever it stands.
fn unplaced(rules: &Rules, value: &[u8], now: Timestamp) -> Explanation {
    let mut reasons = Vec::new();
    let admitted: Admitted<'_> =
        admit(&rules.catalogue, (Some(value), None), now, &mut Observed::default(), &mut reasons);
    let decided = Deliberation { admitted, outcome: Outcome::Invalid, reasons, routed: Routed::default() };
    Explanation {
        outcome: decided.outcome.code(),
        topic: None,
        fact: None,
        key: None,
        checks: checks::without_topic(rules, &decided),
        triggers: Vec::new(),
        derived: Vec::new(),
        dead_letter: burial(&decided.reasons),
    }
}

fn burial(reasons: &[Reason]) -> Option<Burial> {
    let mut codes: Vec<_> = reasons.iter().map(|reason| reason.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let reasons = (!reasons.is_empty()).then(|| dead_letter::sentence(reasons));
    reasons.map(|message| Burial { reasons: codes.iter().map(|code| code.code()).collect(), message })
}

fn derived(rules: &Rules, routed: &Routed<'_>, effects: &Effects) -> Vec<DerivedEvent> {
    let text = |span| String::from_utf8_lossy(effects.bytes(span)).into_owned();
    let event = |(fired, produce): (&super::fire::Fired<'_>, &super::Produce)| {
        let Topic::Event(command) = produce.topic else { return None };
        Some(DerivedEvent {
            trigger: fired.trigger.id.to_string(),
            topic: rules.catalogue.event_type(command).topic.name.to_string(),
            key: produce.key.map(text).unwrap_or_default(),
            value: RawValue::from_string(text(produce.value)).ok()?,
        })
    };
    routed.fired.iter().zip(effects.produced()).filter_map(event).collect()
}
