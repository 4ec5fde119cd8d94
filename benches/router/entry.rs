//! A row of the table: who routes, and what it has to do.

use crate::contender::Contender;

/// What is to be done for each fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Derived events: 1 or 3.
    pub derived: usize,
    /// Conditions that are asked: 0 or 3.
    pub conditions: usize,
    /// Threads.
    pub workers: usize,
}

impl Work {
    /// One derived event and no condition.
    pub const fn plain(workers: usize) -> Self {
        Self { derived: 1, conditions: 0, workers }
    }

    /// Each that the router can be given.
    pub fn all(workers: usize) -> impl Iterator<Item = Self> {
        let each = [(1, 0), (1, 3), (3, 0), (3, 3)].into_iter();
        each.map(move |(derived, conditions)| Self { derived, conditions, workers })
    }
}

/// Who routes, and what it has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub contender: Contender,
    pub work: Work,
}

impl Entry {
    /// As the table names it; what is usual is not said.
    pub fn name(self, usual: Work) -> String {
        let Work { derived, conditions, workers } = self.work;
        let mut name = self.contender.name().to_owned();
        for (figure, usual, what) in [
            (conditions, usual.conditions, "conditions"),
            (derived, usual.derived, "derived"),
            (workers, usual.workers, "workers"),
        ] {
            if figure != usual {
                let what = if figure == 1 { what.trim_end_matches('s') } else { what };
                name.push_str(&format!(", {figure} {what}"));
            }
        }
        name
    }

    /// Names its group, its log and its catalogue.
    pub fn slug(self) -> String {
        let Work { derived, conditions, workers } = self.work;
        format!("{:?}-{derived}d{conditions}c{workers}w", self.contender).to_lowercase()
    }
}
