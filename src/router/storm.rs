//! A storm of dead letters, as a bad deploy makes it, stops what it hits: an event type of which most records became
//! dead letters within a minute waits until somebody has looked. It is the one exception to the rule that a bad record
//! never stops a partition. Beside the group's positions stands what is stopped (`holds.rs`), so that it stays so in
//! whichever running process its partitions come to; a process that starts goes on.

use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::telemetry::Committed;
use crate::time::Timestamp;

/// What counts.
const WINDOW: Duration = Duration::from_secs(60);
/// So many dead letters must there be.
const LEAST: u64 = 1000;

/// What ends a stop.
const WAY_OUT: &str = "see `revbus dlq list`, then reload the catalogue, restart or POST /-/resume";

/// How many of an event type's records of the last minute may become dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetterLimit {
    /// All of them.
    Off,
    /// This many percent, 1 to 99.
    Percent(u8),
}

impl FromStr for DeadLetterLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let digits = text.strip_suffix('%').unwrap_or(text);
        let percent = digits.parse().ok().filter(|percent: &u8| (1..100).contains(percent));
        // One limit has one text: `050` and `+50` are slips.
        let percent = percent.filter(|percent| percent.to_string() == digits);
        percent.map(Self::Percent).ok_or_else(|| format!("`{text}` is neither `off` nor 1% to 99%"))
    }
}

impl std::fmt::Display for DeadLetterLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// Watches over the event types of a process, by the names of their topics: these mean the same under every catalogue.
#[derive(Debug)]
pub struct StormGuard {
    limit: DeadLetterLimit,
    /// Changes whenever what is stopped does.
    generation: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    recent: BTreeMap<Arc<str>, Recent>,
    stopped: BTreeMap<Arc<str>, Stop>,
    /// When it was last told to go on: by its start, or later.
    resumed: Timestamp,
}

impl State {
    const fn new(now: Timestamp) -> Self {
        Self { recent: BTreeMap::new(), stopped: BTreeMap::new(), resumed: now }
    }
}

/// What is known of an event type that is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// What was committed of one event type, by the time of the commit.
#[derive(Debug, Default)]
struct Recent {
    batches: VecDeque<(Instant, Committed)>,
    sum: Committed,
}

impl StormGuard {
    /// A guard that has seen nothing, and for which everything goes on that was stopped before `now`.
    #[must_use]
    pub const fn new(limit: DeadLetterLimit, now: Timestamp) -> Self {
        Self { limit, generation: AtomicU64::new(0), state: Mutex::new(State::new(now)) }
    }

    /// A number that changes whenever what is stopped does.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What is stopped.
    #[must_use]
    pub fn stopped(&self) -> BTreeMap<Arc<str>, Stop> {
        self.lock().stopped.clone()
    }

    /// Takes a committed batch into account; gives the topics that are stopped for it, and why.
    pub fn committed<'t>(
        &self,
        now: Instant,
        batch: impl Iterator<Item = (&'t Arc<str>, Committed)>,
    ) -> Vec<(&'t Arc<str>, String)> {
        let DeadLetterLimit::Percent(percent) = self.limit else { return Vec::new() };
        let mut state = self.lock();
        let mut stopped = Vec::new();
        for (topic, committed) in batch {
            let sum = state.recent.entry(Arc::clone(topic)).or_default().add(now, committed);
            let storm = sum.dead >= LEAST && sum.dead * 100 > sum.records * u64::from(percent);
            if storm && !state.stopped.contains_key(topic) {
                let why = format!(
                    "{} of its {} records of the last minute became dead letters, more than {percent} %: {WAY_OUT}",
                    sum.dead, sum.records
                );
                let stop = Stop { why: why.clone(), since: Timestamp::now() };
                state.stopped.insert(Arc::clone(topic), stop);
                stopped.push((topic, why));
            }
        }
        if !stopped.is_empty() {
            self.generation.fetch_add(1, Ordering::Release);
        }
        stopped
    }

