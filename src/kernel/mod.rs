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
#[cfg(test)]
mod tests;
pub mod worker;

pub use check::{Checkup, check};
pub use dead_letter::is_cut;
pub use decide::{decide, refuse};
pub use effects::{DeadLetter, Effects, Observed, Placement, Produce, Span, Topic};
pub use ledger::{Ledger, LedgerKey, LedgerKeys, LedgerLimits, PartitionLedger, Remembered};
pub use rules::{Rules, TopicFacts, Topology};

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
}

/// A record as it stands on Kafka.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The event type whose topic it came from.
    pub topic: TypeId,
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

/// What is known of one input partition's past.
pub trait View {
    /// Whether this event was decided on before, within the duplicate window (decision 61).
    fn look(&self, tenant: &str, event_id: &str) -> Look;
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
}
