//! Listing the entities of one type, page by page.

use std::fmt;
use std::ops::Bound;

use super::shared::Shared;
use super::{ViewError, key};
use crate::state::{Entity, EntityKey};

/// How many entities one call looks at, at most.
const MOST_LOOKED_AT: usize = 10_000;
/// How many are copied at a time, while a lock is held.
const STRETCH: usize = 256;

/// Which entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListScope<'a> {
    /// Of which tenant; there is no listing across tenants.
    pub tenant: &'a str,
    /// Of which module.
    pub module: &'a str,
    /// Of which entity type.
    pub entity_type: &'a str,
}

/// Whether an entity is wanted, by id and entity.
pub type EntityFilter<'a> = dyn Fn(&str, &Entity<'_>) -> bool + 'a;

/// Which page of them.
#[derive(Clone, Copy)]
pub struct ListPage<'a> {
    /// Only ids that begin like this.
    pub id_prefix: &'a str,
    /// Only ids behind this one: [`Listed::next`] of the page before.
    pub after: Option<&'a str>,
    /// How many entities at most.
    pub limit: usize,
    /// Only entities that this takes, by id and entity.
    pub filter: Option<&'a EntityFilter<'a>>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Ids and entities, in the order of the ids' bytes.
    pub entities: Vec<(String, Entity<'static>)>,
    /// Behind which id the next page begins; `None` where there is no more. A page may have fewer entities than it may
    /// have, and others behind it: one call looks at no more than 10,000.
    pub next: Option<String>,
}

impl Default for ListPage<'_> {
    fn default() -> Self {
        Self { id_prefix: "", after: None, limit: 100, filter: None }
    }
}

impl fmt::Debug for ListPage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id_prefix, after, limit, filter } = self;
        write!(f, "ListPage {{ {id_prefix:?}, {after:?}, {limit}, filter: {} }}", filter.is_some())
    }
}

impl Shared {
    pub(super) fn list(&self, scope: ListScope<'_>, page: ListPage<'_>) -> Result<Listed, ViewError> {
        self.read(|| self.page(scope, page))
    }

    fn page(&self, scope: ListScope<'_>, page: ListPage<'_>) -> Result<Listed, ViewError> {
        let scope = key::scope(scope.tenant, scope.module, scope.entity_type)?;
        let prefix = [&scope, page.id_prefix.as_bytes()].concat();
        let after = page.after.map(|after| [&scope, after.as_bytes()].concat()).filter(|after| *after >= prefix);
        let mut from = after.map_or_else(|| Bound::Included(prefix.clone()), Bound::Excluded);
        let (mut entities, mut looked) = (Vec::new(), 0);
        loop {
            let want = STRETCH.min(MOST_LOOKED_AT - looked);
            let stretch = self.answer(self.kept.range(from.as_ref().map(Vec::as_slice), &prefix, want))?;
            let whole = stretch.len() < want;
            if let Some(last) = stretch.last() {
                from = Bound::Excluded(last.key().to_vec());
            }
            for entry in stretch {
                looked += 1;
                let Some(key) = key::entity(entry.key()) else { continue };
                let entity = read(key, entry.value())?;
                let full = entities.len() >= page.limit.max(1);
                let wanted = page.filter.is_none_or(|filter| filter(key.id, &entity));
                if full && wanted {
                    // There is one more, so there is a next page.
                    let next = entities.last().map(|(id, _): &(String, _)| id.clone());
                    return Ok(Listed { entities, next });
                }
                if wanted {
                    entities.push((key.id.to_owned(), entity.into_owned()));
                }
            }
            if whole {
                return Ok(Listed { entities, next: None });
            }
            if looked >= MOST_LOOKED_AT {
                let next = from_id(&from);
                return Ok(Listed { entities, next });
            }
        }
    }
}

fn from_id(from: &Bound<Vec<u8>>) -> Option<String> {
    match from {
        Bound::Excluded(last) => key::entity(last).map(|key| key.id.to_owned()),
        Bound::Included(_) | Bound::Unbounded => None,
    }
}

/// Reads a value of a store.
pub(super) fn read<'v>(key: EntityKey<'_>, value: &'v [u8]) -> Result<Entity<'v>, ViewError> {
    Entity::read(value).map_err(|fault| ViewError::Value { key: key.to_string(), fault })
}
