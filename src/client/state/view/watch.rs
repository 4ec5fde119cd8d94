//! Watching entities change. Each watcher has a queue of its own with a bound; what finds no room in it is counted, and
//! told in its place, so that a slow watcher holds up nobody.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

use super::entry::Entry;
use super::key;
use crate::kafka::message::Message;
use crate::state::{Entity, EntityKey, NewerState, OwnedEntityKey, TOMBSTONE_HEADER, Written};

/// How many events wait for a watcher at most.
pub(super) const QUEUE: usize = 1024;

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchScope {
    /// Of which tenant; there is no watching across tenants.
    pub tenant: String,
    /// Of which module; `None`: any.
    pub module: Option<String>,
    /// Of which entity type; `None`: any.
    pub entity_type: Option<String>,
    /// Which entity; `None`: any.
    pub id: Option<String>,
}

/// What a watcher sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// An entity was written.
    Changed {
        /// Which.
        key: OwnedEntityKey,
        /// As it is now.
        entity: Entity<'static>,
    },
    /// An entity was deleted.
    Deleted {
        /// Which.
        key: OwnedEntityKey,
        /// By which write; `None` where the tombstone does not say.
        written: Option<Written<'static>>,
    },
    /// So many events are missing here, since the watcher was slow; or the view had to read the topic again, and has read
    /// so many records, or none and says 1. What the watcher knows may be out of date: `list` says what is there.
    Missed(u64),
}

/// Watches. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watch {
    queue: Arc<Queue>,
}

#[derive(Debug)]
struct Queue {
    scope: WatchScope,
    held: Mutex<Held>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Held {
    events: VecDeque<WatchEvent>,
    ended: bool,
}

impl Watch {
    /// The next event; `None` once the view has ended, and every read of it says why.
    pub async fn next(&mut self) -> Option<WatchEvent> {
        loop {
            {
                let mut held = self.queue.held();
                if let Some(event) = held.events.pop_front() {
                    return Some(event);
                }
                if held.ended {
                    return None;
                }
            }
            // One that comes in between leaves a permit.
            self.queue.news.notified().await;
        }
    }
}

impl Queue {
    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, event: &WatchEvent) {
        let mut held = self.held();
        if held.events.len() < QUEUE {
            held.events.push_back(event.clone());
        } else {
            miss(&mut held.events, 1);
        }
        drop(held);
        self.news.notify_one();
    }
}

/// Counts what is missing, behind all that is there.
fn miss(events: &mut VecDeque<WatchEvent>, count: u64) {
    match events.back_mut() {
        Some(WatchEvent::Missed(missed)) => *missed += count,
        _ => events.push_back(WatchEvent::Missed(count)),
    }
}

impl WatchScope {
    fn includes(&self, key: EntityKey<'_>) -> bool {
        let part = |wanted: &Option<String>, part: &str| wanted.as_ref().is_none_or(|wanted| wanted == part);
        self.tenant == key.tenant
            && part(&self.module, key.module)
            && part(&self.entity_type, key.entity_type)
            && part(&self.id, key.id)
    }
}

/// All who watch a view.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    queues: Mutex<Vec<Weak<Queue>>>,
    ended: AtomicBool,
}

impl Watchers {
    /// One more.
    pub(super) fn add(&self, scope: WatchScope) -> Watch {
        let queue = Arc::new(Queue { scope, held: Mutex::default(), news: Notify::new() });
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.push(Arc::downgrade(&queue));
        queue.held().ended = self.ended.load(Ordering::Acquire);
        Watch { queue }
    }

    /// Tells whom it concerns. What nobody watches is not even read.
    pub(super) fn tell(&self, news: &[News]) {
        let queues = self.all();
        for one in if queues.is_empty() { &[] } else { news } {
            let Some(key) = key::entity(one.entry.key()) else { continue };
            let mut concerned = queues.iter().filter(|queue| queue.scope.includes(key)).peekable();
            if concerned.peek().is_some()
                && let Some(event) = one.event(key)
            {
                concerned.for_each(|queue| queue.push(&event));
            }
        }
    }

    /// Everybody missed so many.
    pub(super) fn miss(&self, count: u64) {
        for queue in self.all() {
            miss(&mut queue.held().events, count);
            queue.news.notify_one();
        }
    }

    /// There will be no more.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        for queue in self.all() {
            queue.held().ended = true;
            queue.news.notify_one();
        }
    }

    fn all(&self) -> Vec<Arc<Queue>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|queue| queue.strong_count() > 0);
        queues.iter().filter_map(Weak::upgrade).collect()
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.all().len()
    }
}

/// A record that watchers are told of once it can be read.
#[derive(Debug)]
pub(super) struct News {
    entry: Entry,
    /// Of a tombstone: which write left it, where it says so.
    deleted_by: Option<Written<'static>>,
}

impl News {
    /// Of an entity's record.
    pub(super) fn of(entry: &Entry, message: &Message<'_>) -> Result<Self, NewerState> {
        let deleted_by = if message.value().is_none() {
            let headers = message.headers();
            let header = headers.iter().rev().find(|(name, _)| *name == TOMBSTONE_HEADER.as_bytes());
            written(header.and_then(|(_, value)| *value))?
        } else {
            None
        };
        Ok(Self { entry: entry.clone(), deleted_by })
    }

    /// What it tells; nothing where no router wrote the value, which whoever reads the entity is told.
    fn event(&self, key: EntityKey<'_>) -> Option<WatchEvent> {
        let key = key.to_owned();
        if self.entry.is_tombstone() {
            return Some(WatchEvent::Deleted { key, written: self.deleted_by.clone() });
        }
        let entity = Entity::read(self.entry.value()).ok()?.into_owned();
        Some(WatchEvent::Changed { key, entity })
    }

    #[cfg(test)]
    pub(super) fn of_entry(entry: &Entry) -> Self {
        Self { entry: entry.clone(), deleted_by: None }
    }
}

/// What the header of a tombstone says, where it says something.
pub(super) fn written(header: Option<&[u8]>) -> Result<Option<Written<'static>>, NewerState> {
    match header.map(Written::read) {
        Some(Err(newer @ NewerState::Newer(_))) => Err(newer),
        Some(Ok(written)) => Ok(Some(written.into_owned())),
        Some(Err(NewerState::Foreign)) | None => Ok(None),
    }
}
