//! Which dead letters were sent back: eight bytes each, read from the marks on `revbus.replays`.
//!
//! A mark is written in the transaction that sends its letters, so the two are never seen apart. Positions of a group
//! could not say "these, and not those between them", which is what a filter leaves behind.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Letter, Place};
use crate::kafka::trouble::{Trouble, TroubleKind};

/// How a mark is written; one of a later version stops us.
const VERSION: u32 = 1;
/// The most letters of a mark; more than any batch has.
const MAX_LETTERS: i64 = 1 << 20;
/// How many offsets one chunk stands for.
const CHUNK: i64 = 1024;
/// How far the clocks may be apart by which letters and their marks were written, in milliseconds.
const CLOCKS: i64 = 300_000;
/// No mark.
const NEVER: i64 = i64::MIN;

/// Some dead letters of one partition that were sent back together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    v: u32,
    /// The partition of the dead letters.
    pub partition: i32,
    /// When the newest of them was written, in milliseconds since 1970. It tells a topic that was made anew.
    pub newest: i64,
    /// First and last offset of each run of them.
    pub runs: Vec<(i64, i64)>,
    /// How they were changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<String>,
}

/// What a mark of any version has.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl Mark {
    /// A mark of no letter yet.
    #[must_use]
    pub const fn new(partition: i32, edits: Vec<String>) -> Self {
        Self { v: VERSION, partition, newest: i64::MIN, runs: Vec::new(), edits }
    }

    /// Takes one more letter into the mark; they come in the order of their offsets.
    pub fn add(&mut self, letter: &Letter) {
        let offset = letter.place().offset;
        self.newest = self.newest.max(written(letter));
        match self.runs.last_mut() {
            Some((_, last)) if *last + 1 == offset => *last = offset,
            Some(_) | None => self.runs.push((offset, offset)),
        }
    }

    /// The mark as JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a mark; `None` where the record is no mark of any version, but another's.
    ///
    /// # Errors
    /// It is of a later version, or says what none can.
    pub fn read(value: Option<&[u8]>) -> Result<Option<Self>, String> {
        let value = value.unwrap_or_default();
        // A list would be read as the members in their order.
        let object = value.trim_ascii_start().starts_with(b"{");
        let Some(Version { v }) = serde_json::from_slice(value).ok().filter(|_| object) else { return Ok(None) };
        if v != VERSION {
            return Err(format!("it is of version {v}, and this revbus knows {VERSION}"));
        }
        let mark: Self = serde_json::from_slice(value).map_err(|error| error.to_string())?;
        let letters = mark.runs.iter().try_fold(0_i64, |sum, (first, last)| {
            let run = last.checked_sub(*first).filter(|_| *first >= 0 && last >= first)?;
            sum.checked_add(run)?.checked_add(1).filter(|sum| *sum <= MAX_LETTERS)
        });
        letters.map(|_| Some(mark)).ok_or_else(|| "its runs are none".to_owned())
    }
}

/// When a letter was written, in milliseconds; the beginning of time where the log does not say.
fn written(letter: &Letter) -> i64 {
    letter.record.timestamp.map_or(i64::MIN, crate::time::Timestamp::millis)
}

/// Of each dead letter that was sent back, the youngest that its mark speaks of.
#[derive(Debug, Default)]
pub struct Marks {
    partitions: HashMap<i32, BTreeMap<i64, Chunk>>,
    /// When the youngest mark was written that is gone, at the latest.
    gone: Option<i64>,
}

/// By offset. Not one for all of a chunk: a mark that is written behind a topic made anew would then speak for those before.
type Chunk = Box<[i64; CHUNK as usize]>;

/// The dead letters' topic is not the one that the marks speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the dead letter {0} is younger than the mark that says it was sent back: revbus.dead_letters was deleted and made \
     again, and revbus.replays must be too"
)]
pub struct Foreign(pub Place);

impl From<Foreign> for Trouble {
    fn from(foreign: Foreign) -> Self {
        Self { kind: TroubleKind::Refused, sentence: foreign.to_string() }
    }
}

impl Marks {
    /// Takes in a mark.
    pub fn add(&mut self, mark: &Mark) {
        let chunks = self.partitions.entry(mark.partition).or_default();
        for offset in mark.runs.iter().flat_map(|&(first, last)| first..=last) {
            let chunk = chunks.entry(offset / CHUNK).or_insert_with(|| Box::new([NEVER; CHUNK as usize]));
            let newest = &mut chunk[within(offset)];
            // A letter of no time, which the log does not tell, is marked all the same.
            *newest = mark.newest.max(*newest).max(NEVER + 1);
        }
    }

    /// Takes note that marks are gone, the youngest of them written no later than this, in milliseconds.
    pub fn miss(&mut self, until: i64) {
        self.gone = self.gone.max(Some(until));
    }

    /// Whether a letter without a mark may have had one that is gone: a mark is younger than its letters, as far as the
    /// clocks of two machines tell.
    #[must_use]
    pub fn may_have_had(&self, letter: &Letter) -> bool {
        self.gone.is_some_and(|until| written(letter) <= until.saturating_add(CLOCKS))
    }

    /// Whether a letter was sent back.
    ///
    /// # Errors
    /// It is younger than every mark that could mean it.
    pub fn have(&self, letter: &Letter) -> Result<bool, Foreign> {
        let Place { partition, offset } = letter.place();
        let chunk = self.partitions.get(&partition).and_then(|chunks| chunks.get(&(offset / CHUNK)));
        match chunk.map_or(NEVER, |chunk| chunk[within(offset)]) {
            NEVER => Ok(false),
            newest if written(letter) > newest => Err(Foreign(letter.place())),
            _ => Ok(true),
        }
    }
}

/// The place of an offset within its chunk.
fn within(offset: i64) -> usize {
    usize::try_from(offset.rem_euclid(CHUNK)).unwrap_or(0)
}
