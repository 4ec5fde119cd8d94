//! What is kept of a record while it waits to be judged: 96 bytes that sort by themselves.

use sha2::{Digest as _, Sha256};

/// The size of an entry.
pub const ENTRY_BYTES: usize = 96;

/// Where a record stands; the topic is a number of [`super::Topics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its topic.
    pub topic: u16,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

impl Place {
    /// No place at all.
    pub const NONE: Self = Self { topic: u16::MAX, partition: -1, offset: -1 };

    /// The group of everything about this record.
    #[must_use]
    pub const fn group(self) -> u128 {
        (self.topic as u128) << 112
            | (self.partition.cast_unsigned() as u128) << 64
            | (self.offset.cast_unsigned() as u128)
    }
}

/// What a source record came to, as its audit record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was routed.
    Routed,
    /// It is a dead letter.
    Dead,
    /// Nothing came of it: no trigger, a conflict.
    Nothing,
    /// It was not let in, and is not remembered.
    Denied,
    /// It changed an entity.
    Changed,
    /// It was decided on before.
    Repeated,
}

/// What an entry is. Within a group they come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An audit record (or, where the audit is off, the catalogue) names an event that must have been derived.
    Named,
    /// The catalogue names an event that may have been derived: its trigger has a condition.
    Possible,
    /// Deciding again on a source record derives an event.
    Again,
    /// A derived event.
    Derived,
    /// The source record itself.
    Source,
    /// An audit record of it.
    Audited(Fate),
    /// A dead letter of it.
    Buried,
    /// Something that it must lead to is there; told where the audit is off.
    Met,
    /// Something that it must lead to is not; told where the audit is off.
    Missing,
    /// A derived event whose source is known.
    Ordered,
    /// A derived event that no audit record names.
    Unaudited,
    /// A source record that left no trace.
    Untraced,
    /// An audit record of a change: its value must have been written.
    Change,
    /// A value of an entity, or a tombstone.
    Value,
    /// A change whose value is not there.
    Absent,
    /// An audit record of what counts against its repetition.
    Settled,
    /// An audit record of a duplicate.
    Duplicate,
}

impl What {
    const ALL: [Self; 22] = [
        Self::Named,
        Self::Possible,
        Self::Again,
        Self::Derived,
        Self::Source,
        Self::Audited(Fate::Routed),
        Self::Audited(Fate::Dead),
        Self::Audited(Fate::Nothing),
        Self::Audited(Fate::Denied),
        Self::Audited(Fate::Changed),
        Self::Audited(Fate::Repeated),
        Self::Buried,
        Self::Met,
        Self::Missing,
        Self::Ordered,
        Self::Unaudited,
        Self::Untraced,
        Self::Change,
        Self::Value,
        Self::Absent,
        Self::Settled,
        Self::Duplicate,
    ];

    const fn goes_by_place(self) -> bool {
        matches!(self, Self::Ordered | Self::Value | Self::Settled | Self::Duplicate)
    }

    fn code(self) -> u8 {
        Self::ALL.iter().position(|one| *one == self).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    }
}

/// One thing that is known of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What is judged together: a derived id, a source record, a key, a cause.
    pub group: u128,
    /// What it is.
    pub what: What,
    /// The source record that it is about, where that is known.
    pub source: Place,
    /// The record that says so.
    pub place: Place,
    /// That record's timestamp, in milliseconds.
    pub time: i64,
    /// Which event caused it: a digest of tenant and event id.
    pub cause: u64,
    /// The topic on which a named event belongs.
    pub on: u16,
    /// Of an update the digest of its entity's key; of a change and of a value a [`Write`]; of a fact and of its audit
    /// record a [`super::Verdict`], or 0.
    pub more: u64,
    /// A digest of what is in it. Of a source record and of its dead letter: of the source record, 0 where that is cut. Of
    /// a derived event: of all that follows from its source. Of an audit record: of what its dead letter must say.
    pub content: u64,
    /// A digest of what is said of the event: by its audit record, and, of a source record, what that must say; 0 where
    /// that is not known. Of a dead letter: of what it says. Of a derived event: of its data alone.
    pub said: u64,
    /// When the decision was taken that is audited, in milliseconds. Of a fact: from when on its own time does not lie too
    /// far ahead.
    pub at: i64,
}

/// What was written of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The version.
    pub version: u64,
    /// Whether it is a tombstone.
    pub deletes: bool,
}

impl Write {
    /// As a number.
    #[must_use]
    pub const fn pack(self) -> u64 {
        self.version << 1 | self.deletes as u64
    }

    /// From its number.
    #[must_use]
    pub const fn unpack(number: u64) -> Self {
        Self { version: number >> 1, deletes: number & 1 == 1 }
    }
}

impl Entry {
    /// As bytes that sort by group, kind, source, place; what is judged in the order of its log, by its place
    /// first.
    #[must_use]
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut out = [0; ENTRY_BYTES];
        let (first, second) =
            if self.what.goes_by_place() { (self.place, self.source) } else { (self.source, self.place) };
        let mut at = 0;
        let mut push = |bytes: &[u8]| {
            out[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        push(&self.group.to_be_bytes());
        push(&[self.what.code()]);
        for place in [first, second] {
            push(&place.topic.to_be_bytes());
            // Numbers below zero stand only in places that are none.
            push(&place.partition.to_be_bytes());
            push(&place.offset.to_be_bytes());
        }
        push(&self.time.to_be_bytes());
        push(&self.cause.to_be_bytes());
        push(&self.on.to_be_bytes());
        push(&self.more.to_be_bytes());
        push(&self.at.to_be_bytes());
        push(&self.content.to_be_bytes());
        push(&self.said.to_be_bytes());
        out
    }

    /// From its bytes; `None` for bytes that no entry has.
    #[must_use]
    pub fn decode(bytes: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let what = *What::ALL.get(usize::from(bytes[16]))?;
        let place = |at: usize| {
            Some(Place {
                topic: u16::from_be_bytes(array(bytes, at)?),
                partition: i32::from_be_bytes(array(bytes, at + 2)?),
                offset: i64::from_be_bytes(array(bytes, at + 6)?),
            })
        };
        let (first, second) = (place(17)?, place(31)?);
        let (source, place) = if what.goes_by_place() { (second, first) } else { (first, second) };
        Some(Self {
            group: u128::from_be_bytes(array(bytes, 0)?),
            what,
            source,
            place,
            time: i64::from_be_bytes(array(bytes, 45)?),
            cause: u64::from_be_bytes(array(bytes, 53)?),
            on: u16::from_be_bytes(array(bytes, 61)?),
            more: u64::from_be_bytes(array(bytes, 63)?),
            at: i64::from_be_bytes(array(bytes, 71)?),
            content: u64::from_be_bytes(array(bytes, 79)?),
            said: u64::from_be_bytes(array(bytes, 87)?),
        })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// 128 bits that stand for some texts: each goes in behind its length, so no two lists look alike.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> u128 {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha.finalize()[..16]);
    u128::from_be_bytes(bytes)
}
