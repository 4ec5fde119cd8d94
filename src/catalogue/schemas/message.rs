//! What has a schema of its own: facts, commands, and the replies to commands.

use crate::catalogue::{Catalogue, EventType, Kind};
use crate::schema::{Contract, Field};

/// One kind of event on the wire.
#[derive(Debug, Clone)]
pub struct Message<'c> {
    /// Its type: `module.name`, of a reply `module.name.completed`.
    pub name: String,
    /// Deprecated names of the type.
    pub aliases: Vec<String>,
    /// The module that owns it.
    pub owner: &'c str,
    /// What it means.
    pub description: Option<String>,
    /// Whether it is going away.
    pub deprecated: bool,
    /// What its data must look like.
    pub contract: &'c Contract,
    /// The field that is the entity of its records.
    pub key: Option<&'c Field>,
    /// Which rules of the envelope hold for it.
    pub kind: MessageKind,
}

/// Which rules of the envelope hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Emitted by its owner.
    Fact,
    /// Accepted by its owner.
    Command,
    /// What its owner answers to a command.
    Reply,
}

/// Everything that has a schema, in the order of the file.
#[must_use]
pub fn messages(catalogue: &Catalogue) -> Vec<Message<'_>> {
    catalogue.types.iter().flat_map(|event_type| of(catalogue, event_type)).collect()
}

fn of<'c>(catalogue: &'c Catalogue, event_type: &'c EventType) -> Vec<Message<'c>> {
    let (kind, reply) = match &event_type.kind {
        Kind::Fact(_) => (MessageKind::Fact, None),
        Kind::Command(command) => (MessageKind::Command, command.reply.as_ref()),
    };
    let message = Message {
        name: event_type.name.to_string(),
        aliases: event_type.aliases.iter().map(ToString::to_string).collect(),
        owner: &catalogue.module(event_type.module).name,
        description: event_type.description.clone(),
        deprecated: event_type.deprecated,
        contract: &event_type.contract,
        key: event_type.key.map(|index| &event_type.contract.fields[index]),
        kind,
    };
    let completed = |name: &String| format!("{name}.completed");
    let reply = reply.map(|contract| Message {
        name: completed(&message.name),
        aliases: message.aliases.iter().map(completed).collect(),
        description: Some(format!("The reply to {}", message.name)),
        contract,
        key: None,
        kind: MessageKind::Reply,
        ..message.clone()
    });
    std::iter::once(message).chain(reply).collect()
}
