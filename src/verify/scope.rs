//! What can be judged: from when on each topic has all its records, how far the group has read, what hides behind a
//! transaction that does not end. Whatever lies outside is not judged, so that an edge is never reported as damage.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Damage, Entry, Finding, Place, What};
use crate::catalogue::{AuditMode, Catalogue, ControlTopic};
use crate::ids::TypeId;
use crate::kernel::partition_of;

/// How far apart the timestamps of records may lie that belong together, in milliseconds.
pub const MARGIN: i64 = 60_000;

/// The topics by number: one for each event type, then the updates, the state, the dead letters, and the audit.
#[derive(Debug)]
pub struct Topics {
    names: Vec<String>,
    numbers: HashMap<String, u16>,
}

impl Topics {
    /// Those of a catalogue; `None` if it has more than can be numbered.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Option<Self> {
        use ControlTopic as C;
        let control = [C::StateUpdates, C::State, C::DeadLetters, C::Audit];
        let control = control.map(|topic| catalogue.prefixed(topic.name()));
        let names: Vec<_> = catalogue.types.iter().map(|one| one.topic.name.to_string()).chain(control).collect();
        // The last number is that of no topic.
        let last = u16::try_from(names.len()).ok().filter(|count| *count < u16::MAX)?;
        let numbers = names.iter().cloned().zip(0..last).collect();
        Some(Self { names, numbers })
    }

    /// The number of a topic.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u16> {
        self.numbers.get(name).copied()
    }

    /// The name of a topic.
    #[must_use]
    pub fn name(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or("?", String::as_str)
    }

    /// The event type of a topic; `None` for the control topics.
    #[must_use]
    pub fn event_type(&self, number: u16) -> Option<TypeId> {
        (number < self.updates()).then_some(TypeId(u32::from(number)))
    }

    /// The number of an event type's topic.
    #[must_use]
    pub fn of_type(&self, id: TypeId) -> u16 {
        u16::try_from(id.0).unwrap_or(u16::MAX)
    }

    /// The number of the state updates.
    #[must_use]
    pub fn updates(&self) -> u16 {
        u16::try_from(self.names.len().saturating_sub(4)).unwrap_or(u16::MAX)
    }

    /// The number of the state.
    #[must_use]
    pub fn state(&self) -> u16 {
        self.updates() + 1
    }

    /// The dead letters' number.
    #[must_use]
    pub fn dead_letters(&self) -> u16 {
        self.updates() + 2
    }

    /// The audit's number.
    #[must_use]
    pub fn audit(&self) -> u16 {
        self.updates() + 3
    }

    /// `topic/partition@offset`.
    #[must_use]
    pub fn place(&self, place: Place) -> String {
        format!("{}/{}@{}", self.name(place.topic), place.partition, place.offset)
    }

    /// Something that is wrong at a place.
    #[must_use]
    pub fn finding(&self, damage: Damage, place: Place, id: Option<u128>, sentence: String) -> Finding {
        Finding {
            damage,
            topic: self.name(place.topic).to_owned(),
            partition: place.partition,
            offset: place.offset,
            id: id.and_then(event_id),
            sentence,
        }
    }
}

/// The text of a derived event's id; `None` for the digest of any other id.
pub(super) fn event_id(group: u128) -> Option<String> {
    let id = Uuid::from_u128(group);
    (id.get_version_num() != 0).then(|| format!("evt_{id}"))
}

/// From which record on a partition of a source is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// From this offset on.
    Offset(i64),
    /// From this time on, by the records' own timestamps.
    Time(i64),
}

/// What is known of a partition of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The first offset of which it is known whether there is a record.
    pub from: i64,
    /// The offset behind the last one that was read.
    pub to: i64,
    /// The log's end when everything was read: no record that is audited stands behind it.
    pub end: i64,
    /// The group's position; 0 where it has none.
    pub position: i64,
    /// From where on a record must have left a trace.
    pub floor: Floor,
    /// Whether its effects stand behind a transaction that does not end.
    pub hidden: bool,
}

