//! The rules under which records are decided on: the catalogue, and what the cluster's topics can take.

use std::sync::Arc;

use crate::catalogue::{Catalogue, ControlTopic, Kind};
use crate::schema::{Additional, Contract, Field, Hidden, Presence};
use crate::trigger::Trigger;

/// Catalogue and topology, with what follows from them worked out once.
#[derive(Debug)]
pub struct Rules {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// What the topics can take.
    pub topology: Topology,
    /// For each event type, for each of its triggers: whether the command is checked.
    checks: Vec<Vec<DerivedCheck>>,
    /// The names that any contract or the settings redact, aliases too.
    redacted: Vec<Arc<str>>,
    /// The name of the topic of state updates.
    state_updates: String,
}

/// Whether a derived command must be checked against its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DerivedCheck {
    /// Whatever the fact's contract lets in, the command's does: nothing to check.
    Implied,
    /// To be checked, record by record.
    Needed,
}

/// What the cluster's topics can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// One for each event type of the catalogue.
    pub types: Vec<TopicFacts>,
    /// The dead letters' topic.
    pub dead_letters: TopicFacts,
    /// The audit topic.
    pub audit: TopicFacts,
    /// The topics of state; those of a catalogue that keeps none are never asked.
    pub state: StateTopics,
}

/// What the topics of state can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateTopics {
    /// The updates.
    pub updates: TopicFacts,
    /// The entities; as many partitions as updates.
    pub entities: TopicFacts,
    /// The answers.
    pub replies: TopicFacts,
}

/// What one topic can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicFacts {
    /// How many partitions it has.
    pub partitions: i32,
    /// Its `max.message.bytes`.
    pub max_message_bytes: usize,
}

/// What a record costs beside its key, value and headers: batch header, varints, attributes.
const RECORD_OVERHEAD: usize = 128;

impl TopicFacts {
    /// The room for key, value and headers of one record.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.max_message_bytes.saturating_sub(RECORD_OVERHEAD)
    }
}

impl Topology {
    /// A topology without limits, for deciding with no cluster at hand.
    #[must_use]
    pub fn unlimited(catalogue: &Catalogue) -> Self {
        let facts = TopicFacts { partitions: 1, max_message_bytes: usize::MAX };
        let state = StateTopics { updates: facts, entities: facts, replies: facts };
        Self { types: vec![facts; catalogue.types.len()], dead_letters: facts, audit: facts, state }
    }
}

impl Rules {
    /// Rules of a catalogue on a cluster. `topology.types` has one element for each event type.
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>, topology: Topology) -> Self {
        let checks = catalogue
            .types
            .iter()
            .map(|source| match &source.kind {
                Kind::Fact(fact) => fact.triggers.iter().map(|trigger| check(&catalogue, source, trigger)).collect(),
                Kind::Command(_) => Vec::new(),
            })
            .collect();
        let mut redacted = catalogue.settings.audit.redact.clone();
        for event_type in &catalogue.types {
            collect_redacted(&event_type.contract.fields, &mut redacted);
        }
        for entity_type in &catalogue.entity_types {
            collect_redacted(&entity_type.contract.fields, &mut redacted);
        }
        let state_updates = catalogue.prefixed(ControlTopic::StateUpdates.name());
        Self { catalogue, topology, checks, redacted, state_updates }
    }

    /// The name of the topic of state updates.
    pub(super) fn state_updates(&self) -> &str {
        &self.state_updates
    }

    /// What is hidden of an event that keeps to its contract: a member that it does not declare, where the catalogue hides
    /// that name anywhere.
    pub(super) fn hidden(&self) -> Hidden<'_> {
        Hidden { listed: &self.catalogue.settings.audit.redact, strays: &self.redacted }
    }

    pub(super) fn derived_check(&self, source: crate::ids::TypeId, trigger: usize) -> DerivedCheck {
        self.checks[source.index()][trigger]
    }
}

fn collect_redacted(fields: &[Field], names: &mut Vec<Arc<str>>) {
    for field in fields {
        if field.redact {
            names.push(field.name.clone());
            names.extend(field.aliases.iter().cloned());
        }
        collect_redacted(field.ty.fields(), names);
    }
}

fn check(catalogue: &Catalogue, source: &crate::catalogue::EventType, trigger: &Trigger) -> DerivedCheck {
    let target = &catalogue.event_type(trigger.emit).contract;
    if trigger.map.is_empty() && trigger.keep.is_none() && implies(&source.contract, target) {
        DerivedCheck::Implied
    } else {
        DerivedCheck::Needed
    }
}

/// Whether everything that `source` lets in keeps `target`. A field that only `target` declares might stand in the
/// data undeclared, and of another type: then nothing is implied.
fn implies(source: &Contract, target: &Contract) -> bool {
    target.additional == Additional::Allow
        && target.fields.iter().all(|wanted| {
            wanted.aliases.is_empty()
                && source.position(&wanted.name).is_some_and(|index| {
                    let given = &source.fields[index];
                    given.ty == wanted.ty
                        && (wanted.presence == Presence::Optional || given.presence == Presence::Required)
                })
        })
}
