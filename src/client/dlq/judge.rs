//! What would become of a dead letter that is sent back: whether it can be, and what the router would do with it. The
//! answer is the kernel's own decision, under the catalogue and the topics of now.

use std::collections::HashMap;

use serde::Serialize;

use super::{Edit, Letter};
use crate::catalogue::{Catalogue, ControlTopic};
use crate::ids::{RecordOffset, TypeId};
use crate::kernel::{
    Effects, Input, NoMemory, Record, Rules, StateUpdates, TopicFacts, check_update, decide, partition_of_update,
};
use crate::reason::{Outcome, ReasonCode};
use crate::time::Timestamp;

/// What a header costs beside its name and value, at most.
const HEADER_OVERHEAD: usize = 10;

/// What the router would do with a record now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Now {
    /// How it would decide.
    pub outcome: &'static str,
    /// The codes of what is against the record; none where it would pass.
    pub reasons: Vec<&'static str>,
    /// The sentence of these.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Now {
    /// Whether something would come of it: it would be no dead letter again, and not be denied.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// What becomes of a dead letter that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It goes back.
    Goes(Going),
    /// It stays.
    Held(Held),
}

/// A dead letter on its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// Where it stood, and goes.
    pub topic: Origin,
    /// The partition on which it stood, if the topic still has it: what has the same key stays in order, and the ledger
    /// against duplicates is one partition's (decision 61). Of an update, the partition of its entity, if it names one.
    pub partition: Option<i32>,
    /// Its value where that was edited.
    pub edited: Option<Vec<u8>>,
    /// What the router would do with it.
    pub now: Now,
}

/// Whose topic a dead letter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A fact's.
    Fact(TypeId),
    /// That of updates of entities.
    Updates,
}

impl Origin {
    /// The topic's name.
    #[must_use]
    pub fn topic(self, catalogue: &Catalogue) -> String {
        match self {
            Self::Fact(fact) => catalogue.event_type(fact).topic.name.to_string(),
            Self::Updates => catalogue.prefixed(ControlTopic::StateUpdates.name()),
        }
    }

    /// What the topic takes.
    fn takes(self, rules: &Rules) -> TopicFacts {
        match self {
            Self::Fact(fact) => rules.topology.types[fact.index()],
            Self::Updates => rules.topology.state.updates,
        }
    }
}

/// Why a dead letter stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It was sent back before.
    SentBack,
    /// It may have been: marks that were written after it are gone.
    MarkGone,
    /// It came back too often.
    TooOften,
    /// Only a part of it is left.
    Cut,
    /// Its topic does not take it.
    TooLarge,
    /// The catalogue has no fact with its topic; no router wrote it, where it names none.
    NoTopic,
    /// It cannot be changed as asked, and why.
    NotEditable(String),
    /// It would fail again, and only what would pass was asked for.
    WouldFail(Now),
}

/// Decides on dead letters.
pub struct Judge<'r> {
    rules: &'r Rules,
    origins: HashMap<String, Origin>,
    edits: &'r [Edit],
    note: Option<String>,
    max_replays: u32,
    effects: Effects,
}

impl<'r> Judge<'r> {
    /// Decides by these rules, on dead letters changed so, and lets none go that was sent back `max_replays` times.
    #[must_use]
    pub fn new(rules: &'r Rules, edits: &'r [Edit], max_replays: u32) -> Self {
        let facts = rules.catalogue.facts().map(|(id, ..)| Origin::Fact(id));
        let updates = rules.catalogue.keeps_state().then_some(Origin::Updates);
        let origins = facts.chain(updates).map(|origin| (origin.topic(&rules.catalogue), origin)).collect();
        let note = edits.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let note = (!edits.is_empty()).then_some(note);
        Self { rules, origins, edits, note, max_replays, effects: Effects::new() }
    }

    /// What becomes of a dead letter that was not sent back.
    pub fn fate(&mut self, letter: &Letter, now: Timestamp) -> Fate {
        self.going(letter, now).map_or_else(Fate::Held, Fate::Goes)
    }

