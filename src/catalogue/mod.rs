//! The catalogue: `topics.yaml`, compiled. What compiles, routes.
//!
//! [`compile`] takes the text of the file and gives the catalogue and *all* diagnostics. The catalogue is plain data,
//! immutable, and shared by every worker.

pub mod codes;
mod compile;
mod drafts;
mod events;
mod expressions;
mod fields;
mod index;
mod modules;
mod names;
mod payload;
mod report;
mod settings;
mod state;
mod subscriptions;
#[cfg(test)]
mod tests;
mod topics;
mod tree;
mod triggers;
mod usage;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use compile::compile;
pub use tree::MAX_FILE_BYTES;

use crate::ids::{CatalogueDigest, ModuleId, TypeId};
use crate::schema::Contract;
use crate::trigger::Trigger;

/// The compiled contract between all modules.
#[derive(Debug)]
pub struct Catalogue {
    /// Which text it was compiled from.
    pub digest: CatalogueDigest,
    /// The keys at the top of the file.
    pub settings: Settings,
    /// The modules, in the order of the file.
    pub modules: Vec<Module>,
    /// All event types, facts and commands, indexed by [`TypeId`].
    pub types: Vec<EventType>,
    /// Every name of every event type, aliases too.
    pub names: HashMap<Arc<str>, TypeName>,
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

/// The keys at the top of the file, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whose events are accepted (decision 54).
    pub tenants: Tenants,
    /// Put in front of every topic, group and transactional id (decision 74). Default empty.
    pub topic_prefix: String,
    /// How long an event id is remembered (decision 39). Default 10 minutes.
    pub duplicate_window: std::time::Duration,
    /// How many event ids a process remembers at most (decision 39). Default 500,000.
    pub duplicate_ids: u32,
    /// How far ahead an envelope's timestamp may lie (decision 52). Default 24 hours.
    pub max_future: std::time::Duration,
    /// How many hops an event may have behind it (decision 28). Default 16.
    pub max_hops: u32,
    /// The largest value of a record that is routed, in bytes. Default 1,000,000; it also sizes fact topics.
    pub max_event_bytes: u32,
    /// What is audited.
    pub audit: AuditSettings,
}

/// Whose events are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenants {
    /// Every tenant whose id is well formed.
    Open,
    /// These, sorted.
    Listed(Vec<Arc<str>>),
}

/// What is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSettings {
    /// Whether decisions are audited at all.
    pub mode: AuditMode,
    /// What of the payload an audit record carries.
    pub payload: AuditPayload,
    /// Names of payload fields that a full payload hides, whatever their event type.
    pub redact: Vec<Arc<str>>,
}

/// Whether decisions are audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditMode {
    /// One record for each decision.
    On,
    /// None: no trail, and no ledger against duplicates.
    Off,
}

/// What of the payload an audit record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditPayload {
    /// Nothing.
    None,
    /// The SHA-256 of the record's value.
    Digest,
    /// Digest and payload, declared fields redacted.
    Full,
}

/// A module of the platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// The name in event types, such as `customer_success`.
    pub name: Arc<str>,
    /// The name for people, such as `Customer Success`.
    pub display_name: Arc<str>,
    /// What it does.
    pub description: Option<String>,
    /// The facts of others that it reads itself.
    pub inbound: Vec<Subscription>,
}

/// A subscription of a module to facts. It moves no record (decision 10): the subscriber reads the topics itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// As written: a name, `module.*`, `*.name` or `*.*`.
    pub pattern: String,
    /// What the module does with them.
    pub action: Option<String>,
    /// The event types that it covers, aliases resolved.
    pub types: Vec<TypeId>,
}

/// A fact or a command.
#[derive(Debug)]
pub struct EventType {
    /// `module.name`.
    pub name: Arc<str>,
    /// The part behind the point: `payload.action` of what we write.
    pub action: Arc<str>,
    /// The module that owns it: emits the fact, or receives the command.
    pub module: ModuleId,
    /// What it means.
    pub description: Option<String>,
    /// What `payload.data` must look like.
    pub contract: Contract,
    /// The index in `contract.fields` of the declared `key:`, or of what decision 80 puts in its place.
    pub key: Option<usize>,
    /// Deprecated names.
    pub aliases: Vec<Arc<str>>,
    /// Whether it is going away.
    pub deprecated: bool,
    /// Its topic.
    pub topic: TopicSpec,
    /// Whether the record's own key matters (decision 44).
    pub record_key: RecordKey,
    /// Whether what we write of this type carries `ce_*` headers.
    pub cloudevents: bool,
    /// What is particular to facts and to commands.
    pub kind: Kind,
}

/// What is particular to facts and to commands.
#[derive(Debug)]
pub enum Kind {
    /// Past tense, owned by the module that emits it.
    Fact(Fact),
    /// Imperative, owned by the module that receives it.
    Command(Command),
}

/// What is particular to a fact.
#[derive(Debug)]
pub struct Fact {
    /// What is derived from it, in the order of the file.
    pub triggers: Vec<Trigger>,
    /// Whether the source document never declared it (decision 5).
    pub assumed: bool,
}

/// What is particular to a command.
#[derive(Debug)]
pub struct Command {
    /// The contract of the reply, where it can be requested.
    pub reply: Option<Contract>,
    /// How long the sender waits, counted from `timestamp` (decision 18). Default 30.
    pub timeout_seconds: u32,
    /// The facts that its handler may publish in answer, which closes loops (decision 28).
    pub may_emit: Vec<TypeId>,
}

/// Whether a record's own key matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKey {
    /// The body decides; a missing or different key is counted.
    Any,
    /// A missing or different key makes the event invalid.
    Required,
}

/// How the topic of an event type is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its full name: the event type behind the prefix.
    pub name: Arc<str>,
    /// Default 6.
    pub partitions: u32,
    /// Default 1.
    pub replication_factor: u16,
    /// Left to the broker where absent.
    pub min_insync_replicas: Option<u16>,
    /// `None` keeps records for ever. Default 7 days.
    pub retention: Option<std::time::Duration>,
    /// Passed to the topic as it is; wins over what we would set.
    pub config: BTreeMap<String, String>,
}

/// The control topics: all behind the prefix and `revbus.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ControlTopic {
    /// Records that could not be routed, as they were.
    DeadLetters,
    /// One record for each decision.
    Audit,
    /// The state of every entity; compacted.
    State,
    /// Requests to change state.
    StateUpdates,
    /// Requests from modules to modules.
    Requests,
    /// Their replies.
    Replies,
    /// Requests to run workflows.
    Workflows,
    /// The state of every workflow instance; compacted.
    WorkflowState,
}

impl ControlTopic {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::DeadLetters,
        Self::Audit,
        Self::State,
        Self::StateUpdates,
        Self::Requests,
        Self::Replies,
        Self::Workflows,
        Self::WorkflowState,
    ];

    /// The name, without the catalogue's prefix.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeadLetters => "revbus.dead_letters",
            Self::Audit => "revbus.audit",
            Self::State => "revbus.state",
            Self::StateUpdates => "revbus.state_updates",
            Self::Requests => "revbus.requests",
            Self::Replies => "revbus.replies",
            Self::Workflows => "revbus.workflows",
            Self::WorkflowState => "revbus.workflow_state",
        }
    }

    /// Whether only the newest record of each key is kept.
    #[must_use]
    pub const fn compacted(self) -> bool {
        matches!(self, Self::State | Self::WorkflowState)
    }
}
