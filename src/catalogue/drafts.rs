//! The catalogue while it is being read: every module and event type is known, references between them are still nodes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::tree::Node;
use super::{EventType, Kind, Module, TypeName};
use crate::ids::{ModuleId, TypeId};

/// A module, and what is still to be read of it.
pub(super) struct ModuleDraft<'n> {
    pub(super) module: Module,
    /// Where its name stands.
    pub(super) at: &'n Range<usize>,
    pub(super) inbound: Option<&'n Node>,
    pub(super) state: Option<&'n Node>,
}

/// An event type, and what is still to be read of it.
pub(super) struct TypeDraft<'n> {
    pub(super) event_type: EventType,
    /// Where its name stands.
    pub(super) at: &'n Range<usize>,
    pub(super) aliases: Vec<(&'n str, &'n Node)>,
    pub(super) triggers: Option<&'n Node>,
    pub(super) may_emit: Option<&'n Node>,
}

/// Everything that can be referred to.
#[derive(Default)]
pub(super) struct Drafts<'n> {
    pub(super) modules: Vec<ModuleDraft<'n>>,
    pub(super) types: Vec<TypeDraft<'n>>,
    pub(super) names: HashMap<Arc<str>, TypeName>,
}

impl<'n> Drafts<'n> {
    /// The event type of an id.
    pub(super) fn event_type(&self, id: TypeId) -> &EventType {
        &self.types[id.index()].event_type
    }

    /// The name of the module of an id.
    pub(super) fn module_name(&self, id: ModuleId) -> &str {
        &self.modules[id.index()].module.name
    }

    /// The module of this name.
    pub(super) fn module(&self, name: &str) -> Option<ModuleId> {
        let position = self.modules.iter().position(|draft| &*draft.module.name == name)?;
        u32::try_from(position).ok().map(ModuleId)
    }

    /// Whether a module is declared.
    pub(super) fn has_module(&self, name: &str) -> bool {
        self.module(name).is_some()
    }

    /// The event types with their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TypeId, &TypeDraft<'n>)> {
        (0..).map(TypeId).zip(&self.types)
    }

    /// Every name of every fact.
    pub(super) fn fact_names(&self) -> impl Iterator<Item = &str> {
        self.names_where(|event_type| matches!(event_type.kind, Kind::Fact(_)))
    }

    /// Every name of every command.
    pub(super) fn command_names(&self) -> impl Iterator<Item = &str> {
        self.names_where(|event_type| matches!(event_type.kind, Kind::Command(_)))
    }

    fn names_where(&self, wanted: fn(&EventType) -> bool) -> impl Iterator<Item = &str> {
        let types = self.types.iter().filter(move |draft| wanted(&draft.event_type));
        types.flat_map(|draft| {
            std::iter::once(&*draft.event_type.name).chain(draft.aliases.iter().map(|(alias, _)| *alias))
        })
    }
}
