//! What a verification says.

use serde::Serialize;

use crate::verify::Findings;

/// What was read, of the time that is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// Derived events that have the id of an earlier one, and other data.
    pub other_data: u64,
    /// Some of these ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_data_ids: Vec<String>,
    /// Facts that were decided on again, to compare with their audit records.
    pub decided_again: u64,
    /// Facts that were not, since they were decided on under another catalogue.
    pub other_catalogue: u64,
    /// Audit records, dead letters and derived events of types that the catalogue does not have, at least not under that
    /// name, and that were decided on under another one.
    pub other_types: u64,
    /// Duplicates whose first may lie before all that was read.
    pub unseen_first: u64,
}

impl Counted {
    /// What was counted, with its name.
    #[must_use]
    pub const fn rows(&self) -> [(&'static str, u64); 10] {
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
            ("facts decided on again, to compare", self.decided_again),
        ]
    }

    /// Whether there was nothing to judge.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        let written = self.derived + self.dead_letters + self.audit_records + self.values;
        self.consumed + self.updates + written == 0
    }

    /// What was not judged for one of these counts, and what to do about it.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.other_data > 0 {
            notes.push(format!(
                "{} derived events have the id of an earlier one and other data: an event id was sent again with another \
                 payload, or after another catalogue came, and consumers who know a command by its id take one of the two. \
                 `revbus tap all --from beginning --until-idle 2s --about ID` shows them, such as {}",
                self.other_data,
                self.other_data_ids.join(", ")
            ));
        }
        if self.other_catalogue > 0 {
            notes.push(format!(
                "{} facts were decided on under another catalogue, and so not decided on again: --catalogue names that one",
                self.other_catalogue
            ));
        }
        if self.other_types > 0 {
            notes.push(format!(
                "{} audit records, dead letters and commands are of event types that this catalogue has not, or under \
                 another name, and were not judged: --catalogue names the one under which they were decided on",
                self.other_types
            ));
        }
        if self.unseen_first > 0 {
            notes.push(format!(
                "{} duplicates may have their first before all that was read, and were not judged: an earlier --since \
                 reads more",
                self.unseen_first
            ));
        }
        notes
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
