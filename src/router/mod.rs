//! The router: workers that carry out what the kernel decides.
//!
//! Each worker is an OS thread with a consumer of one group and a producer of its own; nothing is shared between them
//! but rules and counters. `worker.rs` has the loop.

mod background;
mod beginning;
mod carry;
mod editions;
mod ends;
mod entities;
mod holds;
mod identity;
mod names;
mod places;
mod positions;
mod recall;
mod reload;
mod renew;
mod reports;
mod sending;
mod steady;
mod stop;
mod storm;
mod succession;
mod topology;
mod trail;
mod troubles;
mod watchdog;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use beginning::{Beginning, Bus};
pub use editions::Editions;
pub use reload::{Answer, Origin, Refused, Reloaded, Reloader, Reloads, Requests};
pub use stop::Stop;
pub use storm::{DeadLetterLimit, StormGuard};
pub use topology::{SurveyError, survey};

use worker::WorkerEnded;

use crate::kafka::config::KafkaSettings;
use crate::kafka::ffi;
use crate::kafka::producer::Delivery;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kernel::worker::{Ending, Limits};
use crate::telemetry::{Health, Metrics};

/// How the router runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// How to reach the cluster.
    pub settings: KafkaSettings,
    /// The consumer group, prefix included.
    pub group: String,
    /// What tells this process from its peers; stable across restarts, so that a restart fences what it left behind.
    pub instance: String,
    /// How many workers.
    pub workers: usize,
    /// What is guaranteed.
    pub delivery: Delivery,
    /// Where a group without positions begins.
    pub start: Start,
    /// When a batch is full.
    pub limits: Limits,
    /// Whether the broker is the embedded one, which is never without its topics and does not tell their ids.
    pub embedded: bool,
}

/// Where a group without positions begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Start {
    /// At the first record that the log still has.
    Earliest,
    /// With what comes from now on.
    Latest,
    /// Behind what the audit trail tells of, and where it tells nothing, at the first record.
    Audited,
}

/// What workers report to, and who looks at them reads.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Whether it is ready.
    pub health: Arc<Health>,
    /// What is stopped for a storm of dead letters.
    pub storm: Arc<StormGuard>,
    /// Where a new catalogue is asked for.
    pub reloads: Reloads,
}

/// How the router ended.
#[derive(Debug)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// Another process runs as this instance; the transactional id that both want.
    Fenced(String),
    /// A worker could not begin.
    Trouble(Trouble),
}

/// Runs a worker; a panic ends the process like any other failure, and not this one thread in silence.
fn guarded(shared: worker::Shared) -> WorkerEnded {
    let number = shared.number;
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| worker::run(shared))).unwrap_or_else(|_| {
        let sentence = format!("worker {number} panicked: a defect of revbus; what it had open is taken back");
        WorkerEnded { transactional_id: String::new(), ending: Err(Trouble { kind: TroubleKind::Refused, sentence }) }
    })
}

/// How long a stop may take before workers are left to themselves.
const STOP_DEADLINE: Duration = Duration::from_secs(9);

/// How often freed memory is given back. Each rebalance, reconnection and backlog leaves some, spread over the heaps of
/// threads that are gone, and over months of them the process would grow. It takes milliseconds, and as much again to have
/// the pages back.
const GIVE_BACK: Duration = Duration::from_secs(10);

fn give_back_memory(stop: Arc<Stop>) {
    std::thread::spawn(move || {
        while !stop.wait(GIVE_BACK) {
            ffi::give_back_memory();
        }
    });
}

/// A running router.
pub struct Router {
    workers: Vec<JoinHandle<()>>,
    endings: Receiver<WorkerEnded>,
    stop: Arc<Stop>,
}

impl Router {
    /// Starts the workers.
    #[must_use]
    pub fn start(options: Options, editions: &Arc<Editions>, watched: &Watched, stop: Arc<Stop>) -> Self {
        let (sender, endings) = mpsc::sync_channel(options.workers);
        let options = Arc::new(options);
        let watchdog = watchdog::Watchdog::start(options.workers);
        give_back_memory(Arc::clone(&stop));
        let workers = (0..options.workers)
            .map(|number| {
                editions.took(number, 0);
                let shared = worker::Shared {
                    options: Arc::clone(&options),
                    editions: Arc::clone(editions),
                    metrics: Arc::clone(&watched.metrics),
                    health: Arc::clone(&watched.health),
                    stop: Arc::clone(&stop),
                    storm: Arc::clone(&watched.storm),
                    reloads: watched.reloads.clone(),
                    watch: watchdog.watch(number),
                    number,
                };
                let sender = sender.clone();
                std::thread::spawn(move || {
                    // The receiver is gone only when nobody waits for the router any more.
                    let _ = sender.send(guarded(shared));
                })
            })
            .collect();
        Self { workers, endings, stop }
    }

    /// Waits until the router has ended. The first worker that fails stops the others.
    #[must_use]
    pub fn wait(self) -> Ended {
        let mut ended = Ended::Stopped;
        let mut deadline = None;
        for _ in 0..self.workers.len() {
            match self.next_ending(&mut deadline) {
                Some(WorkerEnded { ending: Ok(Ending::Stopped), .. }) => {}
                Some(WorkerEnded { ending: Ok(Ending::Fenced), transactional_id }) => {
                    ended = Ended::Fenced(transactional_id);
                }
                Some(WorkerEnded { ending: Err(trouble), .. }) => ended = Ended::Trouble(trouble),
                None => {
                    tracing::warn!("a worker did not end in time; what it had open is taken back by the broker");
                    break;
                }
            }
            self.stop.set();
        }
        ended
    }

    /// Waits for an ending: without a deadline until the stop, and from then on until one for all workers.
    fn next_ending(&self, deadline: &mut Option<Instant>) -> Option<WorkerEnded> {
        const STEP: Duration = Duration::from_millis(100);
        loop {
            if self.stop.is_set() && deadline.is_none() {
                *deadline = Some(Instant::now() + STOP_DEADLINE);
            }
            match self.endings.recv_timeout(STEP) {
                Ok(ended) => return Some(ended),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
