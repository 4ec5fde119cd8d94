//! What follows a failure: the one place that handles each class.

use std::time::Duration;

use super::machine::{Machine, abort, go_back, rebuild, resume};
use super::state::{Retry, State};
use super::{Action, Batch, Ending, Failure, Rebalance, SourcePartition, TRANSACTION_TIMEOUT};
use crate::ids::RecordOffset;

/// Fenced again within this time means that two processes run as the same instance.
const FENCED_AGAIN: Duration = Duration::from_secs(300);
/// What fails sooner did not fail for its size: as at a rebalance, whose generation the open batch's positions do not have.
const SLOW: Duration = Duration::from_secs(4);

impl Machine {
    /// One arm for each class of failure and each state that it can meet.
    pub(super) fn fail(&mut self, state: State, failure: Failure, now: Duration, actions: &mut Vec<Action>) -> State {
        self.failures += 1;
        if self.stopping {
            return self.give_up(state, failure, actions);
        }
        if let State::Sending(batch, ..) | State::Committing(batch) = &state
            && now.saturating_sub(batch.opened()) > SLOW
        {
            // It may have been more than the cluster takes in the time of a transaction, now and each time again.
            self.most = self.most.min(batch.half());
        }
        match (state, failure) {
            // The broker ended our own transaction, as a long pause of this process makes it do: nobody else is there.
            (State::Sending(batch, ..) | State::Committing(batch), Failure::Fenced)
                if now.saturating_sub(batch.opened()) >= TRANSACTION_TIMEOUT =>
            {
                rebuild(actions)
            }
            (_, Failure::Fenced) => self.fenced(now, actions),
            (State::Sending(batch, ..) | State::Committing(batch), Failure::MustAbort) => abort(batch, actions),
            (State::Sending(batch, partition, offset), Failure::Refused) => {
                self.suspect((partition, offset));
                // Alone: another one like it in the same batch would take turns with it.
                self.most = 1;
                abort(batch, actions)
            }
            (State::Committing(batch), Failure::Refused) => {
                self.narrow(&batch);
                abort(batch, actions)
            }
            // Nothing but positions is in it.
            (State::CommittingPositions, Failure::MustAbort) => abort(Batch::new(now), actions),
            (State::Idle, Failure::Displaced) => resume(actions),
            (State::Returning(batch), _) => self.wait(Retry::Return(batch), actions),
            (State::Resuming, _) => self.wait(Retry::Resume, actions),
            (State::Rebalancing(rebalance), _) => self.wait(Retry::Rebalance(rebalance), actions),
            (State::Rebuilding, _) => self.wait(Retry::Rebuild, actions),
            // Nothing was opened or sent, but the record that was polled would be passed over.
            (State::Beginning(partition, offset), Failure::Unavailable) => {
                let mut batch = Batch::new(now);
                batch.take(partition, offset);
                go_back(batch, actions)
            }
            (state @ (State::Idle | State::Leaving | State::Ended | State::Waiting(_)), _) => state,
            (state @ State::Open(_), Failure::Unavailable) => state,
            // Whatever else: this producer may no longer be trusted.
            _ => rebuild(actions),
        }
    }

    /// A failure while stopping: abort what can be aborted, and leave. The broker ends the rest.
    fn give_up(&self, state: State, failure: Failure, actions: &mut Vec<Action>) -> State {
        match (state, failure) {
            (State::Ended, _) => State::Ended,
            (State::Sending(batch, ..) | State::Committing(batch), Failure::MustAbort | Failure::Refused) => {
                abort(batch, actions)
            }
            _ => {
                actions.push(Action::Leave);
                State::Leaving
            }
        }
    }

    /// The broker refused a record somewhere in the batch: halve until it is alone.
    fn narrow(&mut self, batch: &Batch) {
        match batch.only() {
            Some(record) => self.suspect(record),
            None => {
                self.most = batch.half();
                self.go_on_at_once();
            }
        }
    }

    /// The record that the broker refuses; refused once more as a dead letter, it has to wait.
    fn suspect(&mut self, record: (SourcePartition, RecordOffset)) {
        if self.poison.insert(record.0, record.1) != Some(record.1) {
            self.go_on_at_once();
        }
    }

    /// The next try is another one, and the last will be soon: nobody needs a pause, and all records behind would wait.
    const fn go_on_at_once(&mut self) {
        self.failures = self.failures.saturating_sub(1);
    }

    /// Rebuild once; fenced again soon after, another process runs as this instance, and one of the two must end. Only
    /// one: of the workers of a process the first one settles it, and the others have more patience.
    fn fenced(&mut self, now: Duration, actions: &mut Vec<Action>) -> State {
        let count = match self.fenced {
            Some((before, count)) if now.saturating_sub(before) < FENCED_AGAIN => count + 1,
            _ => 1,
        };
        self.fenced = Some((now, count));
        match count {
            1 => rebuild(actions),
            count if count < self.limits.fenced => self.wait(Retry::Rebuild, actions),
            _ => {
                actions.push(Action::End(Ending::Fenced));
                // First, for the last one is carried out first: what the group takes is given back, or leaving it hangs.
                actions.extend(self.pending.take().and_then(Rebalance::gives_back).map(Action::Unassign));
                State::Ended
            }
        }
    }
}
