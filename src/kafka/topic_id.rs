//! What tells a topic from one of the same name that was deleted. A group's position says of which of them it is: in
//! the text that Kafka keeps with every committed position and reads nothing into.

use std::sync::Arc;

/// The id that Kafka gave a topic when it was created, as Kafka prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicId(Arc<str>);

/// In front of the id, in the text of a committed position.
const PREFIX: &str = "topic_id=";
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

    /// From the text of a committed position, where it is one of ours.
    pub(super) fn from_note(note: &str) -> Option<Self> {
        note.strip_prefix(PREFIX).and_then(Self::new)
    }

    /// The text for a committed position.
    pub(super) fn note(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_it_was_made_of_and_others_say_nothing() {
        let id = TopicId::new("3dTlYJcWQkm7DLWrAhBBvQ").unwrap();
        assert_eq!(TopicId::from_note(&id.note()), Some(id));
        for text in ["", "topic_id=", "3dTlYJcWQkm7DLWrAhBBvQ", "topic_id=AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(TopicId::from_note(text), None, "{text}");
        }
    }
}
