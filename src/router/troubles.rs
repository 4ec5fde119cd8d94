//! What keeps a worker from routing, for its log and its readiness: batches that fail, and rights and topics that are taken
//! away while it runs. The client says so once, and goes on trying; so it is remembered until it is over.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Instant;

use super::topology;
use super::worker::Worker;
use crate::ids::Position;
use crate::kafka::consumer::{Denied, Lag};
use crate::kernel::worker::{Event, Failure, SourcePartition};
use crate::telemetry::RateLimit;

/// What is not allowed, not there, or has failed.
#[derive(Debug)]
pub(super) struct Troubles {
    /// Being a member of the group is not allowed.
    group: bool,
    /// Some topic may not be read, or is not there.
    topic: bool,
    /// How many failures there were since something was committed.
    failures: u32,
    /// Where the batch begins that failed last: as long as any of that is still to be routed, positions that are committed
    /// say nothing.
    batch: Vec<(SourcePartition, Position)>,
    /// What the log says of them.
    told: Option<String>,
    /// How often the topics are looked at for records that the broker refuses.
    topic_looks: RateLimit,
}

impl Troubles {
    pub(super) fn new() -> Self {
        Self {
            group: false,
            topic: false,
            failures: 0,
            batch: Vec::new(),
            told: None,
            topic_looks: RateLimit::new(NonZeroU32::MIN, NonZeroU32::MIN),
        }
    }

    /// The group shares out anew: what failed may be another's to route.
    pub(super) fn regroup(&mut self) {
        self.group = false;
        self.failures = 0;
        self.batch.clear();
    }

    /// Whether something of this partition failed that is still to be routed.
    pub(super) fn has(&self, partition: SourcePartition) -> bool {
        self.batch.iter().any(|(one, _)| *one == partition)
    }
}

impl Worker<'_> {
    pub(super) fn in_trouble(&self, why: String) {
        tracing::warn!(worker = self.shared.number, why, "waiting for the cluster");
        self.health.set_trouble(Some(why));
    }

    /// Every failure is the worker's trouble until something is committed; the log says what the client said.
    pub(super) fn report_failure(&mut self, failure: Failure) {
        let why = match failure {
            Failure::Displaced => return,
            // It is told where it happened.
            Failure::Unavailable => return self.troubles.failures += 1,
            Failure::MustAbort => "a transaction could not be committed and is tried again",
            Failure::Refused => {
                self.look_at_topics();
                "the broker refuses a record: the batch is made smaller until it is alone"
            }
            Failure::Indeterminate => "the producer failed and is made anew",
            Failure::Fenced => {
                self.shared.metrics.fenced();
                tracing::warn!(
                    transactional_id = self.transactional_id,
                    "fenced: another process runs with this transactional id, or this one was paused for too long"
                );
                "fenced"
            }
        };
        self.troubles.failures += 1;
        if let Some(batch) = self.machine.batch() {
            self.troubles.batch = batch.first_positions();
        }
        if self.troubles.failures == 1 && failure != Failure::Fenced {
            tracing::warn!(worker = self.shared.number, why, "nothing is routed for the moment");
        }
        // A refused record is looked for at once, and its topic is there.
        let may_be = !matches!(failure, Failure::Fenced | Failure::Refused);
        let unwritable = may_be.then(|| self.unwritable()).flatten();
        self.health.set_trouble(Some(unwritable.unwrap_or_else(|| why.to_owned())));
    }

    pub(super) fn denied(&mut self, what: Denied) -> Event {
        match what {
            Denied::Group => self.troubles.group = true,
            Denied::Topic | Denied::Missing => self.troubles.topic = true,
        }
        // The next report names it.
        let why = match what {
            Denied::Group | Denied::Topic => "not authorised to do what routing takes",
            Denied::Missing => "a topic of facts is not there",
        };
        self.health.set_trouble(Some(why.to_owned()));
        Event::Quiet
    }

    /// Something was committed, or the cluster is there: where no failed batch is still to be routed, nothing is known to
    /// fail any more.
    pub(super) fn failures_over(&mut self) {
        let waits = |(partition, first): &(_, Position)| {
            // A commit that was not answered may have been done, and retention may have taken what was to be read.
            self.places.has(*partition) && self.committed.get(partition).is_none_or(|at| at <= first)
        };
        if self.troubles.batch.iter().any(waits) {
            return;
        }
        self.troubles.batch.clear();
        self.troubles.failures = 0;
        self.troubles.told = None;
        self.health.set_trouble(None);
    }

    /// The broker refused a record: the limits of topics may be others by now.
    fn look_at_topics(&mut self) {
        if self.troubles.topic_looks.admit(Instant::now()).is_some() {
            self.shared.reloads.look_at_topics();
        }
    }

    /// Why what comes of facts cannot be written, where that is why transactions are taken back. The client only says that
    /// they cannot be committed, and the first one mostly passes.
    fn unwritable(&mut self) -> Option<String> {
        if self.troubles.failures < 2 || self.shared.options.embedded {
            return None;
        }
        let written = topology::written(&self.edition.rules.catalogue);
        let why = self.watermarks().ok()?.unwritable(&written)?.sentence;
        if self.troubles.told.as_ref() != Some(&why) {
            tracing::warn!(worker = self.shared.number, why, "nothing can be committed");
            self.troubles.told = Some(why.clone());
        }
        Some(why)
    }

    /// Says what is not allowed still, or not there. The client tells how far it is behind in what it reads.
    pub(super) fn tell_troubles(&mut self, lags: &[Lag]) {
        let worker = self.shared.number;
        let unread = if self.troubles.topic { self.unread(lags) } else { BTreeSet::new() };
        self.troubles.topic = !unread.is_empty();
        let why = if self.troubles.group {
            let group = &self.shared.options.group;
            format!("not authorised to join the group {group}: that takes the right Read on it")
        } else if unread.is_empty() {
            if self.troubles.failures == 0 {
                self.health.set_trouble(None);
            }
            return;
        } else {
            let missing = self.watermarks().ok().and_then(|broker| broker.missing(&unread));
            missing.map_or_else(
                || {
                    let topics = unread.into_iter().collect::<Vec<_>>().join(", ");
                    format!("not authorised to read {topics}: that takes the right Read")
                },
                |missing| missing.sentence,
            )
        };
        tracing::warn!(worker, why, "not all is routed");
        self.health.set_trouble(Some(why));
    }

    /// Topics that are not there for us, or of which the client reads nothing.
    fn unread(&mut self, lags: &[Lag]) -> BTreeSet<String> {
        let topics: Vec<_> = self.subscribed.iter().cloned().collect();
        let hidden = topics.into_iter().filter(|topic| self.partition_count(topic).is_ok_and(|count| count == 0));
        let mut unread: BTreeSet<_> = hidden.map(|topic| topic.to_string()).collect();
        for partition in self.places.assigned() {
            let topic = self.names.topic_of(partition);
            let is_read = lags.iter().any(|lag| lag.topic == **topic && lag.partition == partition.partition);
            if !is_read && !self.holds.holds(partition) {
                unread.insert(topic.to_string());
            }
        }
        unread
    }
}
