//! The catalogue: `topics.yaml`, compiled. What compiles, routes.
//!
//! [`compile`] takes the text of the file and gives the catalogue and *all* diagnostics. The catalogue is plain data
//! (`model/`), immutable, and shared by every worker; each other file here compiles one part of the text.

mod allow;
mod cases;
pub mod codes;
mod compile;
mod configs;
mod drafts;
mod editor;
mod events;
pub mod evolution;
mod expressions;
mod fields;
pub mod graph;
mod index;
mod model;
mod modules;
mod names;
mod passing;
mod payload;
mod report;
mod scalars;
pub mod schemas;
mod settings;
mod state;
mod subscriptions;
mod syntax;
#[cfg(test)]
mod tests;
mod topics;
mod tree;
mod triggers;
mod usage;
mod values;

pub use cases::{Before, Case, Expect, ExpectedDerived, ExpectedEvent, ExpectedLetter, Others, Subject, cases};
pub use compile::{compile, graph, sketch};
pub use editor::topics_schema;
pub use model::{
    AuditMode, AuditPayload, AuditRetention, AuditSettings, Catalogue, Changes, Command, ControlTopic, Emission,
    EntityType, EventType, Fact, Kind, Module, ModuleNames, Readers, RecordKey, Settings, StateMode, Subscription,
    Tenants, TopicSpec, TypeName,
};
pub use tree::MAX_FILE_BYTES;
