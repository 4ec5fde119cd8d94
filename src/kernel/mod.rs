//! The pure middle: what becomes of a record, and what the worker does next.
//!
//! No Kafka, no clock, no randomness, no files: [`decide`] is told the time and returns effects as data, so that
//! replaying the same input gives the same bytes. Invariants: every record has exactly one outcome and, where audit
//! is on, exactly one audit record (AU-1); a record is routed whole or dead-lettered whole.

mod admit;
mod audited;
pub mod cases;
mod check;
mod dead_letter;
mod decide;
mod effects;
pub mod explain;
mod fire;
mod ledger;
mod rules;
mod state;
#[cfg(test)]
mod tests;
pub mod worker;

pub use check::{Checkup, check};
pub use dead_letter::{EDIT_HEADER, REPLAYS_HEADER, is_cut, replay_count};
pub use decide::{decide, refuse};
pub use effects::{DeadLetter, Effects, EntityWrite, Observed, Placement, Produce, PutEntity, Span, Topic};
pub use ledger::{Ledger, LedgerKey, LedgerKeys, LedgerLimits, PartitionLedger, Remembered, Settlement};
pub use rules::{Rules, StateTopics, TopicFacts, Topology};
pub use state::{Entities, PartitionView, Registry, check_update, largest_state, partition_of, partition_of_update};

use crate::ids::{RecordOffset, TypeId};
use crate::time::Timestamp;

/// What the names of all headers of a dead letter begin with.
pub const DEAD_HEADER_PREFIX: &str = "revbus.dead.";

/// A header of a record, as bytes: names need not be UTF-8.
pub type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// What is decided on.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A record of a fact topic.
    Record(Record<'a>),
    /// A record of the topic of state updates.
    Update(Record<'a, StateUpdates>),
}

/// The topic of state updates, which is no event type's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateUpdates;

/// A record as it stands on Kafka.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a, T = TypeId> {
    /// The topic it came from: the event type's, for a fact.
    pub topic: T,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: RecordOffset,
    /// The record's own timestamp.
    pub timestamp: Option<Timestamp>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` for a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers, in their order.
    pub headers: &'a [Header<'a>],
}

impl<'a, T> Record<'a, T> {
    /// The same record on another topic.
    #[must_use]
    pub fn on<U>(self, topic: U) -> Record<'a, U> {
        let Self { partition, offset, timestamp, key, value, headers, .. } = self;
        Record { topic, partition, offset, timestamp, key, value, headers }
    }
}

/// What can be the topic of a record.
trait SourceTopic: Copy {
    /// Its name.
    fn topic(self, rules: &Rules) -> &str;
}

impl SourceTopic for TypeId {
    fn topic(self, rules: &Rules) -> &str {
        &rules.catalogue.event_type(self).topic.name
    }
}

impl SourceTopic for StateUpdates {
    fn topic(self, rules: &Rules) -> &str {
        rules.state_updates()
    }
}

/// What is known of one input partition's past, and of its entities.
pub trait View {
    /// Whether this event was decided on before, within the duplicate window (decision 61). The scope is what its id is
    /// one of: the tenant of a fact, tenant and module of an update.
    fn look(&self, scope: &str, event_id: &str) -> Look;

    /// How an update ended that was decided on before.
    fn settlement(&self, scope: &str, event_id: &str) -> Option<Settlement>;

    /// The value of an entity as it stands on the state topic, by its key; `None` where it is not there.
    fn entity(&self, key: &[u8]) -> Option<&[u8]>;
}

/// What the past says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// It was decided on before.
    Seen,
    /// It was not; this is how to remember it.
    New(LedgerKey),
}

/// A view that remembers nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMemory;

impl View for NoMemory {
    fn look(&self, _tenant: &str, _event_id: &str) -> Look {
        Look::New(LedgerKey::NONE)
    }

    fn settlement(&self, _tenant: &str, _event_id: &str) -> Option<Settlement> {
        None
    }

    fn entity(&self, _key: &[u8]) -> Option<&[u8]> {
        None
    }
}
