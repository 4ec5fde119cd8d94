//! The transitions. Those that follow a failure stand in `failures.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::state::{Retry, State};
use super::{Action, Batch, Ending, Event, Limits, Rebalance, Refit, SourcePartition};
use crate::ids::RecordOffset;

/// How long only hidden records must have passed before their positions are committed.
const IDLE_COMMIT: Duration = Duration::from_secs(1);
/// A batch that is delivered within this time, a quarter of what a commit is given, may be followed by one twice as large.
const QUICK: Duration = Duration::from_secs(2);
/// The waits after the first, second … failure in a row.
const BACKOFF: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The worker's state machine.
#[derive(Debug)]
pub struct Machine {
    state: State,
    pub(super) limits: Limits,
    /// How many records the next batch may hold: halved to find a poison record, and where the cluster was too slow for
    /// them; more again behind each commit of as many.
    pub(super) most: usize,
    /// The record of a partition that the broker refused, alone in its batch. One for each partition: two of them would take
    /// turns in one place, and neither be buried.
    pub(super) poison: BTreeMap<SourcePartition, RecordOffset>,
    /// A rebalance that waits for the open batch to end.
    pub(super) pending: Option<Rebalance>,
    pub(super) stopping: bool,
    pub(super) failures: usize,
    /// When it was fenced last, and how often in a row.
    pub(super) fenced: Option<(Duration, u32)>,
    /// When positions were last known to be the committed ones.
    settled: Duration,
    /// How long the last batch took to be delivered.
    delivery: Duration,
}

