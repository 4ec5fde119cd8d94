//! Reading: what a view of the tenant's state has read, typed. The view is opened by the first read.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::client::{StateClient, blocking};
use super::error::{StateError, Violation};
use super::line::WrittenBy;
use super::view::{ListPage, ListScope, StateView, ViewOptions, Watch, WatchEvent, WatchScope};
use super::write::Written;
use crate::catalogue::{Catalogue, ControlTopic, Readers};
use crate::state::{Entity, EntityKey, OwnedEntityKey, Version};
use crate::time::Timestamp;

/// A state, with the write that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The state.
    pub state: T,
    /// Its version.
    pub version: Version,
    /// Who wrote it.
    pub written_by: WrittenBy,
    /// When the router decided.
    pub written_at: Timestamp,
    /// The id of the update event.
    pub event_id: String,
}

/// Which page of entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'a> {
    /// Only ids that begin like this.
    pub id_prefix: &'a str,
    /// Only ids behind this one: [`StatePage::next`] of the page before.
    pub after: Option<&'a str>,
    /// How many at most.
    pub limit: usize,
}

impl Default for Page<'_> {
    fn default() -> Self {
        Self { id_prefix: "", after: None, limit: 100 }
    }
}

/// A page of entities.
#[derive(Debug, Clone)]
pub struct StatePage<T> {
    /// Ids and states, in the order of the ids. One that is no `T` is an error of its own, and keeps no other back.
    pub entities: Vec<(String, Result<Versioned<T>, StateError>)>,
    /// Behind which id the next page begins; `None` where there is none.
    pub next: Option<String>,
}

/// What became of an entity that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateChange<T> {
    /// It was written.
    Written {
        /// Which.
        entity: OwnedEntityKey,
        /// What it is now.
        now: Versioned<T>,
    },
    /// It was deleted.
    Deleted {
        /// Which.
        entity: OwnedEntityKey,
        /// The version of the tombstone, where it says one.
        version: Option<Version>,
    },
    /// So many changes are missing here, at most: this watcher was slow, or the view had to begin anew. List again.
    Missed(u64),
}

/// Watches the entities of a type.
#[derive(Debug)]
pub struct StateWatch<T> {
    watch: Watch,
    // What it gives is made only when it is asked for.
    of: std::marker::PhantomData<fn() -> T>,
}

impl StateClient {
    /// The view that reads are answered from, opened and up to date with what was there when it was opened.
    ///
    /// # Errors
    /// The cluster, the folder, or what was there was not read within the client's deadline.
    pub async fn view(&self) -> Result<&StateView, StateError> {
        let options = &self.inner.options;
        let opening = ViewOptions {
            settings: options.settings.clone(),
            topic: options.catalogue.prefixed(ControlTopic::State.name()),
            partitions: None,
            store: options.store.clone(),
        };
        let open = || blocking(move || Ok(StateView::open(opening)?));
        let view = self.inner.view.get_or_try_init(open).await?;
        view.ready(options.deadline).await?;
        Ok(view)
    }

