//! Between the names on Kafka and the ids of this process and of its catalogue.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, ControlTopic};
use crate::ids::{SourceId, TypeId};
use crate::kafka::consumer::TopicPartition;
use crate::kernel::Topic;
use crate::kernel::worker::SourcePartition;

/// The topics that the router reads and writes. Those that a catalogue before this one read keep their names here:
/// their partitions are still to be given back.
#[derive(Debug)]
pub(super) struct Names {
    /// By [`SourceId`].
    sources: Vec<Source>,
    by_name: HashMap<Arc<str>, SourceId>,
    /// By [`TypeId`].
    types: Vec<Arc<str>>,
    dead_letters: String,
    audit: String,
    state: String,
    state_updates: String,
    replies: String,
}

/// A topic that is or was read.
#[derive(Debug, Clone)]
struct Source {
    topic: Arc<str>,
    /// What this catalogue expects there; `None` once it is not read any more.
    reads: Option<Reads>,
}

/// What stands on a topic that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// A fact.
    Fact(TypeId),
    /// Updates of entities.
    StateUpdates,
}

impl Names {
    /// The names of the first catalogue of a process.
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        Self::build(Vec::new(), catalogue)
    }

    /// The names of the catalogue after this one: every topic keeps its id, for good.
    pub(super) fn next(&self, catalogue: &Catalogue) -> Self {
        let gone = |source: &Source| Source { topic: Arc::clone(&source.topic), reads: None };
        Self::build(self.sources.iter().map(gone).collect(), catalogue)
    }

    fn build(mut sources: Vec<Source>, catalogue: &Catalogue) -> Self {
        let mut by_name: HashMap<_, _> =
            (0..).map(SourceId).zip(&sources).map(|(id, source)| (Arc::clone(&source.topic), id)).collect();
        for (topic, reads) in inputs(catalogue) {
            let id = *by_name.entry(Arc::clone(&topic)).or_insert_with(|| {
                sources.push(Source { topic, reads: None });
                SourceId(u32::try_from(sources.len() - 1).unwrap_or(u32::MAX))
            });
            sources[id.index()].reads = Some(reads);
        }
        Self {
            sources,
            by_name,
            types: catalogue.types.iter().map(|event_type| Arc::clone(&event_type.topic.name)).collect(),
            dead_letters: catalogue.prefixed(ControlTopic::DeadLetters.name()),
            audit: catalogue.prefixed(ControlTopic::Audit.name()),
            state: catalogue.prefixed(ControlTopic::State.name()),
            state_updates: catalogue.prefixed(ControlTopic::StateUpdates.name()),
            replies: catalogue.prefixed(ControlTopic::Replies.name()),
        }
    }

    /// The topic of the dead letters.
    pub(super) fn dead_letters(&self) -> &str {
        &self.dead_letters
    }

    /// The topic of updates, whether or not it is read.
    pub(super) fn state_updates(&self) -> &str {
        &self.state_updates
    }

    /// The topic of the entities.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// The topic of the audit records.
    pub(super) fn audit(&self) -> &str {
        &self.audit
    }

    /// The topic of a partition that is read.
    pub(super) fn topic_of(&self, partition: SourcePartition) -> &Arc<str> {
        &self.sources[partition.topic.index()].topic
    }

    /// The name of a topic that is written.
    pub(super) fn topic(&self, topic: Topic) -> &str {
        match topic {
            Topic::Event(id) => &self.types[id.index()],
            Topic::Control(ControlTopic::DeadLetters) => &self.dead_letters,
            Topic::Control(ControlTopic::Replies) => &self.replies,
            // The kernel of this version writes no other.
            Topic::Control(_) => &self.audit,
        }
    }

    /// A topic that is or was read.
    pub(super) fn source_of(&self, topic: &str) -> Option<SourceId> {
        self.by_name.get(topic).copied()
    }

    /// What stands on a topic under this catalogue; `None` where it is not read any more.
    pub(super) fn reads(&self, source: SourceId) -> Option<Reads> {
        self.sources.get(source.index())?.reads
    }

    /// A partition as Kafka names it.
    pub(super) fn kafka(&self, partition: SourcePartition) -> TopicPartition {
        (self.topic_of(partition).as_ref().to_owned(), partition.partition)
    }

    /// A partition as the kernel knows it; topics that were never read are left out.
    pub(super) fn kernel(&self, (topic, partition): &TopicPartition) -> Option<SourcePartition> {
        Some(SourcePartition { topic: self.source_of(topic)?, partition: *partition })
    }
}

/// The topics that a catalogue has read.
pub(super) fn inputs(catalogue: &Catalogue) -> impl Iterator<Item = (Arc<str>, Reads)> {
    let facts = catalogue.facts().map(|(id, fact, _)| (Arc::clone(&fact.topic.name), Reads::Fact(id)));
    let updates = catalogue.keeps_state().then(|| catalogue.prefixed(ControlTopic::StateUpdates.name()));
    facts.chain(updates.map(|topic| (topic.into(), Reads::StateUpdates)))
}

#[cfg(test)]
mod tests;
