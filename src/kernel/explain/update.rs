//! What would become of an update of an entity, and why: the decision of the router itself, stage by stage, over an entity
//! that is said to be there.

mod emits;
mod stages;

use serde::Serialize;
use serde_json::value::RawValue;

use super::super::decide::Case;
use super::super::state::{self, Deliberation};
use super::super::{
    Effects, EntityWrite, Look, NoMemory, Record, Rules, Settlement, StateUpdates, Topic, View, partition_of,
};
use super::{Burial, DerivedEvent, burial};
use crate::envelope;
use crate::ids::RecordOffset;
use crate::reason::Outcome;
use crate::state::{Author, Entity, Operation, Update, Version, Written};
use crate::time::Timestamp;

pub use emits::EmissionResult;
pub use stages::{Stage, StageResult};

/// What is said to be there before an update.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    /// Its state: the text of a JSON object.
    pub state: &'a str,
    /// Its version.
    pub version: Version,
}

/// What would become of an update.
#[derive(Debug, Serialize)]
pub struct UpdateExplanation {
    /// How the decision ends.
    pub outcome: &'static str,
    /// The key of the entity: `tenant/module/type/id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Every stage of the decision, in order.
    pub stages: Vec<StageResult>,
    /// The version that it makes, or that a conflict meets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The state behind it; left out where it is deleted, or stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<RawValue>>,
    /// Every fact that a change of this entity type can emit.
    pub emits: Vec<EmissionResult>,
    /// The facts that come out.
    pub derived: Vec<DerivedEvent>,
    /// What becomes of the record where the update is invalid or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<Burial>,
}

/// Explains an update of an entity that is there as it is said, or is not there. It is taken not to have been seen before.
#[must_use]
pub fn explain_update(rules: &Rules, value: &[u8], present: Option<Present<'_>>, now: Timestamp) -> UpdateExplanation {
    let key = key(value);
    let partition = partition_of(key.as_deref().unwrap_or_default(), rules.topology.state.updates.partitions);
    let record = Record {
        topic: StateUpdates,
        partition,
        offset: RecordOffset(0),
        timestamp: Some(now),
        key: key.as_deref(),
        value: Some(value),
        headers: &[],
    };
    let (case, view) = (Case { rules, record: &record, now }, Only(present.map(|present| stored(present, now))));
    let mut effects = Effects::new();
    let decided = state::deliberate(&case, &view, &mut effects);
    let after = after(&effects);
    let changed = decided.outcome == Outcome::StateChanged;
    UpdateExplanation {
        outcome: decided.outcome.code(),
        key: key.as_deref().map(|key| String::from_utf8_lossy(key).into_owned()),
        stages: stages::results(&decided, present),
        version: decided.version.map(|version| version.0),
        state: after.clone().filter(|_| changed).and_then(|state| RawValue::from_string(state).ok()),
        emits: emits::results(&case, &decided, (present, after.as_deref())),
        derived: if changed { derived(rules, &decided, &effects) } else { Vec::new() },
        dead_letter: if matches!(decided.outcome, Outcome::Denied | Outcome::Conflict) {
            None
        } else {
            burial(&decided.reasons)
        },
    }
}

/// The key of the entity that an update means.
fn key(value: &[u8]) -> Option<Vec<u8>> {
    let envelope = envelope::read(std::str::from_utf8(value).ok()?, &mut Vec::new());
    let operation = Operation::of_event_type(envelope.event_type.as_deref()?)?;
    let update = Update::read(operation, envelope.data.as_ref()?, &mut Vec::new())?;
    Some(update.key(envelope.tenant_id.as_deref()?).ok()?.to_bytes())
}

/// A view of one entity.
struct Only(Option<Vec<u8>>);

impl View for Only {
    fn look(&self, tenant: &str, event_id: &str) -> Look {
        NoMemory.look(tenant, event_id)
    }

    fn settlement(&self, tenant: &str, event_id: &str) -> Option<Settlement> {
        NoMemory.settlement(tenant, event_id)
    }

    fn entity(&self, _key: &[u8]) -> Option<&[u8]> {
        self.0.as_deref()
    }
}

fn stored(present: Present<'_>, at: Timestamp) -> Vec<u8> {
    let by = Author { module: "".into(), user: None };
    let written = Written { version: present.version, at, by, event_id: "".into() };
    let mut value = Vec::new();
    Entity { written, state: present.state.into() }.push(&mut value);
    value
}

/// The state behind the update.
fn after(effects: &Effects) -> Option<String> {
    let EntityWrite::Value(span) = effects.entity()?.write else { return None };
    Some(Entity::read(effects.bytes(span)).ok()?.state.into_owned())
}

fn derived(rules: &Rules, decided: &Deliberation<'_, '_, '_>, effects: &Effects) -> Vec<DerivedEvent> {
    let text = |span| String::from_utf8_lossy(effects.bytes(span)).into_owned();
    let event = |(emitted, produce): (&state::Emitted<'_>, &super::super::Produce)| {
        let Topic::Event(fact) = produce.topic else { return None };
        Some(DerivedEvent {
            trigger: emitted.trigger.clone(),
            topic: rules.catalogue.event_type(fact).topic.name.to_string(),
            key: produce.key.map(text).unwrap_or_default(),
            value: RawValue::from_string(text(produce.value)).ok()?,
        })
    };
    decided.emitted.iter().zip(effects.produced()).filter_map(event).collect()
}
