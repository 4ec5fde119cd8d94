//! The oracle: whether what stands on a cluster is what exactly once promises.
//!
//! It knows the catalogue, the kernel and the records, and nothing of the router: on a fact that was decided on under the
//! catalogue that it knows, it decides again ([`Verdict`]). Each record becomes small entries of one size
//! ([`Entry`]), sorted by what they have in common; a judge reads each sorted pile once and keeps nothing of it. So a
//! cluster of any size is judged in bounded memory. Who reads and sorts is above: this is pure.
//!
//! 1. [`reading`]: a record's entries, and what is wrong with it by itself.
//! 2. [`derived`]: by derived id. Derived events against the audit records that name them.
//! 3. [`sources`]: by source record. Each against its audit record and its dead letter.
//! 4. [`values`] and [`entities`]: by change, and by entity. What was written of state against what is audited.
//! 5. [`repeats`], [`order`] and [`causes`]: what the others hand on. Whether a duplicate is one; order of each key; what a
//!    record without a trace left.
//!
//! Where the audit is off, the triggers of the catalogue say what a fact must lead to, as far as they have no condition.

pub mod causes;
pub mod derived;
pub mod entities;
mod entry;
mod finding;
pub mod order;
pub mod reading;
pub mod repeats;
mod scope;
pub mod sources;
#[cfg(test)]
mod tests;
pub mod values;
mod verdict;

pub use entry::{ENTRY_BYTES, Entry, Fate, Place, What, Write, digest};
pub use finding::{Damage, Examples, Finding, Findings};
pub use scope::{Floor, MARGIN, Reach, Scope, Topics};
pub use verdict::Verdict;

/// How many piles there are.
pub const PILES: usize = 7;

/// Where entries wait to be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pile {
    /// By derived id.
    Derived,
    /// By source record.
    Sources,
    /// By key and source partition.
    Order,
    /// By the event that caused them.
    Causes,
    /// By update and version.
    Values,
    /// By entity.
    Entities,
    /// By event and source partition.
    Repeats,
}

/// What is counted beside the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Events that a producer's repetition derived again, under the same ids, and that are audited again.
    Repeated,
    /// Those of them, and of whatever else is there more than once, whose data is not that of the first.
    OtherData,
    /// Facts that were decided on again, to compare.
    DecidedAgain,
    /// Facts that were decided on under another catalogue than the one at hand, and so not again.
    OtherCatalogue,
    /// What another catalogue decided on, or derived, of an event type that the one at hand does not have, at least not
    /// under that name.
    OtherTypes,
    /// Duplicates whose first may lie before all that is read.
    UnseenFirst,
}

/// Where a judge puts what it says.
pub trait Out {
    /// An entry for a pile that is judged later.
    fn put(&mut self, pile: Pile, entry: Entry);
    /// Something is wrong.
    fn find(&mut self, finding: Finding);
    /// What is counted beside the judgement.
    fn count(&mut self, what: Count, more: u64);
    /// The id of derived events that are counted as [`Count::OtherData`].
    fn differs(&mut self, id: String);
}
