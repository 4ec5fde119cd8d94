//! What the cluster's topics can take, asked before the first record is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalogue::{AuditMode, Catalogue, ControlTopic};
use crate::ids::TypeId;
use crate::kafka::admin::{Admin, TopicFacts as Found};
use crate::kafka::producer::SizeLimits;
use crate::kafka::trouble::Trouble;
use crate::kernel::{StateTopics, TopicFacts, Topology};

/// Why the router cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The cluster does not answer, or not us.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// Topics are missing: all of them.
    #[error("{} missing, or we have no right to see them: {}", topics(.0.len()), .0.join(", "))]
    Missing(Vec<String>),
    /// Values of entities would be lost.
    #[error(
        "{0} is not compacted (`cleanup.policy=compact`, and nothing else): its values would be deleted by their age, and \
         versions would begin again at 1; `revbus topics apply` sets it"
    )]
    NotCompacted(String),
    /// An entity and its updates do not stand on partitions of the same number.
    #[error(
        "{} has {} partitions and {} has {}: they need the same number, since an entity stands on the partition of its \
         updates; delete the one that is wrong, if it is empty, and run `revbus topics apply`",
        .topics.0, .partitions.0, .topics.1, .partitions.1
    )]
    Uneven {
        /// The topics of updates and of entities.
        topics: (String, String),
        /// Their partitions.
        partitions: (i32, i32),
    },
}

fn topics(count: usize) -> String {
    if count == 1 { "1 topic is".to_owned() } else { format!("{count} topics are") }
}

/// Asks the cluster what the catalogue's topics can take.
///
/// # Errors
/// No answer, no right, or topics that are not there.
pub fn survey(admin: &Admin, catalogue: &Arc<Catalogue>) -> Result<Topology, SurveyError> {
    let dead_letters = catalogue.prefixed(ControlTopic::DeadLetters.name());
    let audit = catalogue.prefixed(ControlTopic::Audit.name());
    let mut names: Vec<&str> = catalogue.types.iter().map(|event_type| &*event_type.topic.name).collect();
    names.push(&dead_letters);
    let audited = catalogue.settings.audit.mode == AuditMode::On;
    if audited {
        names.push(&audit);
    }
    let state = [ControlTopic::StateUpdates, ControlTopic::State, ControlTopic::Replies];
    let state = state.map(|topic| catalogue.prefixed(topic.name()));
    if catalogue.keeps_state() {
        names.extend(state.iter().map(String::as_str));
    }
    let survey = admin.topic_facts(&names)?;
    if !survey.missing.is_empty() {
        return Err(SurveyError::Missing(survey.missing));
    }
    if let Some(topic) =
        state.get(1).filter(|topic| survey.facts.get(*topic).is_some_and(|it| it.compacted == Some(false)))
    {
        return Err(SurveyError::NotCompacted(topic.clone()));
    }
    if let Some(topic) = state.get(1).filter(|topic| survey.facts.get(*topic).is_some_and(|it| it.compacted.is_none()))
    {
        tracing::warn!(
            topic,
            "whether it is compacted cannot be seen without the right DescribeConfigs: where it is not, values of entities \
             are deleted by their age"
        );
    }
    warn_of_unwritable(admin, catalogue);
    let facts = |name: &str| survey.facts.get(name).map_or(NOTHING, kernel);
    let state =
        if catalogue.keeps_state() { even(&state, state.each_ref().map(|name| facts(name)))? } else { NO_STATE };
    Ok(Topology {
        types: catalogue.types.iter().map(|event_type| facts(&event_type.topic.name)).collect(),
        dead_letters: facts(&dead_letters),
        audit: if audited { facts(&audit) } else { UNUSED },
        state,
    })
}

/// Rights are no reason not to begin: they may come, or the broker may not tell the truth of them.
fn warn_of_unwritable(admin: &Admin, catalogue: &Catalogue) {
    if let Some(denied) = admin.unwritable(&written(catalogue)) {
        tracing::warn!("{denied}");
    }
}

/// The topics of state, where an entity stands on the partition of its updates.
fn even([updates, state, _]: &[String; 3], facts: [TopicFacts; 3]) -> Result<StateTopics, SurveyError> {
    let [of_updates, entities, replies] = facts;
    if of_updates.partitions == entities.partitions {
        return Ok(StateTopics { updates: of_updates, entities, replies });
    }
    let partitions = (of_updates.partitions, entities.partitions);
    Err(SurveyError::Uneven { topics: (updates.clone(), state.clone()), partitions })
}

const NOTHING: TopicFacts = TopicFacts { partitions: 0, max_message_bytes: 0 };
/// Where nothing is audited, no partition lacks its audit partition.
const UNUSED: TopicFacts = TopicFacts { partitions: i32::MAX, max_message_bytes: usize::MAX };
const NO_STATE: StateTopics = StateTopics { updates: UNUSED, entities: UNUSED, replies: UNUSED };

fn kernel(found: &Found) -> TopicFacts {
    TopicFacts {
        partitions: found.partitions,
        max_message_bytes: usize::try_from(found.max_message_bytes).unwrap_or(usize::MAX),
    }
}

/// The event types that a router publishes: commands, and what changes of state emit.
fn published(catalogue: &Catalogue) -> impl Iterator<Item = TypeId> {
    let emitted = catalogue.entity_types.iter().flat_map(|entity_type| &entity_type.emits);
    catalogue.commands().map(|(id, ..)| id).chain(emitted.map(|emission| emission.fact))
}

/// The topics that a router writes.
pub(super) fn written(catalogue: &Catalogue) -> BTreeSet<String> {
    let mut control = vec![ControlTopic::DeadLetters];
    if catalogue.settings.audit.mode == AuditMode::On {
        control.push(ControlTopic::Audit);
    }
    if catalogue.keeps_state() {
        control.extend([ControlTopic::State, ControlTopic::Replies]);
    }
    let events = published(catalogue).map(|id| catalogue.event_type(id).topic.name.to_string());
    events.chain(control.into_iter().map(|topic| catalogue.prefixed(topic.name()))).collect()
}

/// The smallest and the largest limit of the topics that are written.
pub(super) fn size_limits(catalogue: &Catalogue, topology: &Topology) -> SizeLimits {
    let StateTopics { entities, replies, .. } = topology.state;
    let mut limits = SizeLimits { least: usize::MAX, most: 0 };
    for facts in published(catalogue)
        .map(|id| topology.types[id.index()])
        .chain([topology.dead_letters, topology.audit, entities, replies])
        .filter(|facts| facts.partitions != i32::MAX)
    {
        limits.least = limits.least.min(facts.max_message_bytes);
        limits.most = limits.most.max(facts.max_message_bytes);
    }
    limits
}
