//! Facts and commands.

use std::sync::Arc;

use super::TopicSpec;
use crate::ids::{ModuleId, TypeId};
use crate::schema::Contract;
use crate::trigger::Trigger;

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
