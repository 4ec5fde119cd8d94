//! What a verb sees of a view: entities that `readers` let it see, and no others.

use std::time::Duration;

use super::names::WatchName;
use super::view::{Source, failure};
use crate::client::state::view::{ListPage, ListScope, Listed, StateView, Watch, WatchScope};
use crate::state::{Entity, EntityKey};

/// An open view, which gives nothing that its source does not allow.
pub(super) struct Reads<'s> {
    view: StateView,
    source: &'s Source,
}

impl<'s> Reads<'s> {
    pub(super) const fn new(view: StateView, source: &'s Source) -> Self {
        Self { view, source }
    }

    /// An entity; `None` where there is none.
    pub(super) fn get(&self, key: EntityKey<'_>) -> anyhow::Result<Option<Entity<'static>>> {
        self.source.allow(key.module, Some(key.entity_type))?;
        self.view.get(key).map_err(failure)
    }

    /// A page of the entities of a type.
    pub(super) fn list(&self, scope: ListScope<'_>, page: ListPage<'_>) -> anyhow::Result<Listed> {
        self.source.allow(scope.module, Some(scope.entity_type))?;
        self.view.list(scope, page).map_err(failure)
    }

    /// Every entity of a type, in the order of the ids.
    pub(super) fn each(
        &self,
        scope: ListScope<'_>,
        mut take: impl FnMut(EntityKey<'_>, &Entity<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let ListScope { tenant, module, entity_type } = scope;
        let mut after = None;
        loop {
            let page = ListPage { after: after.as_deref(), limit: 1000, ..ListPage::default() };
            let listed = self.list(scope, page)?;
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