    /// An entity of any module of the tenant, as far as the view has read; `None` where there is none.
    ///
    /// # Errors
    /// This module may not read it, it is no `T`, or the view cannot answer.
    pub async fn get_state<T: DeserializeOwned>(
        &self,
        module: &str,
        entity_type: &str,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StateError> {
        let key = self.readable(module, [entity_type, id])?;
        typed(key, self.view().await?.get(key)?)
    }

    /// An entity of any module of the tenant behind all that was committed when this was called: what a view that lags
    /// does not show yet is waited for.
    ///
    /// # Errors
    /// As of [`get_state`](Self::get_state), and if that is not read within the client's deadline.
    pub async fn get_latest<T: DeserializeOwned>(
        &self,
        module: &str,
        entity_type: &str,
        id: &str,
    ) -> Result<Option<Versioned<T>>, StateError> {
        let key = self.readable(module, [entity_type, id])?;
        self.latest(key, self.deadline()).await
    }

    /// The same of an entity that may be read.
    pub(super) async fn latest<T: DeserializeOwned>(
        &self,
        key: EntityKey<'_>,
        within: Duration,
    ) -> Result<Option<Versioned<T>>, StateError> {
        typed(key, self.view().await?.get_latest(key, within).await?)
    }

    /// An entity as it is after a write, or after a later one: waits until the view has read it. `None` where it has been
    /// deleted since, or was by that write.
    ///
    /// # Errors
    /// As of [`get_state`](Self::get_state), and if it is not read within the client's deadline.
    pub async fn get_after<T: DeserializeOwned>(&self, written: &Written) -> Result<Option<Versioned<T>>, StateError> {
        let key = written.entity.borrow();
        let key = self.readable(key.module, [key.entity_type, key.id])?;
        typed(key, self.view().await?.get_after(key, &written.event_id, self.deadline()).await?)
    }

    /// A page of the entities of a type, each of which is a `T` or says why it is none: states stay when contracts change,
    /// and one that was written long ago hides no other.
    ///
    /// # Errors
    /// This module may not read them, or the view cannot answer.
    pub async fn list_state<T: DeserializeOwned>(
        &self,
        module: &str,
        entity_type: &str,
        page: Page<'_>,
    ) -> Result<StatePage<T>, StateError> {
        self.may_read(module, entity_type)?;
        let scope = ListScope { tenant: self.tenant(), module, entity_type };
        let view = self.view().await?;
        let Page { id_prefix, after, limit } = page;
        let listed = view.list(scope, ListPage { id_prefix, after, limit, filter: None })?;
        let typed = |(id, entity): (String, Entity<'_>)| {
            let now = versioned(EntityKey { tenant: self.tenant(), module, entity_type, id: &id }, &entity);
            (id, now)
        };
        Ok(StatePage { entities: listed.entities.into_iter().map(typed).collect(), next: listed.next })
    }

    /// Watches the entities of a type change, from now on.
    ///
    /// # Errors
    /// This module may not read them, or the view cannot be opened.
    pub async fn watch_state<T: DeserializeOwned>(
        &self,
        module: &str,
        entity_type: &str,
    ) -> Result<StateWatch<T>, StateError> {
        self.may_read(module, entity_type)?;
        let watch = self.view().await?.watch(WatchScope {
            tenant: self.tenant().to_owned(),
            module: Some(module.to_owned()),
            entity_type: Some(entity_type.to_owned()),
            id: None,
        });
        Ok(StateWatch { watch, of: std::marker::PhantomData })
    }

    fn readable<'a>(&'a self, module: &'a str, names: [&'a str; 2]) -> Result<EntityKey<'a>, StateError> {
        self.may_read(module, names[0])?;
        self.entity(module, names)
    }

    fn may_read(&self, module: &str, entity_type: &str) -> Result<(), StateError> {
        may_read(&self.inner.options.catalogue, self.module(), [module, entity_type])
    }

    /// How long a call may take.
    pub(super) fn deadline(&self) -> Duration {
        self.inner.options.deadline
    }
}

/// Whether a module may read an entity type, as the catalogue's `readers` say. Only this process keeps to it: whoever may
/// read `revbus.state` can read all of it, so that against strangers only Kafka's ACLs help.
///
/// # Errors
/// It may not.
pub fn may_read(catalogue: &Catalogue, reader: &str, [module, name]: [&str; 2]) -> Result<(), StateError> {
    let Some(entity_type) = catalogue.entity_type(module, name) else { return Ok(()) };
    let Readers::Listed(listed) = &entity_type.readers else { return Ok(()) };
    if catalogue.module_named(reader).is_some_and(|reader| entity_type.is_read_by(reader)) {
        return Ok(());
    }
    let names = listed.iter().map(|id| &*catalogue.module(*id).name);
    let allowed = std::iter::once(module).chain(names).collect::<Vec<_>>().join(", ");
    let message = format!("`{reader}` does not read {module}/{name}: its `readers` in the catalogue let in {allowed}");
    Err(StateError::Denied { reasons: vec![Violation { code: "not_a_reader".to_owned(), message }] })
}

impl<T: DeserializeOwned> StateWatch<T> {
    /// The next change; `None` once the view has ended.
    ///
    /// # Errors
    /// A state is no `T`; the watching goes on behind it.
    pub async fn next(&mut self) -> Option<Result<StateChange<T>, StateError>> {
        Some(match self.watch.next().await? {
            WatchEvent::Changed { key, entity } => {
                versioned(key.borrow(), &entity).map(|now| StateChange::Written { entity: key, now })
            }
            WatchEvent::Deleted { key, written } => {
                Ok(StateChange::Deleted { entity: key, version: written.map(|written| written.version) })
            }
            WatchEvent::Missed(count) => Ok(StateChange::Missed(count)),
        })
    }
}

fn typed<T: DeserializeOwned>(
    key: EntityKey<'_>,
    entity: Option<Entity<'static>>,
) -> Result<Option<Versioned<T>>, StateError> {
    entity.map(|entity| versioned(key, &entity)).transpose()
}

fn versioned<T: DeserializeOwned>(key: EntityKey<'_>, entity: &Entity<'_>) -> Result<Versioned<T>, StateError> {
    let no = |error: serde_json::Error| StateError::NotAState { entity: key.to_string(), why: error.to_string() };
    let written = &entity.written;
    Ok(Versioned {
        state: serde_json::from_str(&entity.state).map_err(no)?,
        version: written.version,
        written_by: WrittenBy::of(&written.by),
        written_at: written.at,
        event_id: written.event_id.clone().into_owned(),
    })
}
