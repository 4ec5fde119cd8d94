//! A new catalogue while the router runs: asked for by SIGHUP, by `POST /-/reload`, or by a change of the file.
//!
//! One thread compiles it beside the old one and looks at the cluster, so reloads come one after another and no worker
//! waits for them. It is published whole or not at all; the workers take it between two transactions (`renew.rs`).

mod file_watch;
mod fixed;
mod reloader;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;
use tokio::sync::oneshot;

pub use reloader::{Origin, Reloader};

use crate::ids::CatalogueDigest;

/// How many reloads may wait. Each reads the file when its turn comes, so more would find nothing new.
const WAITING: usize = 16;

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

/// What the reloading thread hears.
#[derive(Debug)]
enum Request {
    /// Somebody asks for a reload, and may want to know how it ends.
    Reload(Option<oneshot::Sender<Answer>>),
    /// Something happened to the file, perhaps.
    Touched,
}

/// Where a reload is asked for.
#[derive(Debug, Clone)]
pub struct Reloads {
    sender: SyncSender<Request>,
    /// Whether there is a router whose catalogue could be reloaded.
    open: Arc<AtomicBool>,
}

/// The other end: what a [`Reloader`] answers.
#[derive(Debug)]
pub struct Requests {
    receiver: Receiver<Request>,
    reloads: Reloads,
}

impl Reloads {
    /// Both ends. Nobody is answered before a [`Reloader`] has the other one.
    #[must_use]
    pub fn new() -> (Self, Requests) {
        let (sender, receiver) = sync_channel(WAITING);
        let reloads = Self { sender, open: Arc::default() };
        (reloads.clone(), Requests { receiver, reloads })
    }

    /// Asks for a reload; `None` where nothing is routed yet, or too many wait already.
    #[must_use]
    pub fn ask(&self) -> Option<oneshot::Receiver<Answer>> {
        let (answer, receiver) = oneshot::channel();
        let open = self.open.load(Ordering::Acquire);
        (open && self.sender.try_send(Request::Reload(Some(answer))).is_ok()).then_some(receiver)
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
                // Where too many wait already, one of them will read the file as it is now.
                let _ = reloads.sender.try_send(Request::Reload(None));
            }
        });
        Ok(())
    }

    fn touched(&self) {
        let _ = self.sender.try_send(Request::Touched);
    }
}