impl Machine {
    /// A worker with nothing assigned.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            state: State::Idle,
            limits,
            most: limits.records,
            poison: BTreeMap::new(),
            pending: None,
            stopping: false,
            failures: 0,
            fenced: None,
            settled: Duration::ZERO,
            delivery: Duration::ZERO,
        }
    }

    /// The open batch, if there is one.
    #[must_use]
    pub const fn batch(&self) -> Option<&Batch> {
        match &self.state {
            State::Open(batch) | State::Sending(batch, ..) | State::Committing(batch) => Some(batch),
            State::Idle
            | State::Beginning(..)
            | State::CommittingPositions
            | State::Aborting(_)
            | State::Returning(_)
            | State::Rebuilding
            | State::Resuming
            | State::Rebalancing(_)
            | State::Waiting(_)
            | State::Leaving
            | State::Ended => None,
        }
    }

    /// Takes one event at a time (since the worker's start, on a clock that never goes back) and appends what to do.
    /// Each action is answered by one event before the next event of another kind is given.
    pub fn step(&mut self, event: Event, now: Duration, actions: &mut Vec<Action>) {
        let state = std::mem::replace(&mut self.state, State::Ended);
        self.state = match (state, event) {
            (State::Idle, Event::Polled(partition, offset)) => {
                actions.push(Action::Begin);
                State::Beginning(partition, offset)
            }
            (State::Beginning(partition, offset), Event::Begun) => {
                self.take(Batch::new(now), (partition, offset), actions)
            }
            (State::Open(batch), Event::Polled(partition, offset)) => self.take(batch, (partition, offset), actions),
            (State::Sending(mut batch, ..), Event::Sent(bytes)) => {
                batch.sent(bytes);
                let limits = Limits { records: self.most, ..self.limits };
                if batch.is_full(limits, self.delivery, now) { commit(batch, now, actions) } else { State::Open(batch) }
            }
            (state @ State::Sending(..), Event::QueueFull) => {
                actions.push(Action::Resend);
                state
            }
            (State::Open(batch), Event::Quiet) => commit(batch, now, actions),
            (State::Idle, Event::Quiet) if now.saturating_sub(self.settled) >= IDLE_COMMIT => {
                actions.push(Action::CommitPositions);
                State::CommittingPositions
            }
            (State::Idle, Event::Quiet) => State::Idle,
            (State::Committing(batch), Event::Committed | Event::Unchanged) => {
                self.settle(now);
                self.delivered(&batch, now);
                self.poison.retain(|partition, _| !batch.has(*partition));
                self.next(actions)
            }
            (State::Aborting(batch), Event::Aborted) => go_back(batch, actions),
            (State::Rebuilding, Event::Rebuilt) => resume(actions),
            (State::Returning(_) | State::Resuming, Event::Sought) => self.pause_or_next(actions),
            (State::CommittingPositions, Event::Committed | Event::Unchanged)
            | (State::Rebalancing(_), Event::Assigned | Event::Unassigned) => {
                self.settle(now);
                self.next(actions)
            }
            (State::Idle, Event::NewRules(refit)) => self.refit(refit, actions),
            (State::Waiting(retry), Event::Waited) => self.retry(*retry, actions),
            (State::Leaving, Event::Left) => {
                actions.push(Action::End(Ending::Stopped));
                State::Ended
            }
            (state, Event::Rebalance(rebalance)) => self.rebalance(state, rebalance, now, actions),
            (state, Event::Stop) => self.stop(state, now, actions),
            (state, Event::Failed(failure)) => self.fail(state, failure, now, actions),
            // An answer that nobody waits for, such as that of an action overtaken by a stop, changes nothing.
            (state, _) => state,
        };
    }

    fn take(&self, mut batch: Batch, record: (SourcePartition, RecordOffset), actions: &mut Vec<Action>) -> State {
        batch.take(record.0, record.1);
        let is_poison = self.poison.get(&record.0) == Some(&record.1);
        actions.push(if is_poison { Action::Bury } else { Action::Route });
        State::Sending(batch, record.0, record.1)
    }

    /// A batch is committed, or positions are: failures are over.
    const fn settle(&mut self, now: Duration) {
        self.settled = now;
        self.failures = 0;
    }

    /// What passed says how much more may: twice of what passed quickly, and a little of what did not, for it may be that no
    /// batch does.
    fn delivered(&mut self, batch: &Batch, now: Duration) {
        self.delivery = batch.delivered_in(now);
        let passed = batch.records();
        let more = if self.delivery <= QUICK { passed } else { passed / 8 + 1 };
        self.most = self.most.max(passed + more).min(self.limits.records);
    }

    /// With nothing open: the rebalance that waited, then the end, then idle.
    fn next(&mut self, actions: &mut Vec<Action>) -> State {
        if let Some(rebalance) = self.pending.take() {
            return apply(rebalance, actions);
        }
        if self.stopping {
            actions.push(Action::Leave);
            return State::Leaving;
        }
        State::Idle
    }

    /// After a failure: a pause first, so that a broken engine is not hammered.
    fn pause_or_next(&mut self, actions: &mut Vec<Action>) -> State {
        if self.failures > 0 && self.pending.is_none() && !self.stopping {
            return self.wait(Retry::Nothing, actions);
        }
        self.next(actions)
    }

    pub(super) fn wait(&mut self, retry: Retry, actions: &mut Vec<Action>) -> State {
        let wait = BACKOFF[self.failures.clamp(1, BACKOFF.len()) - 1];
        actions.push(Action::Wait(wait));
        State::Waiting(Box::new(retry))
    }

    fn retry(&mut self, retry: Retry, actions: &mut Vec<Action>) -> State {
        match retry {
            Retry::Nothing => self.next(actions),
            Retry::Return(batch) => go_back(batch, actions),
            Retry::Rebuild => rebuild(actions),
            Retry::Resume => resume(actions),
            Retry::Rebalance(rebalance) => apply(rebalance, actions),
        }
    }

    /// What the broker refused of a record under the old rules says nothing of the new ones.
    fn refit(&mut self, refit: Refit, actions: &mut Vec<Action>) -> State {
        self.poison.clear();
        match refit {
            Refit::Nothing => State::Idle,
            Refit::Positions => resume(actions),
            Refit::Producer => rebuild(actions),
        }
    }

    /// No batch outlives a rebalance: what may still be committed is, what is lost is aborted, and then the rebalance
    /// is carried out.
    fn rebalance(&mut self, state: State, rebalance: Rebalance, now: Duration, actions: &mut Vec<Action>) -> State {
        match state {
            State::Idle => apply(rebalance, actions),
            State::Open(batch) => {
                let lost = matches!(rebalance, Rebalance::Lost(_));
                self.pending = Some(rebalance);
                if lost { abort(batch, actions) } else { commit(batch, now, actions) }
            }
            // The group gives one value and waits until it is carried out, so none comes in between.
            State::Beginning(..)
            | State::Sending(..)
            | State::Committing(_)
            | State::CommittingPositions
            | State::Aborting(_)
            | State::Returning(_)
            | State::Rebuilding
            | State::Resuming
            | State::Rebalancing(_)
            | State::Waiting(_) => {
                self.pending = Some(rebalance);
                state
            }
            State::Leaving | State::Ended => state,
        }
    }

    /// Finish the open batch, then leave. What waits for a broken engine waits no longer: exactly-once makes that safe. To give
    /// partitions back needs no engine, and the group waits for it.
    fn stop(&mut self, state: State, now: Duration, actions: &mut Vec<Action>) -> State {
        self.stopping = true;
        match state {
            State::Open(batch) => commit(batch, now, actions),
            State::Idle | State::Waiting(_) => {
                self.pending.take_if(|pending| matches!(pending, Rebalance::Assigned(_)));
                self.next(actions)
            }
            State::Beginning(..)
            | State::Sending(..)
            | State::Committing(_)
            | State::CommittingPositions
            | State::Aborting(_)
            | State::Returning(_)
            | State::Rebuilding
            | State::Resuming
            | State::Rebalancing(_)
            | State::Leaving
            | State::Ended => state,
        }
    }
}

fn commit(mut batch: Batch, now: Duration, actions: &mut Vec<Action>) -> State {
    batch.close(now);
    actions.push(Action::Commit(batch.partitions()));
    State::Committing(batch)
}

pub(super) fn abort(batch: Batch, actions: &mut Vec<Action>) -> State {
    actions.push(Action::Abort);
    State::Aborting(batch)
}

pub(super) fn go_back(batch: Batch, actions: &mut Vec<Action>) -> State {
    actions.push(Action::Seek(batch.first_positions()));
    State::Returning(batch)
}

pub(super) fn rebuild(actions: &mut Vec<Action>) -> State {
    actions.push(Action::Rebuild);
    State::Rebuilding
}

pub(super) fn resume(actions: &mut Vec<Action>) -> State {
    actions.push(Action::Resume);
    State::Resuming
}

fn apply(rebalance: Rebalance, actions: &mut Vec<Action>) -> State {
    actions.push(match &rebalance {
        Rebalance::Assigned(partitions) => Action::Assign(partitions.clone()),
        Rebalance::Revoked(partitions) | Rebalance::Lost(partitions) => Action::Unassign(partitions.clone()),
    });
    State::Rebalancing(rebalance)
}
