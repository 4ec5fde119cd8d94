//! What a replay does, or would do, by event type and reason. Groups and names are bounded: a million dead letters
//! fill no memory.

use std::collections::BTreeMap;

use serde::Serialize;

use super::groups::{self, OTHERS};
use super::{Fate, Held, Letter, Place};

/// How many dead letters that stay are named.
const MAX_NAMED: usize = 20;
/// How many ways to fail again are told apart in a group.
const MAX_FAILURES: usize = 20;

/// Dead letters of one event type that died of the same reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The event type.
    pub event_type: String,
    /// The codes of the reasons, comma between.
    pub reasons: String,
    /// How many go back.
    pub goes: u64,
    /// How many of those would not be dead letters again.
    pub passes: u64,
    /// What the others would die of.
    pub fails: BTreeMap<String, Failure>,
    /// How many stay, by why.
    pub stays: BTreeMap<Stay, u64>,
}

/// Why dead letters stay, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stay {
    /// They were sent back before.
    SentBack,
    /// They may have been: marks that were written after them are gone.
    MarkGone,
    /// They came back too often.
    TooOften,
    /// Only a part of them is left.
    Cut,
    /// Their topic does not take them.
    TooLarge,
    /// The catalogue has no fact with their topic.
    NoTopic,
    /// They cannot be changed as asked.
    NotEditable,
    /// They would fail again.
    WouldFail,
}

/// A way to fail again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// How many fail so.
    pub count: u64,
    /// The sentence of one of them: the least, as texts go.
    pub example: String,
}

/// A dead letter that cannot go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Where it lies.
    pub place: Place,
    /// Why it stays.
    pub why: String,
}

/// What a replay does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By event type and reasons, the largest first.
    pub groups: Vec<Group>,
    /// How many dead letters were meant.
    pub meant: u64,
    /// How many go back.
    pub goes: u64,
    /// How many of those would not be dead letters again.
    pub passes: u64,
    /// How many stay, by why.
    pub stays: BTreeMap<Stay, u64>,
    /// The first of those that cannot go back, by where they lie.
    pub named: Vec<Named>,
    /// How many cannot go back.
    pub stuck: u64,
    /// Whether it was told to stop before it had read all.
    pub stopped: bool,
}

impl Report {
    /// Nothing more is counted.
    pub(super) fn end(mut self) -> Self {
        groups::sort(&mut self.groups);
        self
    }

    /// Counts a dead letter that is meant.
    pub fn count(&mut self, event_type: &str, letter: &Letter, fate: &Fate) {
        self.meant += 1;
        let group = groups::group(&mut self.groups, event_type, &letter.reasons);
        match fate {
            Fate::Goes(going) => {
                group.goes += 1;
                if going.now.passes() {
                    group.passes += 1;
                    self.passes += 1;
                } else {
                    let codes = going.now.reasons.join(",");
                    fail(&mut group.fails, &codes, &going.now.message);
                }
                self.goes += 1;
            }
            Fate::Held(held) => {
                let stay = held.stay();
                *group.stays.entry(stay).or_default() += 1;
                if let Held::WouldFail(now) = held {
                    fail(&mut group.fails, &now.reasons.join(","), &now.message);
                }
                *self.stays.entry(stay).or_default() += 1;
                if let Some(why) = held.sentence(letter) {
                    self.stuck += 1;
                    let place = letter.place();
                    groups::keep_least(&mut self.named, MAX_NAMED, |named| named.place, place, || Named { place, why });
                }
            }
        }
    }
}

impl groups::Group for Group {
    fn new(event_type: &str, reasons: &str) -> Self {
        Self { event_type: event_type.to_owned(), reasons: reasons.to_owned(), ..Self::default() }
    }

    fn name(&self) -> (&str, &str) {
        (&self.event_type, &self.reasons)
    }

    fn size(&self) -> u64 {
        self.goes + self.stays.values().sum::<u64>()
    }
}

fn fail(fails: &mut BTreeMap<String, Failure>, codes: &str, message: &str) {
    let codes = if fails.len() < MAX_FAILURES || fails.contains_key(codes) { codes } else { OTHERS };
    let failure = fails.entry(codes.to_owned()).or_default();
    failure.count += 1;
    if failure.example.is_empty() || message < failure.example.as_str() {
        message.clone_into(&mut failure.example);
    }
}

impl Held {
    const fn stay(&self) -> Stay {
        match self {
            Self::SentBack => Stay::SentBack,
            Self::MarkGone => Stay::MarkGone,
            Self::TooOften => Stay::TooOften,
            Self::Cut => Stay::Cut,
            Self::TooLarge => Stay::TooLarge,
            Self::NoTopic => Stay::NoTopic,
            Self::NotEditable(_) => Stay::NotEditable,
            Self::WouldFail(_) => Stay::WouldFail,
        }
    }

    /// Why it cannot go back; `None` where it could, or did already.
    pub(super) fn sentence(&self, letter: &Letter) -> Option<String> {
        let stood = || letter.record.header("revbus.dead.topic").unwrap_or_default();
        match self {
            Self::SentBack | Self::WouldFail(_) => None,
            Self::MarkGone => Some(
                "it may have gone back before: younger marks were removed from revbus.replays, by a retention or by hand. If it \
                 did not, send it with --unmarked"
                    .to_owned(),
            ),
            Self::TooOften => Some(format!("it was sent back {} times already (--max-replays)", letter.replays)),
            Self::Cut => {
                let offset = letter.record.header("revbus.dead.offset").unwrap_or_default();
                let partition = letter.record.header("revbus.dead.partition").unwrap_or_default();
                Some(format!("only a part of it is left; the whole stood at {}/{partition}@{offset}", stood()))
            }
            Self::TooLarge => Some(format!("it is larger than {} takes (max.message.bytes)", stood())),
            Self::NoTopic if letter.topic.is_none() => Some("no router wrote it: it names no topic".to_owned()),
            Self::NoTopic => Some(format!("the catalogue has no fact whose topic is {}", stood())),
            Self::NotEditable(why) => Some(format!("it cannot be edited so: {why}")),
        }
    }
}
