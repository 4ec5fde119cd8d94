//! What was counted: facts and what came of them, and how long it took.

use std::collections::BTreeMap;

/// Latencies from here on are counted as this one, in milliseconds.
const SLOWEST: usize = 60_000;

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Facts read.
    pub facts: u64,
    /// Facts that made commands.
    pub routed: u64,
    /// Facts that are good and made none.
    pub no_trigger: u64,
    /// Facts that became dead letters, as the audit trail says.
    pub dead: u64,
    /// Updates that changed an entity's state.
    pub changed: u64,
    /// Facts that ended otherwise, such as duplicates.
    pub other: u64,
    /// Commands that the audit trail names.
    pub derived: u64,
    /// Commands read, by type.
    pub commands: BTreeMap<String, u64>,
    /// Dead letters read.
    pub dead_letters: u64,
    /// Why, by reason; a dead letter may have several.
    pub reasons: BTreeMap<String, u64>,
    /// Decisions on facts that were there before.
    pub earlier: u64,
    /// How long it took.
    pub latency: Latency,
}

impl Tally {
    /// How many commands were read.
    #[must_use]
    pub fn commands_read(&self) -> u64 {
        self.commands.values().sum()
    }

    /// Facts of which nothing came.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.facts.saturating_sub(self.routed + self.no_trigger + self.dead + self.changed + self.other)
    }

    /// Whether all that was decided can be read, and something was decided on so many facts.
    #[must_use]
    pub fn settled(&self, published: u64) -> bool {
        self.facts >= published
            && self.lost() == 0
            && self.commands_read() >= self.derived
            && self.dead_letters >= self.dead
    }
}

/// How often something took how many milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Latency {
    counts: BTreeMap<usize, u64>,
    count: u64,
}

impl Latency {
    /// Counts one.
    pub fn add(&mut self, millis: i64) {
        let millis = usize::try_from(millis.max(0)).unwrap_or(SLOWEST).min(SLOWEST);
        *self.counts.entry(millis).or_default() += 1;
        self.count += 1;
    }

    /// The milliseconds within which so many percent were done; `None` where nothing was counted.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<usize> {
        let wanted = (self.count * percent).div_ceil(100).max(1);
        let mut so_far = 0;
        self.counts.iter().find_map(|(millis, count)| {
            so_far += count;
            (so_far >= wanted).then_some(*millis)
        })
    }
}

#[cfg(test)]
mod tests;