    /// What was stopped before it came here stays stopped, unless this process was started or told to go on since
    /// then; a guard without a limit stops nothing.
    pub fn stay(&self, topic: &Arc<str>, since: Timestamp) {
        let mut state = self.lock();
        let over = since <= state.resumed;
        if over || self.limit == DeadLetterLimit::Off || state.stopped.contains_key(topic) {
            return;
        }
        let why =
            format!("it was stopped for a storm of dead letters before its partitions came to this process: {WAY_OUT}");
        state.stopped.insert(Arc::clone(topic), Stop { why, since });
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Lets everything go on, and counts anew; how many event types were stopped.
    pub fn resume(&self) -> usize {
        let mut state = self.lock();
        let stopped = std::mem::replace(&mut *state, State::new(Timestamp::now())).stopped.len();
        self.generation.fetch_add(1, Ordering::Release);
        stopped
    }

    /// What a thread left that panicked while it held the lock is still whole enough: counts.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// The sum of the last minute, with this batch.
    fn add(&mut self, now: Instant, committed: Committed) -> Committed {
        match self.batches.back_mut() {
            // A second of many small batches is one.
            Some((at, last)) if now.saturating_duration_since(*at) < Duration::from_secs(1) => {
                *last = plus(*last, committed)
            }
            _ => self.batches.push_back((now, committed)),
        }
        self.sum = plus(self.sum, committed);
        while let Some((at, old)) = self.batches.front().copied()
            && now.saturating_duration_since(at) > WINDOW
        {
            self.sum = Committed { records: self.sum.records - old.records, dead: self.sum.dead - old.dead };
            self.batches.pop_front();
        }
        self.sum
    }
}

const fn plus(a: Committed, b: Committed) -> Committed {
    Committed { records: a.records + b.records, dead: a.dead + b.dead }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_storm_is_many_dead_letters_and_most_of_the_records_within_a_minute() {
        let guard = StormGuard::new(DeadLetterLimit::Percent(50), Timestamp::from_millis(0));
        let (start, topic) = (Instant::now(), Arc::from("pipeline.deal_won"));
        let commit = |second, records, dead| {
            let batch = std::iter::once((&topic, Committed { records, dead }));
            !guard.committed(at(start, second), batch).is_empty()
        };
        assert!(!commit(0, 999, 999), "too few");
        assert!(!commit(61, 999, 999), "the first are older than a minute");
        assert!(!commit(62, 3001, 1001), "2,000 of 4,000 are not more than half");
        assert!(commit(63, 1, 1), "2,001 of 4,001 are");
        assert_eq!((guard.generation(), guard.stopped().len()), (1, 1));
        assert!(!commit(65, 5000, 5000), "it is stopped already");
        assert_eq!((guard.resume(), guard.generation(), guard.stopped().len()), (1, 2, 0));
        assert!(!commit(66, 999, 999) && commit(66, 1, 1), "it counts anew");
    }

    #[test]
    fn what_comes_stopped_stays_so_until_somebody_resumes() {
        let guard = StormGuard::new(DeadLetterLimit::Percent(50), Timestamp::from_millis(0));
        let topic = Arc::from("pipeline.deal_won");
        let since = Timestamp::now();
        guard.stay(&topic, since);
        guard.stay(&topic, since);
        assert_eq!((guard.generation(), guard.stopped().len()), (1, 1));
        assert_eq!((guard.resume(), guard.stopped().len()), (1, 0));
        guard.stay(&topic, since);
        assert_eq!(guard.stopped().len(), 0, "another partition comes that was stopped before that");
        guard.stay(&topic, Timestamp::from_millis(Timestamp::now().millis() + 1000));
        assert_eq!(guard.stopped().len(), 1, "a new storm");
    }

    #[test]
    fn what_was_stopped_before_a_process_started_goes_on() {
        let (started, topic) = (Timestamp::from_millis(1000), Arc::from("pipeline.deal_won"));
        let guard = StormGuard::new(DeadLetterLimit::Percent(50), started);
        guard.stay(&topic, started);
        assert_eq!(guard.stopped().len(), 0);
        guard.stay(&topic, Timestamp::from_millis(1001));
        assert_eq!(guard.stopped().len(), 1);
    }

    #[test]
    fn off_is_off() {
        let guard = StormGuard::new(DeadLetterLimit::Off, Timestamp::from_millis(0));
        let topic = Arc::from("pipeline.deal_won");
        let batch = std::iter::once((&topic, Committed { records: 5000, dead: 5000 }));
        assert!(guard.committed(Instant::now(), batch).is_empty());
        guard.stay(&topic, Timestamp::now());
        assert!(guard.stopped().is_empty());
    }

    #[test]
    fn limits_are_read() {
        for (text, limit) in [
            ("off", Some(DeadLetterLimit::Off)),
            ("20%", Some(DeadLetterLimit::Percent(20))),
            ("100%", None),
            ("0", None),
            ("050", None),
            ("+50%", None),
            ("half", None),
        ] {
            assert_eq!(text.parse().ok(), limit, "{text}");
        }
    }
}