/// What can be judged.
#[derive(Debug)]
pub struct Scope {
    /// The topics.
    pub topics: Topics,
    /// Whether decisions are audited.
    pub audit: AuditMode,
    /// Nothing that was written before this time is judged; `i64::MIN` judges all.
    pub since: i64,
    /// How many partitions each topic by number has; 0 where that is not known.
    pub partitions: Vec<i32>,
    /// For each topic by number: from this time on it has all its records.
    pub whole_from: Vec<i64>,
    /// Topics in which a transaction does not end: what is not seen there may be there.
    pub blind: HashSet<u16>,
    /// How long an event is remembered against its repetition, in milliseconds.
    pub window: i64,
    /// Tombstones that were written before this time may be compacted away.
    pub buried: i64,
    /// The partitions of the sources.
    pub sources: HashMap<(u16, i32), Reach>,
}

impl Scope {
    /// Whether a record of this topic that belongs to one of this time would be seen.
    #[must_use]
    pub fn would_see(&self, topic: u16, time: i64) -> bool {
        !self.blind.contains(&topic) && self.whole_from.get(usize::from(topic)).is_none_or(|from| time >= *from)
    }

    /// Whether a record was written within what is judged, and one of this topic that belongs to it would be seen.
    #[must_use]
    pub fn judges(&self, time: i64, other: u16) -> bool {
        time >= self.since && self.would_see(other, time)
    }

    /// Whether the group has read past a source record, so that its effects are there.
    #[must_use]
    pub fn consumed(&self, source: Place) -> bool {
        self.reach(source).is_some_and(|reach| source.offset < reach.position)
    }

    /// Whether a source record must have left a trace.
    #[must_use]
    pub fn must_be_traced(&self, source: &Entry) -> bool {
        let Some(reach) = self.reach(source.source) else { return false };
        let begun = match reach.floor {
            Floor::Offset(floor) => source.source.offset >= floor,
            Floor::Time(floor) => source.time >= floor,
        };
        let judged = source.what == What::Source && source.time >= self.since;
        judged && begun && !reach.hidden && self.consumed(source.source)
    }

    /// Whether it is known that no record stands at a place of a source, of which none was read.
    #[must_use]
    pub fn has_no_record_at(&self, source: Place) -> bool {
        match self.reach(source) {
            Some(reach) => {
                source.offset < 0 || (reach.from..reach.to).contains(&source.offset) || source.offset >= reach.end
            }
            // A topic that is not seen has no partition here at all.
            None => self.sources.keys().any(|(topic, _)| *topic == source.topic),
        }
    }

    /// Whether all is seen that the ledger against duplicates may have held when a record was audited.
    #[must_use]
    pub fn remembers(&self, time: i64) -> bool {
        let whole_from = self.whole_from.get(usize::from(self.topics.audit()));
        let begins = whole_from.map_or(self.since, |from| self.since.max(*from));
        begins == i64::MIN || time.saturating_sub(self.window) >= begins
    }

    /// Whether the whole audit was read, from its first record on.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let whole_from = self.whole_from.get(usize::from(self.topics.audit()));
        self.since == i64::MIN && whole_from.is_none_or(|from| *from == i64::MIN)
    }

    /// Whether what was written within what is judged was made before that, by its own time.
    #[must_use]
    pub const fn is_older(&self, time: i64, own: i64) -> bool {
        time >= self.since && own < self.since.saturating_sub(MARGIN)
    }

    /// Whether a key may stand on a partition: a topic may have had fewer of them before.
    #[must_use]
    pub fn may_stand(&self, key: &[u8], place: Place) -> bool {
        let partitions = self.partitions.get(usize::from(place.topic)).copied().unwrap_or(0);
        partitions == 0 || (place.partition + 1..=partitions).any(|count| partition_of(key, count) == place.partition)
    }

    fn reach(&self, source: Place) -> Option<&Reach> {
        self.sources.get(&(source.topic, source.partition))
    }
}
