//! What a verification says.

use serde::Serialize;

use crate::verify::Findings;

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Source records below the group's positions.
    pub consumed: u64,
    /// Source records behind them: not yet consumed, and so not lost.
    pub waiting: u64,
    /// Derived events.
    pub derived: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Audit records.
    pub audit_records: u64,
    /// Updates of state below the group's positions.
    pub updates: u64,
    /// Updates behind them.
    pub updates_waiting: u64,
    /// Values of entities, and tombstones.
    pub values: u64,
    /// Derived events that are there again because a producer repeated its fact, and that are audited again.
    pub repeated: u64,
}

impl Counted {
    /// What was counted, with its name.
    #[must_use]
    pub const fn rows(&self) -> [(&'static str, u64); 9] {
        [
            ("facts consumed", self.consumed),
            ("facts not yet consumed", self.waiting),
            ("derived events", self.derived),
            ("dead letters", self.dead_letters),
            ("audit records", self.audit_records),
            ("updates of state consumed", self.updates),
            ("updates not yet consumed", self.updates_waiting),
            ("values of entities", self.values),
            ("derived again, as a fact was sent again", self.repeated),
        ]
    }
}

/// What a verification says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was read.
    pub counted: Counted,
    /// What is wrong.
    pub findings: Findings,
    /// What was not judged, and why.
    pub notes: Vec<String>,
}
