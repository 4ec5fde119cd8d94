//! The text that Kafka keeps with every committed position and reads nothing into. Words that are not ours are passed
//! over.

use super::topic_id::TopicId;
use crate::time::Timestamp;

/// What is said beside a position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// Of which of the topics that had this name, where that is known.
    pub topic_id: Option<TopicId>,
    /// That its event type is stopped for a storm of dead letters.
    pub stopped: Option<Stopped>,
}

/// A stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The digest of the catalogue that decided.
    pub digest: String,
    /// Since when, to the millisecond, by the clock of whoever stopped it.
    pub since: Timestamp,
}

const TOPIC_ID: &str = "topic_id=";
const STOPPED: &str = "stopped=";

impl Note {
    /// From the text of a committed position.
    pub(super) fn read(text: &str) -> Self {
        let of = |key| text.split(' ').find_map(|word| word.strip_prefix(key)).filter(|value| !value.is_empty());
        Self { topic_id: of(TOPIC_ID).and_then(TopicId::new), stopped: of(STOPPED).and_then(Stopped::read) }
    }

    /// The text for a committed position.
    pub(super) fn text(&self) -> String {
        let topic_id = self.topic_id.iter().map(|id| format!("{TOPIC_ID}{}", id.as_str()));
        let stopped = self.stopped.iter().map(|stop| format!("{STOPPED}{}@{}", stop.digest, stop.since.millis()));
        topic_id.chain(stopped).collect::<Vec<_>>().join(" ")
    }
}

impl Stopped {
    fn read(text: &str) -> Option<Self> {
        let (digest, since) = text.split_once('@')?;
        Some(Self { digest: digest.to_owned(), since: Timestamp::from_millis(since.parse().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_it_was_made_of_and_others_say_nothing() {
        let topic_id = TopicId::new("3dTlYJcWQkm7DLWrAhBBvQ");
        let stop = Stopped { digest: "c82cc6070ee21717".to_owned(), since: Timestamp::from_millis(1_764_512_345_678) };
        for stopped in [None, Some(stop)] {
            for topic_id in [None, topic_id.clone()] {
                let note = Note { topic_id, stopped: stopped.clone() };
                assert_eq!(Note::read(&note.text()), note);
            }
        }
        assert_eq!(Note::read("owner=us topic_id=3dTlYJcWQkm7DLWrAhBBvQ more").topic_id, topic_id);
        for text in [
            "",
            "topic_id=",
            "3dTlYJcWQkm7DLWrAhBBvQ",
            "topic_id=AAAAAAAAAAAAAAAAAAAAAA",
            "stopped=",
            "stopped=x",
            "stopped=x@y",
        ] {
            assert_eq!(Note::read(text), Note::default(), "{text}");
        }
    }
}
