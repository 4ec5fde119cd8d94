//! Which dead letters there are, by event type and reasons.

use serde::Serialize;

use super::groups;
use super::judge::type_name;
use super::marks::Foreign;
use super::scan::{Order, Step};
use super::{Filter, Letter, Marks, Place, Scan, read_marks};
use crate::catalogue::Catalogue;
use crate::kafka::config::KafkaSettings;
use crate::kafka::reader::Start;
use crate::kafka::trouble::Trouble;
use crate::time::Timestamp;

/// How many samples a group has.
const SAMPLES: usize = 3;

/// A dead letter in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Where it lies.
    pub place: Place,
    /// When it was written, as its record says.
    #[serde(skip)]
    pub written: Option<Timestamp>,
    /// Whose it is.
    pub tenant: Option<String>,
    /// Its sentence.
    pub message: String,
    /// How often it was sent back before.
    pub replays: u32,
}

/// Dead letters of one event type that died of the same reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct InventoryGroup {
    /// The event type.
    pub event_type: String,
    /// The codes of the reasons, comma between.
    pub reasons: String,
    /// How many there are.
    pub dead_letters: u64,
    /// How many of those were sent back.
    pub sent_back: u64,
    /// The oldest of those that were not.
    pub samples: Vec<Sample>,
}

/// Which dead letters there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// By event type and reasons, the largest first.
    pub groups: Vec<InventoryGroup>,
    /// How many there are.
    pub dead_letters: u64,
    /// How many of those were sent back.
    pub sent_back: u64,
}

/// Reads and counts all dead letters that are meant. `watch` hears how many were read, of how many at most.
///
/// # Errors
/// The cluster cannot be reached, does not let us in, or lacks the topic.
pub fn list(
    settings: &KafkaSettings,
    catalogue: &Catalogue,
    (filter, start): (&Filter, Start),
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Inventory, Trouble> {
    let marks = read_marks(settings, catalogue)?.unwrap_or_default();
    let mut scan = Scan::open(settings, catalogue, (start, Order::AsTheyCome))?;
    let mut inventory = Inventory::default();
    loop {
        let letter = match scan.look()? {
            Step::Letter(letter) => letter,
            Step::Quiet => continue,
            Step::Done => break,
        };
        let (read, of) = scan.progress();
        watch(read, of);
        if filter.means(&letter) {
            let event_type = type_name(catalogue, letter.topic.as_deref());
            inventory.count(event_type, &letter, &marks)?;
        }
    }
    Ok(inventory.end())
}

impl Inventory {
    /// Nothing more is counted.
    pub(super) fn end(mut self) -> Self {
        groups::sort(&mut self.groups);
        self
    }

    /// Counts a dead letter.
    pub(super) fn count(&mut self, event_type: &str, letter: &Letter, marks: &Marks) -> Result<(), Foreign> {
        let sent_back = marks.have(letter)?;
        let group = groups::group(&mut self.groups, event_type, &letter.reasons);
        group.dead_letters += 1;
        self.dead_letters += 1;
        if sent_back {
            group.sent_back += 1;
            self.sent_back += 1;
        } else {
            let (written, place) = (letter.record.timestamp, letter.place());
            let age = |sample: &Sample| (sample.written, sample.place);
            groups::keep_least(&mut group.samples, SAMPLES, age, (written, place), || Sample {
                place,
                written,
                tenant: letter.tenant(),
                message: letter.message(),
                replays: letter.replays,
            });
        }
        Ok(())
    }
}

impl groups::Group for InventoryGroup {
    fn new(event_type: &str, reasons: &str) -> Self {
        Self { event_type: event_type.to_owned(), reasons: reasons.to_owned(), ..Self::default() }
    }

    fn name(&self) -> (&str, &str) {
        (&self.event_type, &self.reasons)
    }

    fn size(&self) -> u64 {
        self.dead_letters
    }
}
