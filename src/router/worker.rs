//! A worker: the loop that a reader should know first.
//!
//! An event goes into the kernel's machine, actions come out, each action is carried out and answers with one event.
//! What is decided on a record is the kernel's matter too (`sending.rs` hands it over); positions are resolved in
//! `positions.rs`; the calls to Kafka stand in `carry.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::editions::{Edition, Editions};
use super::entities::Fetch;
use super::holds::Holds;
use super::names::Names;
use super::places::Places;
use super::recall::{self, Recalls};
use super::reload::Reloads;
use super::reports::Standing;
use super::sending::Sender;
use super::steady::Steady;
use super::stop::Stop;
use super::storm::StormGuard;
use super::succession::{Succession, first_producer};
use super::troubles::Troubles;
use super::watchdog::Watch;
use crate::ids::{Position, RecordOffset};
use crate::kafka::consumer::{BatchMetadata, GroupConsumer, GroupEvent, LEAVE_TIMEOUT, Polled};
use crate::kafka::message::Message;
use crate::kafka::producer::RouterProducer;
use crate::kafka::trouble::Trouble;
use crate::kafka::watermarks::Watermarks;
use crate::kernel::worker::{Action, Ending, Event, Failure, Limits, Machine, Rebalance, SourcePartition};
use crate::kernel::{Ledger, Registry};
use crate::telemetry::{Health, Metrics, RateLimit, WorkerHealth, WorkerMetrics};

/// How long an idle worker waits for a record.
const IDLE_POLL: Duration = Duration::from_millis(100);
/// The same, while the past of partitions is being read back.
const RECALL_POLL: Duration = Duration::from_millis(5);
/// How long a producer may take to begin.
pub(super) const INIT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many dead letters a second are logged, a line each, and how many at once.
const DEAD_LETTER_LINES: NonZeroU32 = NonZeroU32::new(5).unwrap();
const DEAD_LETTER_BURST: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// How many of the client's problems are logged at once; then one a second.
const PROBLEM_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// How often another worker than the first may be fenced before it ends the process.
const PATIENCE: u32 = 30;

/// What a worker is given.
pub(super) struct Shared {
    pub(super) options: Arc<Options>,
    pub(super) editions: Arc<Editions>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) health: Arc<Health>,
    pub(super) stop: Arc<Stop>,
    pub(super) storm: Arc<StormGuard>,
    pub(super) reloads: Reloads,
    pub(super) watch: Watch,
    pub(super) number: usize,
}

/// How a worker ended.
pub(super) struct WorkerEnded {
    pub(super) transactional_id: String,
    pub(super) ending: Result<Ending, Trouble>,
}

/// A worker at work.
pub(super) struct Worker<'c> {
    pub(super) shared: &'c Shared,
    pub(super) transactional_id: String,
    /// By which it decides.
    pub(super) edition: Arc<Edition>,
    pub(super) names: Arc<Names>,
    /// The topics that the group was told of.
    pub(super) subscribed: BTreeSet<Arc<str>>,
    pub(super) consumer: &'c GroupConsumer,
    pub(super) producer: Option<RouterProducer>,
    pub(super) sender: Sender,
    pub(super) metrics: WorkerMetrics,
    pub(super) health: WorkerHealth,
    pub(super) dead_letter_log: RateLimit,
    pub(super) problem_log: RateLimit,
    pub(super) troubles: Troubles,
    /// The record that was polled last.
    pub(super) current: Option<(Message<'c>, SourcePartition)>,
    /// The group's metadata at the batch's first record.
    pub(super) metadata: Option<BatchMetadata>,
    pub(super) places: Places,
    pub(super) watermarks: Option<Watermarks>,
    pub(super) committed: BTreeMap<SourcePartition, Position>,
    pub(super) succession: &'c mut Succession,
    /// What is assigned and not read.
    pub(super) holds: Holds,
    /// What may not be read yet.
    pub(super) standing: Standing,
    /// How many partitions the audit topic has.
    pub(super) audit_partitions: i32,
    /// The events of the past.
    pub(super) ledger: Ledger,
    /// The worker's clock, by which the ledger forgets.
    pub(super) steady: Steady,
    pub(super) recalls: Recalls,
    /// The entities of the partitions of updates.
    pub(super) registry: Registry,
    /// Up to where the log of each was read back.
    pub(super) fetched: BTreeMap<i32, Position>,
    pub(super) fetches: Vec<Fetch>,
    /// The generation of the storm guard that all holds follow; `None` where partitions came that do not.
    pub(super) weather: Option<u64>,
    pub(super) machine: Machine,
    /// Since when the consumer reports that no broker is connected.
    pub(super) cut_off: Option<Instant>,
    /// When something was last committed.
    pub(super) committed_at: Instant,
    /// How many records that was.
    pub(super) committed_records: usize,
    /// What that clock showed when a record was polled last, or something else happened.
    pub(super) elapsed: Duration,
    pub(super) told_to_stop: bool,
}

