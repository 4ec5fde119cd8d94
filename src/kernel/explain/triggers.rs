//! Every trigger of a fact: what comes of it, and why.

use serde::Serialize;

use super::super::decide::{Case, Deliberation};
use super::super::fire;
use super::sight::{ConditionPart, MappingResult, Sight};
use crate::catalogue::Kind;
use crate::reason::Outcome;
use crate::trigger::Trigger;

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
    /// The parts of its condition that made the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<ConditionPart>,
    /// Its mappings, where its condition holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<MappingResult>,
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

/// What comes of every trigger of the record's topic, in order.
pub(super) fn results<'a>(case: &Case<'_, '_, 'a>, decided: &Deliberation<'_, 'a>) -> Vec<TriggerResult> {
    let source = fire::source(case.rules, case.record.topic);
    let Kind::Fact(fact) = &source.kind else { return Vec::new() };
    let mut results: Vec<_> = fact.triggers.iter().map(|trigger| result(case, decided, trigger)).collect();
    // Expressions look at admitted events only.
    if let Some(event) = decided.admitted.envelope.event().filter(|_| decided.outcome != Outcome::Invalid) {
        let admitted = &decided.admitted;
        let firing = fire::Firing { rules: case.rules, record: case.record, source, admitted, event, now: case.now };
        let texts = firing.texts();
        let sight = Sight::of(case.rules, &firing, &texts);
        for (trigger, result) in fact.triggers.iter().zip(&mut results) {
            result.because = trigger.when.as_ref().map(|when| sight.condition(when)).unwrap_or_default();
            if sight.holds(trigger) {
                result.map = sight.mappings(&trigger.map, case.rules.catalogue.event_type(trigger.emit));
            }
        }
    }
    results
}

fn result(case: &Case<'_, '_, '_>, decided: &Deliberation<'_, '_>, trigger: &Trigger) -> TriggerResult {
    let of_it = format!("trigger {}: ", trigger.id);
    let stripped = decided.reasons.iter().filter_map(|reason| reason.message.strip_prefix(&of_it));
    let breaches: Vec<String> = stripped.map(str::to_owned).collect();
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
        emit: case.rules.catalogue.event_type(trigger.emit).name.to_string(),
        when: trigger.when.as_ref().map(|when| when.text().to_owned()),
        result,
        because: Vec::new(),
        map: Vec::new(),
        breaches,
    }
}
