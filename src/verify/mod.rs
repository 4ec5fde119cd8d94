//! The oracle: whether what stands on a cluster is what exactly once promises.
//!
//! It knows the catalogue and the records, and nothing of the router. Each record becomes small entries of one size
//! ([`Entry`]), sorted by what they have in common; a judge reads each sorted pile once and keeps nothing of it. So a
//! cluster of any size is judged in bounded memory. Who reads and sorts is above: this is pure.
//!
//! 1. [`reading`]: a record's entries, and what is wrong with it by itself.
//! 2. [`derived`]: by derived id. Derived events against the audit records that name them.
//! 3. [`sources`]: by source record. Each against its audit record and its dead letter.
//! 4. [`values`] and [`entities`]: by change, and by entity. What was written of state against what is audited.
//! 5. [`order`] and [`causes`]: what the others hand on. Order of each key; what a record without a trace left.
//!
//! Where the audit is off, the triggers of the catalogue say what a fact must lead to, as far as they have no condition.

pub mod causes;
pub mod derived;
pub mod entities;
mod entry;
mod finding;
pub mod order;
pub mod reading;
mod scope;
pub mod sources;
#[cfg(test)]
mod tests;
pub mod values;

pub use entry::{ENTRY_BYTES, Entry, Fate, Place, What, Write, digest};
pub use finding::{Damage, Examples, Finding, Findings, MOST_EXAMPLES};
pub use scope::{Floor, Reach, Scope, Topics};

/// How many piles there are.
pub const PILES: usize = 6;

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
}

/// Where a judge puts what it says.
pub trait Out {
    /// An entry for a pile that is judged later.
    fn put(&mut self, pile: Pile, entry: Entry);
    /// Something is wrong.
    fn find(&mut self, finding: Finding);
    /// A producer repeated itself: a fact was routed again under the same id, and audited again.
    fn repeated(&mut self, events: u64);
}
