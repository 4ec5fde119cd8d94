//! What tells a topic from one of the same name that was deleted. A group's position says of which of them it is
//! (`note.rs`).

use std::sync::Arc;

/// The id that Kafka gave a topic when it was created, as Kafka prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicId(Arc<str>);

/// What brokers say that know no ids.
const NONE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

impl TopicId {
    /// From what Kafka prints; none where the broker knows no ids.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        (!id.is_empty() && id != NONE).then(|| Self(id.into()))
    }

    /// As Kafka prints it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