/// Runs a worker to its end.
pub(super) fn run(shared: Shared) -> WorkerEnded {
    let Options { group, instance, .. } = &*shared.options;
    let transactional_id = format!("{group}.{instance}.{}", shared.number);
    let mut succession = Succession::default();
    let ending = loop {
        let ending = begin(&shared, &transactional_id, &mut succession);
        succession.identities.renew();
        let due = std::mem::take(&mut succession.due) && !shared.stop.is_set();
        if !due || !matches!(ending, Ok(Ending::Stopped)) {
            break ending;
        }
    };
    WorkerEnded { transactional_id, ending }
}

fn begin(shared: &Shared, transactional_id: &str, succession: &mut Succession) -> Result<Ending, Trouble> {
    let edition = shared.editions.current();
    let rules = &edition.rules;
    let health = shared.health.worker(shared.number, Instant::now());
    // Before joining: whatever an earlier process left open ends now, and no partition waits for it.
    let Some(producer) = first_producer((shared, &health), transactional_id, edition.size_limits)? else {
        return Ok(Ending::Stopped);
    };
    let topics: Vec<&str> = edition.topics.iter().map(|topic| &**topic).collect();
    let consumer = GroupConsumer::join(&shared.options.settings, &shared.options.group, &topics)?;
    // Of two processes of one instance exactly one must end, and not each by another of its workers.
    let fenced = if shared.number == 0 { shared.options.limits.fenced } else { PATIENCE };
    let limits = Limits { fenced, ..shared.options.limits };
    let worker = Worker {
        shared,
        transactional_id: transactional_id.to_owned(),
        names: Arc::clone(&edition.names),
        subscribed: edition.topics.clone(),
        consumer: &consumer,
        producer: Some(producer),
        sender: Sender::default(),
        metrics: shared.metrics.worker(&rules.catalogue),
        health,
        dead_letter_log: RateLimit::new(DEAD_LETTER_LINES, DEAD_LETTER_BURST),
        problem_log: RateLimit::new(NonZeroU32::MIN, PROBLEM_BURST),
        troubles: Troubles::new(),
        current: None,
        metadata: None,
        places: Places::default(),
        watermarks: None,
        committed: BTreeMap::new(),
        succession,
        holds: Holds::default(),
        standing: Standing::default(),
        audit_partitions: rules.topology.audit.partitions,
        ledger: recall::ledger(&rules.catalogue, shared.options.workers),
        steady: Steady::start(),
        recalls: Recalls::default(),
        registry: Registry::default(),
        fetched: BTreeMap::new(),
        fetches: Vec::new(),
        weather: None,
        machine: Machine::new(limits),
        cut_off: None,
        committed_at: Instant::now(),
        committed_records: 0,
        elapsed: Duration::ZERO,
        told_to_stop: false,
        edition: Arc::clone(&edition),
    };
    shared.editions.took(shared.number, edition.number);
    let ending = worker.run();
    shared.watch.call("close the consumer", LEAVE_TIMEOUT, || drop(consumer));
    Ok(ending)
}