    fn going(&mut self, letter: &Letter, now: Timestamp) -> Result<Going, Held> {
        let topic = letter.topic.as_deref().and_then(|topic| self.origins.get(topic).copied()).ok_or(Held::NoTopic)?;
        if letter.replays >= self.max_replays {
            return Err(Held::TooOften);
        }
        if letter.is_cut() {
            return Err(Held::Cut);
        }
        let edited = self.edit(letter).map_err(Held::NotEditable)?;
        let value = edited.as_deref().or(letter.record.value.as_deref());
        let count = letter.replays.saturating_add(1).to_string();
        let headers = letter.headers_back(self.note.as_deref(), &count);
        let bytes = headers.iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len) + HEADER_OVERHEAD);
        let beside = letter.record.key.as_ref().map_or(0, Vec::len) + bytes.sum::<usize>();
        let takes = topic.takes(self.rules);
        if beside + value.map_or(0, <[u8]>::len) > takes.room() {
            return Err(Held::TooLarge);
        }
        let stood = letter.source_partition().filter(|partition| (0..takes.partitions).contains(partition));
        let belongs = value.filter(|_| topic == Origin::Updates);
        let partition = belongs.and_then(|value| partition_of_update(self.rules, value)).or(stood);
        let record = Record {
            topic: (),
            partition: partition.unwrap_or(0),
            offset: RecordOffset(0),
            timestamp: Some(now),
            key: letter.record.key.as_deref(),
            value,
            headers: &headers,
        };
        let now = match topic {
            Origin::Fact(topic) => decided(self.rules, record.on(topic), now, &mut self.effects),
            Origin::Updates => updated(self.rules, record.on(StateUpdates), now),
        };
        Ok(Going { topic, partition, edited, now })
    }

    /// How dead letters are changed, for their headers.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    fn edit(&self, letter: &Letter) -> Result<Option<Vec<u8>>, String> {
        let mut edited = None;
        for edit in self.edits {
            let value = edited.as_deref().or(letter.record.value.as_deref()).ok_or("it has no value")?;
            edited = Some(edit.apply(value)?.into_bytes());
        }
        Ok(edited)
    }
}

/// The kernel's decision on a record.
fn decided(rules: &Rules, record: Record<'_>, now: Timestamp, effects: &mut Effects) -> Now {
    // A dead letter never filled the ledger against duplicates (decision 61).
    let outcome: Outcome = decide(rules, &NoMemory, Input::Record(record), now, effects);
    let Some(letter) = effects.dead_letter() else {
        return Now { outcome: outcome.code(), reasons: Vec::new(), message: String::new() };
    };
    let message = letter.headers.iter().find(|(name, _)| *name == "revbus.dead.message");
    let message = message.map(|(_, span)| String::from_utf8_lossy(effects.bytes(*span)).into_owned());
    Now {
        outcome: outcome.code(),
        reasons: letter.codes.iter().map(|code| code.code()).collect(),
        message: message.unwrap_or_default(),
    }
}

/// What is against an update without its entity, which only its worker knows: whether the version is the expected one
/// is not asked.
fn updated(rules: &Rules, record: Record<'_, StateUpdates>, now: Timestamp) -> Now {
    let reasons = check_update(rules, record, now);
    let outcome = match &*reasons {
        [] => Outcome::StateChanged,
        [reason] if reason.code == ReasonCode::WrongOwner => Outcome::Denied,
        _ => Outcome::Invalid,
    };
    let message = reasons.iter().map(|reason| &*reason.message).collect::<Vec<_>>().join("; ");
    let mut codes: Vec<_> = reasons.iter().map(|reason| reason.code).collect();
    codes.sort_unstable();
    codes.dedup();
    Now { outcome: outcome.code(), reasons: codes.iter().map(|code| code.code()).collect(), message }
}

/// The name of the event type of a topic, or the topic's own where the catalogue has no such fact.
pub(super) fn type_name<'a>(catalogue: &'a Catalogue, topic: Option<&'a str>) -> &'a str {
    let Some(topic) = topic else { return "(no dead letter of a router)" };
    let known = catalogue.types.iter().find(|event_type| &*event_type.topic.name == topic);
    let bare = || topic.strip_prefix(&*catalogue.settings.topic_prefix).unwrap_or(topic);
    known.map_or_else(bare, |event_type| &event_type.name)
}
