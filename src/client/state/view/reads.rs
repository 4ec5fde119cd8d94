//! The view itself: opened, read, watched.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::follower::Follower;
use super::shared::Shared;
use super::{ListPage, ListScope, Listed, Progress, ViewError, ViewMetrics, ViewOptions, ViewStats, Watch, WatchScope};
use crate::state::{Entity, EntityKey};
use crate::time::Timestamp;

/// How long the follower may take to end.
const END: Duration = Duration::from_secs(10);

/// A view of module state. Clones are the same view; when the last one is dropped, it stops.
#[derive(Clone)]
pub struct StateView {
    shared: Arc<Shared>,
    _follower: Arc<Thread>,
}

/// The follower's thread.
struct Thread {
    shared: Arc<Shared>,
    ended: Mutex<Receiver<()>>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.shared.stop();
        // So that whoever opens the folder next finds it free; the client may hang, and is not waited for then.
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(END) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("a view of state has not stopped in time");
        }
    }
}

impl StateView {
    /// Connects, takes the folder, and starts to follow. Blocks for some seconds at most.
    ///
    /// # Errors
    /// The cluster cannot be reached, does not let us read, or has no such topic; the folder is another's, or cannot be
    /// used.
    pub fn open(options: ViewOptions) -> Result<Self, ViewError> {
        let (follower, shared) = Follower::begin(options)?;
        let (sender, ended) = sync_channel(1);
        let thread = Thread { shared: Arc::clone(&shared), ended: Mutex::new(ended) };
        let ends = Ends { shared: Arc::clone(&shared), _sender: sender };
        thread::Builder::new()
            .name("revbus-state".to_owned())
            .spawn(move || {
                let why = follower.run();
                ends.shared.end(why);
                drop(ends);
            })
            .map_err(|error| {
                tracing::warn!(%error, "no thread for a view of state");
                ViewError::Stopped
            })?;
        Ok(Self { shared, _follower: Arc::new(thread) })
    }

    /// Waits until everything is read that was there when the view was opened. Before, no read is answered.
    ///
    /// # Errors
    /// Not within the time, or the view has ended.
    pub async fn ready(&self, within: Duration) -> Result<(), ViewError> {
        self.shared.readable_within(within).await
    }

    /// How much of what was there at the beginning is read.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.shared.progress()
    }

    /// An entity as it is, as far as the view has read; `None` where there is none.
    ///
    /// # Errors
    /// The view is not ready, or has ended; the key is none, or its value cannot be read.
    pub fn get(&self, key: EntityKey<'_>) -> Result<Option<Entity<'static>>, ViewError> {
        self.shared.get(key)
    }

    /// An entity as it is behind all that was committed when this was called; `None` where there is none.
    ///
    /// # Errors
    /// That is not read within the time; and those of [`StateView::get`].
    pub async fn get_latest(&self, key: EntityKey<'_>, within: Duration) -> Result<Option<Entity<'static>>, ViewError> {
        self.shared.get_behind(key, within, |_| false).await
    }

    /// An entity as it is behind a write that is known to be done, or behind a later one: waits until it is of the update
    /// with that id, or until the view has read all that was committed when this was called. A version would not tell:
    /// an entity that was deleted and created again begins with version 1.
    ///
    /// # Errors
    /// Neither within the time; and those of [`StateView::get`].
    pub async fn get_after(
        &self,
        key: EntityKey<'_>,
        event_id: &str,
        within: Duration,
    ) -> Result<Option<Entity<'static>>, ViewError> {
        self.shared.get_behind(key, within, |entity| entity.written.event_id == event_id).await
    }

    /// A page of the entities of one type, in the order of their ids.
    ///
    /// # Errors
    /// As of [`StateView::get`].
    pub fn list(&self, scope: ListScope<'_>, page: ListPage<'_>) -> Result<Listed, ViewError> {
        self.shared.list(scope, page)
    }

    /// Watches entities change, from now on, and from when the view is [`ready`](Self::ready). Whoever watches first and
    /// reads then hears of every change behind what it read, and may hear of one that is in it already.
    #[must_use]
    pub fn watch(&self, scope: WatchScope) -> Watch {
        self.shared.watchers.add(scope)
    }

    /// What the view holds, and how far behind it is.
    #[must_use]
    pub fn stats(&self) -> ViewStats {
        self.shared.stats(Timestamp::now())
    }

    /// The same as gauges for a registry of Prometheus.
    ///
    /// # Errors
    /// None that is known: Prometheus's own, of a name that it does not take.
    pub fn metrics(&self) -> prometheus::Result<ViewMetrics> {
        ViewMetrics::of(&self.shared)
    }
}

/// Held by the thread: however it ends, the view has ended, and who waits for that hears of it.
struct Ends {
    shared: Arc<Shared>,
    _sender: SyncSender<()>,
}

impl Drop for Ends {
    fn drop(&mut self) {
        // After a panic; else it has said why already.
        self.shared.end(ViewError::Stopped);
    }
}
