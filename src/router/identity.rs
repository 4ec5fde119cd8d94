//! Which topic a name stands for. One that was deleted and made anew has the same name and another id, and the group's
//! position is not of its log: the client goes on at the old position all the same, past the records before it. So the
//! ids are compared, with those that stand beside the committed positions and with what they were a while ago. A topic
//! that is another one is read from its start, by a new consumer: the old one's client still knows the old topic.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::ends::LAG_TIMEOUT;
use super::holds::Hold;
use super::worker::Worker;
use crate::kafka::consumer::Mark;
use crate::kafka::topic_id::TopicId;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::SourcePartition;

/// The ids of the topics that a worker reads.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// As earlier consumers of this worker knew them.
    before: BTreeMap<String, TopicId>,
    /// As its consumer knows them.
    now: BTreeMap<String, TopicId>,
    /// Topics that are not those of before, or not those of the committed positions.
    made_anew: BTreeSet<String>,
}

impl Identities {
    /// Takes what the cluster says; the topic that became another one, if one did.
    fn compare(&mut self, found: Vec<(String, TopicId)>) -> Option<String> {
        let mut changed = None;
        for (topic, id) in found {
            match self.now.get(&topic) {
                Some(known) if *known != id => changed = Some(topic),
                Some(_) => {}
                None => {
                    if self.before.get(&topic).is_some_and(|before| *before != id) {
                        self.made_anew.insert(topic.clone());
                    }
                    self.now.insert(topic, id);
                }
            }
        }
        changed
    }

    /// A committed position that counts says which topic this consumer reads, where the cluster does not.
    fn believe(&mut self, mark: &Mark) {
        if let Some(id) = &mark.note.topic_id {
            self.now.entry(mark.partition.0.clone()).or_insert_with(|| id.clone());
        }
    }

    /// Another consumer begins.
    pub(super) fn renew(&mut self) {
        self.before.append(&mut self.now);
        self.made_anew.clear();
    }

    /// Whether a topic is another one than the group's positions were of.
    pub(super) fn is_anew(&self, topic: &str) -> bool {
        self.made_anew.contains(topic)
    }

    /// The id for the position of a topic.
    pub(super) fn id_of(&self, topic: &str) -> Option<TopicId> {
        self.now.get(topic).cloned()
    }

    /// Whether a committed position is of the topic that is there now. Where either has no id, there is no telling.
    fn is_of_today(&self, mark: &Mark) -> bool {
        let now = self.now.get(&mark.partition.0);
        now.zip(mark.note.topic_id.as_ref()).is_none_or(|(now, marked)| now == marked)
    }
}

impl Worker<'_> {
    /// Asks for the ids of these partitions' topics.
    pub(super) fn identify(&mut self, partitions: &[SourcePartition], timeout: Duration) -> Result<(), Trouble> {
        let topics: BTreeSet<_> = partitions.iter().map(|one| self.names.topic_of(*one).to_string()).collect();
        let topics: Vec<_> = topics.iter().map(String::as_str).collect();
        if topics.is_empty() || self.shared.options.embedded {
            return Ok(());
        }
        let found = match self.watermarks()?.topic_ids(&topics, timeout) {
            Err(trouble) if trouble.kind == TroubleKind::Unreachable => return Err(trouble),
            Err(trouble) => {
                tracing::debug!(%trouble, "topics that are made anew are not noticed");
                Vec::new()
            }
            Ok(found) => found,
        };
        let Some(topic) = self.succession.identities.compare(found) else { return Ok(()) };
        let sentence = format!("the topic {topic} was deleted and made anew: this worker begins again");
        tracing::warn!(worker = self.shared.number, topic, "the topic was deleted and made anew");
        self.succession.due = true;
        Err(Trouble { kind: TroubleKind::Refused, sentence })
    }

    /// The committed positions that are of the topics of today; the others are forgotten, and told of.
    pub(super) fn keep_marks(&mut self, marks: Vec<Mark>) {
        for mark in marks {
            let Some(partition) = self.names.kernel(&mark.partition) else { continue };
            let topic = &mark.partition.0;
            if self.succession.identities.is_of_today(&mark) {
                self.succession.identities.believe(&mark);
                if self.committed.insert(partition, mark.position).is_some_and(|before| mark.position < before) {
                    // Brokers have lost what was committed, and perhaps what came of it: the trail alone says what not.
                    self.ledger.clear();
                }
                self.holds.said(partition, mark.note.stopped);
            } else {
                self.committed.remove(&partition);
                self.holds.said(partition, None);
                self.succession.identities.made_anew.insert(topic.clone());
            }
        }
    }

    /// Looks, between two batches, whether a topic became another one.
    pub(super) fn look_for_other_topics(&mut self) {
        let assigned: Vec<_> = self.places.assigned().chain(self.holds.of(Hold::Stopped)).collect();
        // Why there is no answer is other places' matter; this one asks again.
        let _ = self.identify(&assigned, LAG_TIMEOUT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Position;
    use crate::kafka::note::Note;

    fn id(text: &str) -> TopicId {
        TopicId::new(text).unwrap()
    }

    fn mark(id: Option<TopicId>) -> Mark {
        let note = Note { topic_id: id, stopped: None };
        Mark { partition: ("sales.won".to_owned(), 0), position: Position(7), note }
    }

    #[test]
    fn a_topic_that_becomes_another_under_the_consumer_ends_it_and_is_anew_for_the_next() {
        let mut ids = Identities::default();
        let said = |id| vec![("sales.won".to_owned(), id)];
        assert_eq!(ids.compare(said(id("a"))), None);
        assert_eq!(ids.compare(said(id("a"))), None);
        assert_eq!(ids.compare(Vec::new()), None, "it is away for a moment");
        assert_eq!(ids.compare(said(id("b"))), Some("sales.won".to_owned()));
        ids.renew();
        assert_eq!(ids.compare(said(id("b"))), None);
        assert!(ids.is_anew("sales.won"));
        ids.renew();
        ids.compare(said(id("b")));
        assert!(!ids.is_anew("sales.won"), "the next consumer begins with it");
    }

    #[test]
    fn a_topic_whose_id_is_not_told_is_that_of_its_position() {
        let mut ids = Identities::default();
        ids.compare(Vec::new());
        assert!(ids.is_of_today(&mark(Some(id("a")))));
        ids.believe(&mark(Some(id("a"))));
        assert_eq!(ids.compare(vec![("sales.won".to_owned(), id("b"))]), Some("sales.won".to_owned()));
    }

    #[test]
    fn a_position_counts_where_nothing_speaks_against_it() {
        let mut ids = Identities::default();
        assert!(ids.is_of_today(&mark(Some(id("a")))), "a broker without ids");
        ids.compare(vec![("sales.won".to_owned(), id("a"))]);
        assert!(ids.is_of_today(&mark(Some(id("a")))) && ids.is_of_today(&mark(None)));
        assert!(!ids.is_of_today(&mark(Some(id("b")))));
    }
}
