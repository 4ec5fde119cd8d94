//! The compiled catalogue, as plain data.

mod event_type;
mod module;
mod settings;
mod state;
mod topic;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

pub use event_type::{Command, EventType, Fact, Kind, RecordKey};
pub use module::{Module, Subscription};
pub use settings::{AuditMode, AuditPayload, AuditRetention, AuditSettings, Settings, Tenants};
pub use state::{Changes, Emission, EntityType, ModuleNames, Readers, StateMode};
pub use topic::{ControlTopic, TopicSpec};

use super::Case;
use crate::ids::{CatalogueDigest, ModuleId, TypeId};

/// The compiled contract between all modules.
#[derive(Debug)]
pub struct Catalogue {
    /// Which text it was compiled from.
    pub digest: CatalogueDigest,
    /// The keys at the top of the file.
    pub settings: Settings,
    /// How a topic is made where nothing else is said: `defaults`. It has no name.
    pub defaults: TopicSpec,
    /// The modules, in the order of the file.
    pub modules: Vec<Module>,
    /// All event types, facts and commands, indexed by [`TypeId`].
    pub types: Vec<EventType>,
    /// Every name of every event type, aliases too.
    pub names: HashMap<Arc<str>, TypeName>,
    /// The entity types of all modules, in the order of the file.
    pub entity_types: Vec<EntityType>,
    /// Modules and entity types by name.
    pub module_names: ModuleNames,
    /// The cases that stand in the file: `revbus test` runs them.
    pub tests: Vec<Case>,
}

/// What a name of an event type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName {
    /// The canonical name.
    Canonical(TypeId),
    /// A deprecated one (decision 35).
    Alias(TypeId),
}

impl TypeName {
    /// The event type that is meant.
    #[must_use]
    pub const fn id(self) -> TypeId {
        match self {
            Self::Canonical(id) | Self::Alias(id) => id,
        }
    }
}

impl Catalogue {
    /// The event type of an id.
    #[must_use]
    pub fn event_type(&self, id: TypeId) -> &EventType {
        &self.types[id.index()]
    }

    /// The module of an id.
    #[must_use]
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// The module of this name.
    #[must_use]
    pub fn module_named(&self, name: &str) -> Option<ModuleId> {
        self.module_names.module(name)
    }

    /// An entity type by its module's name and its own.
    #[must_use]
    pub fn entity_type(&self, module: &str, name: &str) -> Option<&EntityType> {
        self.module_names.entity_type(module, name).map(|at| &self.entity_types[at])
    }

    /// Whether modules keep state by this catalogue, so that the topics of state are read and written.
    #[must_use]
    pub fn keeps_state(&self) -> bool {
        !self.entity_types.is_empty() || self.settings.state_mode == StateMode::Open
    }

    /// What stands in for the topics of facts where there are none, and only state is kept.
    #[must_use]
    pub fn stand_in(&self) -> Option<&TopicSpec> {
        (self.facts().next().is_none() && self.keeps_state()).then_some(&self.defaults)
    }

    /// How long the event type keeps its records that keeps them longest, or what stands in for it; `None` is for ever.
    #[must_use]
    pub fn longest_retention(&self) -> Option<Duration> {
        let topics = self.types.iter().map(|event_type| &event_type.topic).chain(self.stand_in());
        topics.map(|topic| topic.retention.unwrap_or(Duration::MAX)).max().filter(|keep| *keep < Duration::MAX)
    }

    /// How long audit records are kept; `None` is for ever.
    #[must_use]
    pub fn audit_retention(&self) -> Option<Duration> {
        match self.settings.audit.retention {
            AuditRetention::For(keep) => keep,
            // The ledger against duplicates is read from it.
            AuditRetention::AsEvents => self.longest_retention().map(|keep| keep.max(self.settings.duplicate_window)),
        }
    }

    /// What a name stands for, canonical or alias.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<TypeName> {
        self.names.get(name).copied()
    }

    /// The event types that are facts, in the order of the file: what the router consumes.
    pub fn facts(&self) -> impl Iterator<Item = (TypeId, &EventType, &Fact)> {
        self.iter().filter_map(|(id, event_type)| match &event_type.kind {
            Kind::Fact(fact) => Some((id, event_type, fact)),
            Kind::Command(_) => None,
        })
    }

    /// The event types that are commands, in the order of the file.
    pub fn commands(&self) -> impl Iterator<Item = (TypeId, &EventType, &Command)> {
        self.iter().filter_map(|(id, event_type)| match &event_type.kind {
            Kind::Command(command) => Some((id, event_type, command)),
            Kind::Fact(_) => None,
        })
    }

    /// All event types with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &EventType)> {
        (0..).map(TypeId).zip(&self.types)
    }

    /// The name of a topic behind the catalogue's prefix (decision 74).
    #[must_use]
    pub fn prefixed(&self, name: &str) -> String {
        format!("{}{name}", self.settings.topic_prefix)
    }
}
