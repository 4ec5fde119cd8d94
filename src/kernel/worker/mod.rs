//! The worker as a state machine: what to do next with consumer, producer and transaction, and nothing of how.
//!
//! [`Machine::step`] takes one event and appends the actions that follow; whatever carries them out answers each with
//! one event. The machine knows no Kafka and reads no clock, so a scripted fake drives it through every failure in
//! unit tests. It holds two invariants:
//!
//! * **EO-1, no loss:** the positions of a batch are committed only with all of its effects; after an abort every
//!   partition of the batch goes back to the batch's first position before another record is taken.
//! * **EO-2, no duplicate visible:** no batch outlives a rebalance, and after an indeterminate end nothing goes on but
//!   from the positions that the broker has.

mod batch;
mod failures;
mod machine;
mod state;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use batch::{Batch, Limits, MOST_AGE};
pub use machine::Machine;

use crate::ids::{Position, RecordOffset, SourceId};

/// How long a transaction may stay open before the broker aborts it and fences its producer. Batches keep far below.
pub const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// A partition that is consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePartition {
    /// Its topic. Not the event type: partitions outlive a catalogue.
    pub topic: SourceId,
    /// Its number.
    pub partition: i32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A record was polled; the runtime holds it.
    Polled(SourcePartition, RecordOffset),
    /// Nothing was there to poll.
    Quiet,
    /// The group took or gave partitions, or asks to.
    Rebalance(Rebalance),
    /// A transaction is open, with the group's metadata of this moment.
    Begun,
    /// Everything that came of the record is in the producer's queue: this many bytes.
    Sent(usize),
    /// The producer's queue is full; part of the record's effects may be in it.
    QueueFull,
    /// Batch and positions are committed.
    Committed,
    /// There was nothing to commit: the positions are the committed ones.
    Unchanged,
    /// The transaction is aborted.
    Aborted,
    /// The partitions stand where they were sent to.
    Sought,
    /// A new producer is there, and with it the end of whatever the old one left open.
    Rebuilt,
    /// The partitions are assigned, at their committed positions.
    Assigned,
    /// The partitions are given back.
    Unassigned,
    /// What was waited for is over.
    Waited,
    /// The action did not succeed.
    Failed(Failure),
    /// Between two batches the worker took new rules. Nothing that it decided under the old ones is open.
    NewRules(Refit),
    /// The process is to end.
    Stop,
    /// The consumer has left its group.
    Left,
}

/// What new rules ask for before the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refit {
    /// Nothing.
    Nothing,
    /// A topic is read again of which partitions stand where nothing was routed: all go to their committed positions.
    Positions,
    /// The producer was made for other sizes of records.
    Producer,
}

/// What the group says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebalance {
    /// These are ours from now on.
    Assigned(Vec<SourcePartition>),
    /// These are to be given back; their positions may still be committed.
    Revoked(Vec<SourcePartition>),
    /// These are somebody else's already.
    Lost(Vec<SourcePartition>),
}

impl Rebalance {
    /// The partitions that are taken away, if it takes any.
    pub(super) fn gives_back(self) -> Option<Vec<SourcePartition>> {
        match self {
            Self::Assigned(_) => None,
            Self::Revoked(partitions) | Self::Lost(partitions) => Some(partitions),
        }
    }
}

/// How an action failed; each class is handled in one place, `failures.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The transaction cannot commit; the engine is to blame.
    MustAbort,
    /// The broker refused a record for what it is: a poison record is somewhere in the batch.
    Refused,
    /// This producer may no longer be trusted, and how the transaction ended is not known.
    Indeterminate,
    /// Another producer has this transactional id.
    Fenced,
    /// It did not work, nothing has changed, and it may work later.
    Unavailable,
    /// The consumer's position is outside the log.
    Displaced,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a transaction. Answers `Begun` or `Failed`.
    Begin,
    /// Decide on the record that was polled last and send its effects. Answers `Sent`, `QueueFull` or `Failed`.
    Route,
    /// Go on sending the effects of the same record, after a moment. Answers as `Route`.
    Resend,
    /// Dead-letter the record that was polled last: the broker refuses what comes of it. Answers as `Route`.
    Bury,
    /// Commit the batch with the positions of these partitions. Answers `Committed` or `Failed`.
    Commit(Vec<SourcePartition>),
    /// Commit positions alone, where they moved past records that are not shown. Answers `Committed`, `Unchanged` or
    /// `Failed`.
    CommitPositions,
    /// Abort the transaction. Answers `Aborted` or `Failed`.
    Abort,
    /// Send partitions back. Answers `Sought` or `Failed`.
    Seek(Vec<(SourcePartition, Position)>),
    /// Throw the producer away and make a new one. Answers `Rebuilt` or `Failed`.
    Rebuild,
    /// Find the committed positions of these partitions and take them there. Answers `Assigned` or `Failed`.
    Assign(Vec<SourcePartition>),
    /// Find the committed positions of all assigned partitions and go there. Answers `Sought` or `Failed`.
    Resume,
    /// Give these partitions back. Answers `Unassigned`.
    Unassign(Vec<SourcePartition>),
    /// Wait. Answers `Waited`, or `Stop` when the process is to end.
    Wait(Duration),
    /// Leave the group, giving back what is left. Answers `Left`.
    Leave,
    /// The worker ends.
    End(Ending),
}

impl Action {
    /// What a log calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begin => "begin a transaction",
            Self::Route | Self::Resend | Self::Bury => "route",
            Self::Commit(_) => "commit",
            Self::CommitPositions => "commit positions",
            Self::Abort => "abort",
            Self::Seek(_) => "seek",
            Self::Rebuild => "replace the producer",
            Self::Assign(_) => "take partitions",
            Self::Resume => "resume",
            Self::Unassign(_) => "give partitions back",
            Self::Wait(_) => "wait",
            Self::Leave => "leave the group",
            Self::End(_) => "end",
        }
    }
}

/// How a worker ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was asked to.
    Stopped,
    /// Another process has its transactional id.
    Fenced,
}
