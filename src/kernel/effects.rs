//! What a decision does, as data: a reused buffer, so that a decision allocates nothing once it is warm.

use super::{LedgerKey, Settlement};
use crate::catalogue::ControlTopic;
use crate::ids::TypeId;
use crate::reason::ReasonCode;
use crate::state::Operation;
use crate::time::Timestamp;

/// The effects of one decision. Cleared and filled again for each record.
#[derive(Debug, Default)]
pub struct Effects {
    /// The bytes that spans point into.
    pub(super) bytes: Vec<u8>,
    /// The records to produce, in order; the audit record, if any, is the last.
    pub(super) produce: Vec<Produce>,
    /// The headers that produced records point into.
    pub(super) headers: Vec<(&'static str, Span)>,
    /// What becomes of the source record itself, where it could not be routed.
    pub(super) dead_letter: Option<DeadLetter>,
    /// What becomes of an entity.
    pub(super) entity: Option<PutEntity>,
    /// What is to be remembered of the event once its batch is committed.
    pub(super) remember: Option<LedgerKey>,
    /// How it ended, where it is an update.
    pub(super) settlement: Option<Settlement>,
    /// What was seen on the way.
    pub(super) observed: Observed,
}

/// A part of the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: usize,
    end: usize,
}

/// A record to produce.
#[derive(Debug, Clone, Copy)]
pub struct Produce {
    /// Where to.
    pub topic: Topic,
    /// On which partition.
    pub placement: Placement,
    /// Its key.
    pub key: Option<Span>,
    /// Its value.
    pub value: Span,
    /// Its headers: a range that [`Effects::headers_of`] resolves.
    pub headers: (usize, usize),
}

/// What becomes of an entity: a record of the state topic, and of the view once its batch is committed.
#[derive(Debug, Clone, Copy)]
pub struct PutEntity {
    /// On which partition.
    pub partition: i32,
    /// Its key.
    pub key: Span,
    /// What is written.
    pub write: EntityWrite,
}

/// What is written of an entity.
#[derive(Debug, Clone, Copy)]
pub enum EntityWrite {
    /// Its value.
    Value(Span),
    /// A tombstone with this header.
    Tombstone(Span),
}

/// A topic that the router writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The topic of an event type.
    Event(TypeId),
    /// A control topic.
    Control(ControlTopic),
}

/// How the partition is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// By the key, with murmur2.
    ByKey,
    /// This one.
    Partition(i32),
}

/// The source record goes to the dead letters, as it was, with these headers added (decisions 41 and 63).
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// On which partition.
    pub partition: i32,
    /// The headers to add; those of an earlier death are taken off before.
    pub headers: Vec<(&'static str, Span)>,
    /// How many bytes of the value fit, where not all do.
    pub cut: Option<usize>,
    /// Whether it goes without the record's own key and headers, because they do not fit.
    pub bare: bool,
    /// Which breaches, for metrics.
    pub codes: Vec<ReasonCode>,
}

/// What was seen on the way: counted, not decided on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observed {
    /// The event type or a field went by an alias (decisions 13 and 35).
    pub aliased: bool,
    /// The record's key was not the entity's (decision 44).
    pub foreign_key: bool,
    /// A time had no zone (decision 52).
    pub zoneless: bool,
    /// When the event says that it happened.
    pub event_time: Option<Timestamp>,
    /// What an update asks for, where that is known.
    pub operation: Option<Operation>,
    /// A full payload did not fit into its audit record and was left out.
    pub audit_payload_left_out: bool,
}

impl Effects {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.produce.clear();
        self.headers.clear();
        self.dead_letter = None;
        self.entity = None;
        self.remember = None;
        self.settlement = None;
        self.observed = Observed::default();
    }

    /// Takes back every record to produce: nothing of a failed event leaves.
    pub(super) fn take_back(&mut self) {
        self.produce.clear();
        self.headers.clear();
        self.entity = None;
    }

    /// Appends bytes and gives their span.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let start = self.bytes.len();
        write(&mut self.bytes);
        Span { start, end: self.bytes.len() }
    }

    /// The bytes of a span.
    #[must_use]
    pub fn bytes(&self, span: Span) -> &[u8] {
        &self.bytes[span.start..span.end]
    }

    /// The records to produce, in order.
    #[must_use]
    pub fn produced(&self) -> &[Produce] {
        &self.produce
    }

    /// The headers of a record to produce.
    pub fn headers_of(&self, produce: &Produce) -> impl ExactSizeIterator<Item = (&'static str, &[u8])> {
        self.headers[produce.headers.0..produce.headers.1].iter().map(|&(name, span)| (name, self.bytes(span)))
    }

    /// The dead letter, if the record is one.
    #[must_use]
    pub const fn dead_letter(&self) -> Option<&DeadLetter> {
        self.dead_letter.as_ref()
    }

    /// What becomes of an entity, if the record is an update that changes one.
    #[must_use]
    pub const fn entity(&self) -> Option<&PutEntity> {
        self.entity.as_ref()
    }

    /// What is to be remembered of the event once its batch is committed.
    #[must_use]
    pub const fn remember(&self) -> Option<LedgerKey> {
        self.remember
    }

    /// How the event ended, where it is an update that is to be remembered.
    #[must_use]
    pub const fn settlement(&self) -> Option<Settlement> {
        self.settlement
    }

    /// What was seen on the way.
    #[must_use]
    pub const fn observed(&self) -> &Observed {
        &self.observed
    }

    /// The bytes that will be produced, for the limits of a batch.
    #[must_use]
    pub fn produced_bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Span {
    /// How many bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }
}
