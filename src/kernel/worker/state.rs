//! Where a worker can stand.

use super::{Batch, Rebalance, SourcePartition};
use crate::ids::RecordOffset;

/// Where the worker stands. Each state but the first two waits for the answer to one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// No transaction is open.
    Idle,
    /// A transaction is open and takes records.
    Open(Batch),
    /// A transaction is being opened for the record that was polled.
    Beginning(SourcePartition, RecordOffset),
    /// The effects of a record are being sent.
    Sending(Batch, SourcePartition, RecordOffset),
    /// The batch is being committed.
    Committing(Batch),
    /// Positions alone are being committed.
    CommittingPositions,
    /// The transaction is being aborted.
    Aborting(Batch),
    /// The partitions of an aborted batch go back.
    Returning(Batch),
    /// A new producer is being made.
    Rebuilding,
    /// All partitions go to their committed positions.
    Resuming,
    /// Partitions are being taken, or given back.
    Rebalancing(Rebalance),
    /// A pause before something is tried again.
    Waiting(Box<Retry>),
    /// The consumer leaves its group.
    Leaving,
    /// Over.
    Ended,
}

/// What is tried again after a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Retry {
    Nothing,
    Return(Batch),
    Rebuild,
    Resume,
    Rebalance(Rebalance),
}
