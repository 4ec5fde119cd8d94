//! What a verb sees of a view: entities that `readers` let it see, and no others.

use std::time::Duration;

use super::names::WatchName;
use super::view::{Source, failure, restored};
use crate::client::state::view::{ListPage, ListScope, Listed, StateView, ViewError, Watch, WatchScope};
use crate::state::{Entity, EntityKey};

/// How often a read is made again that found the view beginning anew: a file that is damaged each time is its disk's fault.
const TRIES: u32 = 3;

/// An open view, which gives nothing that its source does not allow.
pub(super) struct Reads<'s> {
    view: StateView,
    source: &'s Source,
    /// How long to wait while nothing more can be read of what is there.
    deadline: Duration,
}

impl<'s> Reads<'s> {
    pub(super) const fn new(view: StateView, source: &'s Source, deadline: Duration) -> Self {
        Self { view, source, deadline }
    }

    /// Reads; where that finds the view's file damaged, the view begins again, and is waited for.
    async fn ask<T>(&self, read: impl Fn(&StateView) -> Result<T, ViewError>) -> anyhow::Result<T> {
        for _ in 1..TRIES {
            match read(&self.view) {
                Err(ViewError::Restoring(_)) => restored(&self.view, self.deadline).await?,
                answer => return answer.map_err(failure),
            }
        }
        read(&self.view).map_err(failure)
    }

    /// An entity; `None` where there is none.
    pub(super) async fn get(&self, key: EntityKey<'_>) -> anyhow::Result<Option<Entity<'static>>> {
        self.source.allow(key.module, Some(key.entity_type))?;
        self.ask(|view| view.get(key)).await
    }

    /// A page of the entities of a type.
    pub(super) async fn list(&self, scope: ListScope<'_>, page: ListPage<'_>) -> anyhow::Result<Listed> {
        self.source.allow(scope.module, Some(scope.entity_type))?;
        self.ask(|view| view.list(scope, page)).await
    }

    /// Every entity of a type, in the order of the ids.
    pub(super) async fn each(
        &self,
        scope: ListScope<'_>,
        mut take: impl FnMut(EntityKey<'_>, &Entity<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let ListScope { tenant, module, entity_type } = scope;
        let mut after = None;
        loop {
            let page = ListPage { after: after.as_deref(), limit: 1000, ..ListPage::default() };
            let listed = self.list(scope, page).await?;
            for (id, entity) in &listed.entities {
                take(EntityKey { tenant, module, entity_type, id }, entity)?;
            }
            after = listed.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Watches entities of a tenant change, from now on.
    pub(super) fn watch(&self, tenant: &str, name: &WatchName) -> anyhow::Result<Watch> {
        let WatchName { module, entity_type, id } = name.clone();
        self.source.allow(&module, entity_type.as_deref())?;
        Ok(self.view.watch(WatchScope { tenant: tenant.to_owned(), module: Some(module), entity_type, id }))
    }

    /// How many entities the view holds, of all tenants.
    pub(super) fn count(&self) -> u64 {
        self.view.stats().entities
    }

    /// Why the view has ended.
    pub(super) async fn end(&self, within: Duration) -> anyhow::Result<()> {
        self.view.ready(within).await.map_err(failure)
    }
}
