//! Between the names on Kafka and the ids of the catalogue.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, ControlTopic};
use crate::ids::TypeId;
use crate::kafka::consumer::TopicPartition;
use crate::kernel::Topic;
use crate::kernel::worker::SourcePartition;

/// The topics that the router reads and writes.
#[derive(Debug)]
pub(super) struct Names {
    types: Vec<Arc<str>>,
    by_name: HashMap<Arc<str>, TypeId>,
    dead_letters: String,
    audit: String,
}

impl Names {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let types: Vec<_> = catalogue.types.iter().map(|event_type| Arc::clone(&event_type.topic.name)).collect();
        Self {
            by_name: (0..).map(TypeId).zip(&types).map(|(id, name)| (Arc::clone(name), id)).collect(),
            types,
            dead_letters: catalogue.prefixed(ControlTopic::DeadLetters.name()),
            audit: catalogue.prefixed(ControlTopic::Audit.name()),
        }
    }

    /// The topic of the dead letters.
    pub(super) fn dead_letters(&self) -> &str {
        &self.dead_letters
    }

    /// The topic of the audit records.
    pub(super) fn audit(&self) -> &str {
        &self.audit
    }

    /// The topic of a partition that is read.
    pub(super) fn topic_of(&self, partition: SourcePartition) -> &Arc<str> {
        &self.types[partition.topic.index()]
    }

    /// The name of a topic that is written.
    pub(super) fn topic(&self, topic: Topic) -> &str {
        match topic {
            Topic::Event(id) => &self.types[id.index()],
            Topic::Control(ControlTopic::DeadLetters) => &self.dead_letters,
            // The kernel of this version writes no other.
            Topic::Control(_) => &self.audit,
        }
    }

    /// The event type of a topic that is read.
    pub(super) fn type_of(&self, topic: &str) -> Option<TypeId> {
        self.by_name.get(topic).copied()
    }

    /// A partition as Kafka names it.
    pub(super) fn kafka(&self, partition: SourcePartition) -> TopicPartition {
        (self.types[partition.topic.index()].as_ref().to_owned(), partition.partition)
    }

    /// A partition as the kernel knows it; topics that are not the catalogue's are left out.
    pub(super) fn kernel(&self, (topic, partition): &TopicPartition) -> Option<SourcePartition> {
        Some(SourcePartition { topic: self.type_of(topic)?, partition: *partition })
    }
}
