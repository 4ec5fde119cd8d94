//! What became of a fact: what its audit record says, and what deciding on it again gives.

use super::Damage;
use crate::reason::Outcome;

const DIGEST_BITS: u32 = 48;
const COUNT_BITS: u32 = 11;
const MOST_DERIVED: u64 = (1 << COUNT_BITS) - 1;

/// An outcome, how many events were derived, and the details: which, by what, and why no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it ended so for what the cluster takes, which the catalogue does not know: any fact may.
    pub by_cluster: bool,
    /// How many events were derived.
    derived: u64,
    /// A digest of the details; 0 where they are not known.
    details: u64,
}

impl Verdict {
    /// A verdict, with a digest of its details.
    #[must_use]
    pub fn new(outcome: Outcome, by_cluster: bool, derived: usize, details: u128) -> Self {
        let details = u64::try_from(details >> (u128::BITS - DIGEST_BITS)).unwrap_or(0).max(1);
        let derived = u64::try_from(derived).unwrap_or(u64::MAX).min(MOST_DERIVED);
        Self { outcome, by_cluster, derived, details }
    }

    /// The verdict on a fact whose time lies too far ahead: it is invalid, whatever else is wrong with it.
    pub(super) const fn ahead() -> Self {
        Self { outcome: Outcome::Invalid, by_cluster: false, derived: 0, details: 0 }
    }

    /// As a number, which is never 0.
    #[must_use]
    pub fn pack(self) -> u64 {
        let outcome = Outcome::ALL.iter().position(|one| *one == self.outcome).unwrap_or(0) as u64 + 1;
        let outcome = outcome << 1 | u64::from(self.by_cluster);
        (outcome << COUNT_BITS | self.derived) << DIGEST_BITS | self.details
    }

    /// From its number; `None` for 0, which stands for no verdict.
    #[must_use]
    pub fn unpack(number: u64) -> Option<Self> {
        let (head, details) = (number >> DIGEST_BITS, number & ((1 << DIGEST_BITS) - 1));
        let (outcome, derived) = (head >> COUNT_BITS, head & MOST_DERIVED);
        let index = usize::try_from(outcome >> 1).ok()?.checked_sub(1)?;
        Some(Self { outcome: *Outcome::ALL.get(index)?, by_cluster: outcome & 1 == 1, derived, details })
    }

    /// What is wrong with this verdict of an audit record, where deciding again gave another.
    pub(super) fn against(self, again: Self) -> Option<Wrong> {
        let same = (self.outcome, self.derived) == (again.outcome, again.derived);
        let right = if self.outcome == Outcome::Duplicate {
            // Whether it was one is seen by the audit records before it.
            self.derived == 0 && again.outcome != Outcome::Invalid
        } else {
            self.by_cluster || same && (again.details == 0 || self.details == again.details)
        };
        if right {
            None
        } else if again.derived > 0 && self.derived == 0 && !self.buries() {
            Some(Wrong::Lost)
        } else if same {
            Some(Wrong::Details)
        } else {
            Some(Wrong::Another)
        }
    }

    /// Whether a dead letter goes with it.
    pub(super) const fn buries(self) -> bool {
        matches!(self.outcome, Outcome::Invalid | Outcome::Failed | Outcome::Loop)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.outcome.code())?;
        match self.derived {
            0 => Ok(()),
            1 => f.write_str(" with 1 derived event"),
            many => write!(f, " with {many} derived events"),
        }
    }
}

/// How an audit record is wrong about its fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It says that nothing came of a fact from which events are derived.
    Lost,
    /// It says the same, and names other events, triggers or reasons.
    Details,
    /// It says something else.
    Another,
}

impl Wrong {
    pub(super) const fn damage(self) -> Damage {
        match self {
            Self::Lost => Damage::Lost,
            Self::Details | Self::Another => Damage::Torn,
        }
    }
}
