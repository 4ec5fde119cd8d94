//! Editions: the rules of this process, one catalogue after another. An edition is published whole, and each worker
//! takes it between two transactions, so that a batch is decided by one digest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::names::{self, Names};
use super::topology;
use crate::kafka::producer::SizeLimits;
use crate::kernel::Rules;

/// One catalogue on the cluster, with what follows from it worked out once. Ids of event types are valid within it.
#[derive(Debug)]
pub(super) struct Edition {
    /// Counted up from the process's first.
    pub(super) number: u64,
    pub(super) rules: Rules,
    pub(super) names: Arc<Names>,
    pub(super) size_limits: SizeLimits,
    /// The topics that are read: what the consumers subscribe to.
    pub(super) topics: BTreeSet<Arc<str>>,
}

impl Edition {
    fn new(number: u64, rules: Rules, names: Names) -> Self {
        Self {
            number,
            names: Arc::new(names),
            size_limits: topology::size_limits(&rules.catalogue, &rules.topology),
            topics: names::inputs(&rules.catalogue).map(|(topic, _)| topic).collect(),
            rules,
        }
    }
}

fn widths(rules: &Rules) -> impl Iterator<Item = (Arc<str>, i32)> {
    let facts = rules.catalogue.types.iter().zip(&rules.topology.types);
    facts.map(|(one, found)| (Arc::clone(&one.topic.name), found.partitions))
}

/// The edition in force, and which of them each worker decides by.
#[derive(Debug)]
pub struct Editions {
    current: ArcSwap<Edition>,
    /// How many partitions each topic of facts had when this process first heard of it.
    widths: Mutex<BTreeMap<Arc<str>, i32>>,
    /// By the worker's number.
    taken: Mutex<BTreeMap<usize, u64>>,
    wake: Condvar,
}

impl Editions {
    /// The rules that a process begins with.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let names = Names::new(&rules.catalogue);
        Self {
            widths: Mutex::new(widths(&rules).collect()),
            current: ArcSwap::from_pointee(Edition::new(0, rules, names)),
            taken: Mutex::default(),
            wake: Condvar::new(),
        }
    }

    /// The edition in force.
    pub(super) fn current(&self) -> Arc<Edition> {
        self.current.load_full()
    }

    /// Whether a partition came to its topic after this process heard of that: all that it has, came later still.
    pub(super) fn came_later(&self, topic: &str, partition: i32) -> bool {
        let widths = self.widths.lock().unwrap_or_else(PoisonError::into_inner);
        widths.get(topic).is_some_and(|width| partition >= *width)
    }

    /// The edition in force, if it is another one than this.
    pub(super) fn other_than(&self, edition: &Arc<Edition>) -> Option<Arc<Edition>> {
        let current = self.current.load();
        (!Arc::ptr_eq(&current, edition)).then(|| Arc::clone(&current))
    }

    /// Puts rules in force, and gives their number. One thread alone does so.
    pub(super) fn publish(&self, rules: Rules) -> u64 {
        let before = self.current();
        let mut known = self.widths.lock().unwrap_or_else(PoisonError::into_inner);
        for (topic, width) in widths(&rules) {
            known.entry(topic).or_insert(width);
        }
        drop(known);
        let names = before.names.next(&rules.catalogue);
        let number = before.number + 1;
        self.current.store(Arc::new(Edition::new(number, rules, names)));
        number
    }

    /// A worker decides by this edition from now on.
    pub(super) fn took(&self, worker: usize, number: u64) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(worker, number);
        self.wake.notify_all();
    }

    /// Waits until no worker decides by an edition before this one any more, at most this long; how many still do.
    pub(super) fn wait_until_taken(&self, number: u64, within: Duration) -> usize {
        let late = |taken: &BTreeMap<usize, u64>| taken.values().filter(|one| **one < number).count();
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(taken, within, |taken| late(taken) > 0);
        late(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

#[cfg(test)]
mod tests;
