//! The facts that a change of an entity emits: which, and why or why not.

use serde::Serialize;

use super::super::sight::Sight;
use super::super::{ConditionPart, Firing, MappingResult};
use super::Present;
use crate::catalogue::Emission;
use crate::kernel::StateUpdates;
use crate::kernel::decide::Case;
use crate::kernel::state::{Change, Deliberation};
use crate::reason::Outcome;
use crate::state::Version;
use crate::trigger::{Facts, StateChange};

/// What comes of an emission.
#[derive(Debug, Serialize)]
pub struct EmissionResult {
    /// The fact.
    pub fact: String,
    /// The changes that may emit it: `create`, `change`, `delete`.
    pub on: Vec<&'static str>,
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
}

/// What comes of each emission of the entity type.
pub(super) fn results(
    case: &Case<'_, '_, '_, StateUpdates>,
    decided: &Deliberation<'_, '_, '_>,
    (present, new): (Option<Present<'_>>, Option<&str>),
) -> Vec<EmissionResult> {
    let admitted = &decided.admitted;
    let (Some(entity_type), Some(update)) = (admitted.entity_type, &admitted.update) else { return Vec::new() };
    let reached = matches!(decided.outcome, Outcome::StateChanged | Outcome::Failed | Outcome::Loop);
    let (Some(event), Some(operation), true) = (admitted.envelope.event(), admitted.operation, reached) else {
        let result = |one: &Emission| emission(case, one, Firing::NotReached);
        return entity_type.emits.iter().map(result).collect();
    };
    let old = present.map(|present| present.state);
    let metadata = admitted.envelope.metadata.raw.unwrap_or("{}");
    let version = present.map_or(Version::ABSENT, |present| present.version).next();
    let change = Change { case, entity_type, event, metadata, operation, update, version, old, new };
    let (entity, event) = (change.entity(), change.event_text());
    let change = StateChange { old, new, entity: &entity, event: &event, metadata };
    let facts = Facts::change(&entity_type.contract, change);
    let sight = Sight::of_change(case.rules, &entity_type.contract, change, facts);
    let result = |one: &Emission| {
        let fact = case.rules.catalogue.event_type(one.fact);
        if !one.on.include(old.is_some(), new.is_some()) {
            return emission(case, one, Firing::NotFired);
        }
        let because = one.when.as_ref().map(|when| sight.condition(when)).unwrap_or_default();
        let of_it = format!("emits {}: ", fact.name);
        let holds = sight.is_true(one.when.as_ref());
        let result = if decided.reasons.iter().any(|reason| reason.message.starts_with(&of_it)) {
            Firing::Failed
        } else if !holds {
            Firing::NotFired
        } else if decided.reasons.is_empty() {
            Firing::Fired
        } else {
            Firing::HeldBack
        };
        let map = if holds { sight.mappings(&one.map, fact) } else { Vec::new() };
        EmissionResult { because, map, ..emission(case, one, result) }
    };
    entity_type.emits.iter().map(result).collect()
}

fn emission(case: &Case<'_, '_, '_, StateUpdates>, one: &Emission, result: Firing) -> EmissionResult {
    let kinds = [("create", one.on.create), ("change", one.on.change), ("delete", one.on.delete)];
    EmissionResult {
        fact: case.rules.catalogue.event_type(one.fact).name.to_string(),
        on: kinds.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect(),
        when: one.when.as_ref().map(|when| when.text().to_owned()),
        result,
        because: Vec::new(),
        map: Vec::new(),
    }
}
