//! The entity types of modules: what state they keep, who reads it, and what a change of it emits.

use std::collections::HashMap;
use std::sync::Arc;

use super::Module;
use crate::ids::{ModuleId, TypeId};
use crate::schema::Contract;
use crate::trigger::{Expression, Mapping};

/// An entity type of a module's state.
#[derive(Debug)]
pub struct EntityType {
    /// The module that owns it, and alone writes it.
    pub module: ModuleId,
    /// Its name within the module.
    pub name: Arc<str>,
    /// What the state of its entities must look like.
    pub contract: Contract,
    /// The facts that a change emits, in the order of the file.
    pub emits: Vec<Emission>,
    /// Who reads it.
    pub readers: Readers,
}

/// Who reads the state of an entity type, within a tenant. Its owner always does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// Every module.
    Everyone,
    /// These modules.
    Listed(Vec<ModuleId>),
}

/// A fact that a change of state emits.
#[derive(Debug)]
pub struct Emission {
    /// The fact, one of the owner's own.
    pub fact: TypeId,
    /// The changes that may emit it.
    pub on: Changes,
    /// The condition, over `old`, `new` and `entity`; without one, each of those changes emits it.
    pub when: Option<Expression>,
    /// All fields of the fact, by canonical name.
    pub map: Vec<Mapping>,
}

/// Kinds of changes, by what there is before and behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// There was no state, and now there is one.
    pub create: bool,
    /// There was one, and there is one.
    pub change: bool,
    /// There was one, and now there is none.
    pub delete: bool,
}

/// Which entity types modules may write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StateMode {
    /// Those that they declare.
    #[default]
    Declared,
    /// Others too, whose states may be any object.
    Open,
}

impl EntityType {
    /// Whether a module may read it.
    #[must_use]
    pub fn is_read_by(&self, module: ModuleId) -> bool {
        module == self.module
            || match &self.readers {
                Readers::Everyone => true,
                Readers::Listed(listed) => listed.contains(&module),
            }
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self { create: false, change: true, delete: false }
    }
}

impl Changes {
    /// None of them.
    pub const NONE: Self = Self { create: false, change: false, delete: false };

    /// Their names, as `on` has them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = [("create", self.create), ("change", self.change), ("delete", self.delete)];
        named.into_iter().filter_map(|(name, is)| is.then_some(name))
    }

    /// Whether a change with or without a state before it and behind it is among them.
    #[must_use]
    pub const fn include(self, old: bool, new: bool) -> bool {
        match (old, new) {
            (false, true) => self.create,
            (true, true) => self.change,
            (true, false) => self.delete,
            (false, false) => false,
        }
    }
}

/// Modules, and their entity types, by name.
#[derive(Debug, Default)]
pub struct ModuleNames(HashMap<Arc<str>, Named>);

#[derive(Debug)]
struct Named {
    id: ModuleId,
    /// The indices of its entity types.
    entities: HashMap<Arc<str>, usize>,
}

impl ModuleNames {
    /// The names of these modules and entity types.
    #[must_use]
    pub fn of(modules: &[Module], entity_types: &[EntityType]) -> Self {
        let named = |(id, module): (ModuleId, &Module)| (module.name.clone(), Named { id, entities: HashMap::new() });
        let mut names: HashMap<Arc<str>, Named> = (0..).map(ModuleId).zip(modules).map(named).collect();
        for (at, entity) in entity_types.iter().enumerate() {
            if let Some(named) = names.get_mut(&modules[entity.module.index()].name) {
                named.entities.insert(entity.name.clone(), at);
            }
        }
        Self(names)
    }

    pub(super) fn module(&self, name: &str) -> Option<ModuleId> {
        self.0.get(name).map(|named| named.id)
    }

    pub(super) fn entity_type(&self, module: &str, name: &str) -> Option<usize> {
        self.0.get(module)?.entities.get(name).copied()
    }
}
