//! What would happen to an event, and why: the decision of the router itself, told check by check.

mod checks;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::value::RawValue;

pub use checks::{Check, CheckResult, Verdict};

use super::admit::{Admitted, admit};
use super::decide::{Case, Deliberation, Routed, deliberate};
use super::effects::Observed;
use super::{Effects, NoMemory, Record, Rules, Topic, check, dead_letter};
use crate::catalogue::Kind;
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

/// What a trigger does.
#[derive(Debug, Serialize)]
pub struct TriggerResult {
    /// Its id.
    pub trigger: String,
    /// The command that it emits.
    pub emit: String,
    /// Its condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What comes of it.
    pub result: Firing,
    /// Why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<String>,
}

/// What comes of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Firing {
    /// It emits its command.
    Fired,
    /// Its condition does not hold.
    NotFired,
    /// Its condition, its mapping or its command failed.
    Failed,
    /// It could emit its command, but the event is routed whole or not at all (decision 37).
    HeldBack,
    /// A check before it failed.
    NotReached,
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

/// Explains the value of a record, on the topic of its own type where no other is named. The record is taken to have
/// the key that it should have, and not to have been seen before.
#[must_use]
pub fn explain(rules: &Rules, value: &[u8], topic: Option<TypeId>, now: Timestamp) -> Explanation {
    let checkup = check(&rules.catalogue, value, now);
    let key = checkup.key.as_deref().map(|key| String::from_utf8_lossy(key).into_owned());
    let Some(topic) = topic.or(checkup.event_type) else { return unplaced(rules, value, now) };
    let record = Record {
        topic,
        partition: 0,
        offset: RecordOffset(0),
        timestamp: Some(now),
        key: checkup.key.as_deref(),
        value: Some(value),
        headers: &[],
    };
    let mut effects = Effects::new();
    let decided = deliberate(&Case { rules, record: &record, now }, &NoMemory, &mut effects);
    Explanation {
        outcome: decided.outcome.code(),
        topic: Some(rules.catalogue.event_type(topic).topic.name.to_string()),
        key,
        checks: checks::results(rules, topic, &decided),
        triggers: triggers(rules, topic, &decided),
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

fn triggers(rules: &Rules, topic: TypeId, decided: &Deliberation<'_, '_>) -> Vec<TriggerResult> {
    let Kind::Fact(fact) = &rules.catalogue.event_type(topic).kind else { return Vec::new() };
    let result = |trigger: &crate::trigger::Trigger| {
        let of_it = format!("trigger {}: ", trigger.id);
        let breaches: Vec<String> = decided
            .reasons
            .iter()
            .filter_map(|reason| reason.message.strip_prefix(&of_it).map(str::to_owned))
            .collect();
        let result = if decided.outcome == Outcome::Invalid {
            Firing::NotReached
        } else if !breaches.is_empty() {
            Firing::Failed
        } else if decided.routed.not_fired.iter().any(|other| other.id == trigger.id) {
            Firing::NotFired
        } else if decided.reasons.is_empty() {
            Firing::Fired
        } else {
            Firing::HeldBack
        };
        TriggerResult {
            trigger: trigger.id.to_string(),
            emit: rules.catalogue.event_type(trigger.emit).name.to_string(),
            when: trigger.when.as_ref().map(|when| when.text().to_owned()),
            result,
            breaches,
        }
    };
    fact.triggers.iter().map(result).collect()
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
