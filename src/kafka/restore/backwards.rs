//! Which stretches of a log are read, newest first: however little time there is, and however little room, what is read
//! is the newest. Pure.

use super::Recent;
use crate::ids::Position;
use crate::kafka::trouble::Trouble;
use crate::time::Timestamp;

/// How many offsets the first step has, of all partitions together; each further one has twice as many at most.
const FIRST: i64 = 50_000;
/// Times that lie no further apart are one, in milliseconds.
const RESOLUTION: i64 = 1000;

/// A partition's log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) low: i64,
    pub(super) high: i64,
    /// Up to where it was read before.
    pub(super) known: i64,
}

impl Log {
    /// Where the last so many begin, as far as they are not known.
    fn newest(&self, count: i64) -> i64 {
        (self.high - count).max(self.low).max(self.known)
    }
}

/// Steps back through logs. All of them reach back to the same time: a busy one has the room that an idle one leaves.
#[derive(Debug)]
pub(super) struct Backwards<'r> {
    logs: Vec<Log>,
    recent: Recent<'r>,
    /// Everything from here on is read.
    from: Vec<i64>,
    /// And everything from this time on.
    since: Timestamp,
    /// How many of that take room.
    held: i64,
    /// How many offsets the next step has, about.
    size: i64,
}

/// What is read next: of each partition from here on, up to where reading began before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) from: Vec<i64>,
    since: Timestamp,
}

/// How far it has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// There is room for more, and more to read.
    Further,
    /// All that is recent is read.
    Whole,
    /// There is no room for what is older than this.
    Full(Timestamp),
}

impl<'r> Backwards<'r> {
    pub(super) fn from(logs: Vec<Log>, recent: Recent<'r>, now: Timestamp) -> Self {
        let from = logs.iter().map(|log| log.high).collect();
        Self { logs, recent, from, since: now, held: 0, size: FIRST }
    }

    /// From when on everything is read.
    pub(super) const fn since(&self) -> Timestamp {
        self.since
    }

    /// Where reading began so far.
    pub(super) fn begun(&self) -> &[i64] {
        &self.from
    }

    /// The next step. `first_at` asks for the first record of a time in each log.
    pub(super) fn step(
        &self,
        mut first_at: impl FnMut(Timestamp) -> Result<Vec<Option<Position>>, Trouble>,
    ) -> Result<Step, Trouble> {
        let mut places = |since| -> Result<Step, Trouble> {
            let logs = self.logs.iter().zip(&self.from).zip(first_at(since)?);
            let from = logs.map(|((log, from), found)| {
                // Where no record is as young as that, there is nothing more to read.
                found.map_or(*from, |found| found.0.max(log.low).max(log.known).min(*from))
            });
            Ok(Step { from: from.collect(), since })
        };
        let mut step = places(self.recent.since)?;
        let (mut early, mut late) = (self.recent.since.millis(), self.since.millis());
        while self.offsets_of(&step) > self.size && late - early > RESOLUTION {
            let middle = early.midpoint(late);
            let found = places(Timestamp::from_millis(middle))?;
            if self.offsets_of(&found) > self.size {
                (early, step) = (middle, found);
            } else {
                late = middle;
            }
        }
        if self.offsets_of(&step) > 2 * self.size {
            // Many records of one moment, or one that bears a time to come, which hides the times of all behind it.
            self.part_of(&mut step);
        }
        for (log, from) in self.logs.iter().zip(&mut step.from) {
            *from = log.newest(self.recent.least).min(*from);
        }
        Ok(step)
    }

    /// The step is read; `held`: how many of all that was read so far take room.
    pub(super) fn stepped(&mut self, step: Step, held: i64) -> Reach {
        let (offsets, more) = (self.offsets_of(&step), held - self.held);
        self.held = held;
        self.from = step.from;
        self.since = step.since;
        if self.since <= self.recent.since {
            return Reach::Whole;
        }
        let room = self.recent.room.saturating_sub(held);
        if room <= 0 {
            return Reach::Full(self.since);
        }
        // As many offsets as will fill the room, if they are like the last ones.
        let needed = room.saturating_mul(offsets) / more.max(1);
        self.size = needed.clamp(FIRST, self.size.saturating_mul(2));
        Reach::Further
    }

    /// Takes the newest offsets of a step whose times tell nothing: the rest of it is left for the next one.
    fn part_of(&self, step: &mut Step) {
        let logs: i64 = self.from.iter().zip(&step.from).map(|(end, from)| i64::from(from < end)).sum();
        let share = self.size / logs.max(1);
        for (from, end) in step.from.iter_mut().zip(&self.from) {
            *from = end.saturating_sub(share).max(*from);
        }
        step.since = self.since;
    }

    fn offsets_of(&self, step: &Step) -> i64 {
        self.from.iter().zip(&step.from).map(|(end, from)| end - from).sum()
    }
}

#[cfg(test)]
mod tests;
