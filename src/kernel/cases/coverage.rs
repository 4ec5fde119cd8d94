//! Which triggers some cases exercise, and which none does.

use std::collections::BTreeMap;

use serde::Serialize;

use super::CaseResult;
use crate::catalogue::Catalogue;

/// How many cases exercise each trigger of a catalogue.
#[derive(Debug)]
pub struct Coverage {
    rows: Vec<TriggerCoverage>,
    places: BTreeMap<(String, String), usize>,
}

/// A trigger, and how many cases make it fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TriggerCoverage {
    /// The fact.
    pub fact: String,
    /// The trigger's id.
    pub trigger: String,
    /// The command that it emits.
    pub emit: String,
    /// In how many cases it fires.
    pub cases: usize,
}

impl Coverage {
    /// Nothing is exercised yet.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let rows = catalogue.facts().flat_map(|(_, event_type, fact)| {
            fact.triggers.iter().map(|trigger| TriggerCoverage {
                fact: event_type.name.to_string(),
                trigger: trigger.id.to_string(),
                emit: catalogue.event_type(trigger.emit).name.to_string(),
                cases: 0,
            })
        });
        let rows: Vec<_> = rows.collect();
        let places = rows.iter().enumerate().map(|(at, row)| ((row.fact.clone(), row.trigger.clone()), at)).collect();
        Self { rows, places }
    }

    /// Counts what a case exercised.
    pub fn add(&mut self, result: &CaseResult) {
        for fired in &result.fired {
            if let Some(row) = self.places.get(fired).and_then(|at| self.rows.get_mut(*at)) {
                row.cases += 1;
            }
        }
    }

    /// Every trigger, in the order of the catalogue.
    #[must_use]
    pub fn triggers(&self) -> &[TriggerCoverage] {
        &self.rows
    }

    /// Those that no case exercises.
    pub fn never(&self) -> impl Iterator<Item = &TriggerCoverage> {
        self.rows.iter().filter(|row| row.cases == 0)
    }

    /// How many of a hundred triggers are exercised, rounded down; 100 where there is none.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.rows.len() - self.never().count()).saturating_mul(100).checked_div(self.rows.len()).unwrap_or(100)
    }
}
