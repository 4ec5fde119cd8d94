//! A new catalogue while the router runs: asked for by SIGHUP, by `POST /-/reload`, or by a change of the file.
//!
//! One thread compiles it beside the old one and looks at the cluster, so reloads come one after another and no worker
//! waits for them. It is published whole or not at all; the workers take it between two transactions (`renew.rs`).

mod file_watch;
mod fixed;
mod reloader;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;
use tokio::sync::oneshot;

pub use reloader::{Origin, Reloader};

use crate::ids::CatalogueDigest;

/// How many may wait for the answer of the next reload.
const MAX_ASKERS: usize = 1024;

/// How a reload ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// This catalogue decides from now on; so many workers still end a transaction under the old one.
    Taken(CatalogueDigest, usize),
    /// It decided before.
    Unchanged(CatalogueDigest),
}

/// Why the old catalogue stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The file has errors, or asks for what a running process cannot change.
    #[error("{0}")]
    Catalogue(String),
    /// The cluster lacks topics, or does not answer; the same file may be good later.
    #[error("{0}")]
    Cluster(String),
}

/// The answer to a request.
pub type Answer = Result<Reloaded, Refused>;

/// What the reloading thread is to do next. A reload reads the file when its turn comes, so one serves all who asked
/// before.
#[derive(Debug, Default)]
struct Wishes {
    /// Somebody asks for a reload.
    reload: bool,
    /// Who wants to know how it ends.
    askers: Vec<oneshot::Sender<Answer>>,
    /// Something happened to the file, perhaps.
    touched: bool,
    /// Something happened to the topics, perhaps.
    topics: bool,
}

/// Where a reload is asked for.
#[derive(Debug, Clone)]
pub struct Reloads {
    wishes: Arc<Mutex<Wishes>>,
    /// Rung for each wish; one ring that waits is as good as many.
    bell: SyncSender<()>,
    /// Whether there is a router whose catalogue could be reloaded.
    open: Arc<AtomicBool>,
}

/// The other end: what a [`Reloader`] answers.
#[derive(Debug)]
pub struct Requests {
    wishes: Arc<Mutex<Wishes>>,
    bell: Receiver<()>,
    open: Arc<AtomicBool>,
}

impl Reloads {
    /// Both ends. Nobody is answered before a [`Reloader`] has the other one.
    #[must_use]
    pub fn new() -> (Self, Requests) {
        let (ring, bell) = sync_channel(1);
        let reloads = Self { wishes: Arc::default(), bell: ring, open: Arc::default() };
        let requests = Requests { wishes: Arc::clone(&reloads.wishes), bell, open: Arc::clone(&reloads.open) };
        (reloads, requests)
    }

    /// Asks for a reload: the next one, not one that has begun already. `None` where nothing is routed, or where 1024
    /// wait for it.
    #[must_use]
    pub fn ask(&self) -> Option<oneshot::Receiver<Answer>> {
        let (answer, receiver) = oneshot::channel();
        let mut wishes = locked(&self.wishes);
        if !self.open.load(Ordering::Acquire) || wishes.askers.len() == MAX_ASKERS {
            return None;
        }
        wishes.askers.push(answer);
        self.wish(wishes, |wishes| wishes.reload = true);
        Some(receiver)
    }

    fn wish(&self, mut wishes: MutexGuard<'_, Wishes>, wish: impl FnOnce(&mut Wishes)) {
        wish(&mut wishes);
        drop(wishes);
        // Where it was rung already, the wish is found all the same; where nobody listens, nobody waits.
        let _ = self.bell.try_send(());
    }

    /// Lets SIGHUP ask for a reload. One that comes before anything is routed is answered then.
    ///
    /// # Errors
    /// The handler cannot be installed.
    pub fn on_hangup(&self) -> std::io::Result<()> {
        let (mut signals, reloads) = (Signals::new([SIGHUP])?, self.clone());
        std::thread::spawn(move || {
            for _ in signals.forever() {
                tracing::info!("SIGHUP: reloading the catalogue");
                reloads.wish(locked(&reloads.wishes), |wishes| wishes.reload = true);
            }
        });
        Ok(())
    }

    /// Lets the topics be looked at again, by the catalogue that decides: the broker refuses what they should take.
    pub(super) fn look_at_topics(&self) {
        self.wish(locked(&self.wishes), |wishes| wishes.topics = true);
    }

    fn touched(&self) {
        self.wish(locked(&self.wishes), |wishes| wishes.touched = true);
    }
}

impl Requests {
    /// Takes all wishes once there are some, within this time.
    fn next(&self, within: Option<Duration>) -> Result<Wishes, RecvTimeoutError> {
        match within {
            Some(within) => self.bell.recv_timeout(within)?,
            None => self.bell.recv().map_err(|_| RecvTimeoutError::Disconnected)?,
        }
        Ok(std::mem::take(&mut locked(&self.wishes)))
    }
}

impl Drop for Requests {
    /// Nobody waits for what will not come.
    fn drop(&mut self) {
        let mut wishes = locked(&self.wishes);
        self.open.store(false, Ordering::Release);
        wishes.askers.clear();
    }
}

fn locked(wishes: &Mutex<Wishes>) -> MutexGuard<'_, Wishes> {
    wishes.lock().unwrap_or_else(PoisonError::into_inner)
}
