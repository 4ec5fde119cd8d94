//! What the members share: chance, the group, and what is committed.

use std::collections::BTreeMap;

use super::dice::Dice;
use super::*;

/// The broker: two partitions of facts and one of updates.
pub(super) struct Bus {
    pub(super) dice: Dice,
    /// Whose each partition is, as the group sees it.
    owners: BTreeMap<SourcePartition, usize>,
    pub(super) committed: BTreeMap<SourcePartition, i64>,
    /// What a reader of committed records sees.
    pub(super) visible: Vec<Decided>,
    /// What the broker refuses, unless it is a dead letter.
    pub(super) poison: (SourcePartition, i64),
}

impl Bus {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let poison = (ALL[usize::try_from(dice.roll(3)).unwrap()], i64::try_from(dice.roll(40)).unwrap());
        Self { dice, owners: BTreeMap::new(), committed: BTreeMap::new(), visible: Vec::new(), poison }
    }

    pub(super) fn fails(&mut self, one_in: u64) -> bool {
        self.dice.roll(one_in) == 0
    }

    pub(super) fn is_done(&self) -> bool {
        ALL.iter().all(|partition| self.committed.get(partition) == Some(&RECORDS))
    }

    /// Where a partition goes on.
    pub(super) fn position(&self, partition: SourcePartition) -> i64 {
        self.committed.get(&partition).copied().unwrap_or(0)
    }

    pub(super) fn owns(&self, member: usize, partition: SourcePartition) -> bool {
        self.owners.get(&partition) == Some(&member)
    }

    /// A member is no longer one of the group: its session is over, or it has left.
    pub(super) fn put_out(&mut self, member: usize) {
        self.owners.retain(|_, owner| *owner != member);
    }

    pub(super) fn give_back(&mut self, member: usize, partitions: &[SourcePartition]) {
        self.owners.retain(|partition, owner| *owner != member || !partitions.contains(partition));
    }

    /// Some of those that are nobody's, which are the member's now.
    pub(super) fn give(&mut self, member: usize) -> Option<Vec<SourcePartition>> {
        let free = ALL.into_iter().filter(|partition| !self.owners.contains_key(partition)).collect();
        let given = self.some(free)?;
        self.owners.extend(given.iter().map(|partition| (*partition, member)));
        Some(given)
    }

    /// Some of the member's, which stay its own until it gives them back.
    pub(super) fn ask_back(&mut self, member: usize) -> Option<Vec<SourcePartition>> {
        self.some(ALL.into_iter().filter(|partition| self.owns(member, *partition)).collect())
    }

    /// One of them at least, and each other at a whim.
    fn some(&mut self, mut all: Vec<SourcePartition>) -> Option<Vec<SourcePartition>> {
        let kept = self.dice.roll(all.len().max(1) as u64);
        let kept = *all.get(usize::try_from(kept).unwrap())?;
        all.retain(|partition| *partition == kept || self.fails(2));
        Some(all)
    }
}