impl<'c> Worker<'c> {
    /// The loop.
    fn run(mut self) -> Ending {
        let mut actions = Vec::new();
        loop {
            let event = match actions.pop() {
                Some(Action::End(ending)) => return ending,
                Some(action) => self.carry_out(action),
                None => self.next_event(),
            };
            // Deciding takes microseconds: one look at the clock a record, when it is polled.
            if !matches!(event, Event::Sent(_)) {
                self.elapsed = self.steady.elapsed();
            }
            self.machine.step(event, self.elapsed, &mut actions);
        }
    }

    fn next_event(&mut self) -> Event {
        if self.machine.batch().is_none() {
            self.look_around();
            self.recalled();
            self.take_fetched();
            // A storm that a new catalogue has ended is over for those who have taken that catalogue.
            self.follow_weather();
            if let Some(refit) = self.renew() {
                return Event::NewRules(refit);
            }
        }
        let over = self.shared.stop.is_set() || self.succession.due;
        if over && !std::mem::replace(&mut self.told_to_stop, true) {
            return Event::Stop;
        }
        let timeout = match (self.machine.batch(), self.recalls.under_way.is_empty() && self.fetches.is_empty()) {
            (Some(_), _) => Duration::ZERO,
            (None, true) => IDLE_POLL,
            (None, false) => RECALL_POLL,
        };
        match self.poll(timeout) {
            Polled::Record(message) => self.polled(message),
            Polled::Group(event) => Event::Rebalance(self.rebalance(event)),
            Polled::Quiet => self.quiet(),
            Polled::Displaced => Event::Failed(Failure::Displaced),
            Polled::Denied(what) => self.denied(what),
            Polled::Problem(error) => {
                // A broker that goes away is told of once for each connection, many times a second.
                if let Some(suppressed) = self.problem_log.admit(Instant::now()) {
                    let worker = self.shared.number;
                    tracing::warn!(worker, %error, suppressed, "the consumer met a problem and goes on");
                }
                Event::Quiet
            }
        }
    }

    /// Within a batch nothing is waited for.
    fn poll(&self, timeout: Duration) -> Polled<'c> {
        let (consumer, watch) = (self.consumer, &self.shared.watch);
        if timeout.is_zero() { consumer.poll(timeout) } else { watch.call("poll", timeout, || consumer.poll(timeout)) }
    }

    fn polled(&mut self, message: Message<'c>) -> Event {
        // Not a topic that we asked for, or do any more: no position of it is committed.
        let topic = self.sender.source_of(&message, &self.names).filter(|one| self.names.reads(*one).is_some());
        let Some(topic) = topic else { return Event::Quiet };
        let partition = SourcePartition { topic, partition: message.partition() };
        let offset = RecordOffset(message.offset());
        if let Err(otherwise) = self.take(partition, offset) {
            return otherwise;
        }
        self.current = Some((message, partition));
        Event::Polled(partition, offset)
    }

    fn quiet(&self) -> Event {
        // An empty poll says nothing while nobody answers.
        if self.cut_off.is_none() {
            self.health.polled(Instant::now());
        }
        Event::Quiet
    }

    fn rebalance(&mut self, event: GroupEvent) -> Rebalance {
        self.sender.forget_topics();
        self.troubles.regroup();
        let ours = |list: Vec<_>| list.iter().filter_map(|one| self.names.kernel(one)).collect::<Vec<_>>();
        let rebalance = match event {
            GroupEvent::Assigned(list) => Rebalance::Assigned(ours(list)),
            GroupEvent::Revoked(list) => Rebalance::Revoked(ours(list)),
            GroupEvent::Lost(list) => Rebalance::Lost(ours(list)),
        };
        self.report_rebalance(&rebalance);
        rebalance
    }
}
