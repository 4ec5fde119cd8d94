//! Who waits for which answer. An answer belongs to a client by the key of its record and to an update by its causation;
//! all others that stand on the same partition are somebody else's.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::error::StateError;
use super::outcome::{self, Done};
use crate::ids::push_key;
use crate::kafka::trouble::Trouble;
use crate::state::Reply;

type Answered = Result<Done, StateError>;

/// The updates of a client that are not answered.
pub(super) struct Pending {
    /// The key of this client's answers.
    key: Vec<u8>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// By the id of the update. Two calls may ask with one id: the first answer is both calls'.
    waiting: HashMap<String, Vec<(u64, oneshot::Sender<Answered>)>>,
    calls: u64,
    /// Why no answer will come any more.
    broken: Option<Trouble>,
}

/// A call that waits; whoever drops it waits no longer.
pub(super) struct Waiting<'p> {
    pending: &'p Pending,
    event_id: &'p str,
    call: u64,
    answer: oneshot::Receiver<Answered>,
}

impl Pending {
    pub(super) fn new(tenant: &str, client_id: &str) -> Self {
        let mut key = Vec::new();
        push_key(&mut key, tenant, client_id);
        Self { key, open: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait, before the update is sent.
    ///
    /// # Errors
    /// No answer can come any more.
    pub(super) fn expect<'p>(&'p self, event_id: &'p str) -> Result<Waiting<'p>, StateError> {
        let mut open = self.lock();
        if let Some(trouble) = &open.broken {
            return Err(trouble.clone().into());
        }
        let (tell, answer) = oneshot::channel();
        open.calls += 1;
        let call = open.calls;
        open.waiting.entry(event_id.to_owned()).or_default().push((call, tell));
        Ok(Waiting { pending: self, event_id, call, answer })
    }

    /// Takes a record of the partition of answers.
    pub(super) fn take(&self, key: Option<&[u8]>, value: Option<&[u8]>) {
        if key != Some(&*self.key) {
            return;
        }
        let Some(reply) = value.and_then(Reply::read) else { return };
        let callers = self.lock().waiting.remove(reply.update_id()).unwrap_or_default();
        for (_, caller) in callers {
            // It may have stopped waiting.
            _ = caller.send(outcome::of(reply.told()));
        }
    }

    /// No answer comes any more, neither to those who wait nor to others.
    pub(super) fn give_up(&self, trouble: &Trouble) {
        let mut open = self.lock();
        open.broken = Some(trouble.clone());
        for (event_id, callers) in open.waiting.drain() {
            for (_, caller) in callers {
                let event_id = Some(event_id.clone());
                _ = caller.send(Err(StateError::Unavailable { trouble: trouble.clone(), event_id }));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().waiting.len()
    }
}

impl Waiting<'_> {
    /// The answer, once it comes; `None` where nobody is left to give one.
    pub(super) async fn answer(&mut self) -> Option<Answered> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut open = self.pending.lock();
        if let Some(callers) = open.waiting.get_mut(self.event_id) {
            callers.retain(|(call, _)| *call != self.call);
            if callers.is_empty() {
                open.waiting.remove(self.event_id);
            }
        }
    }
}
