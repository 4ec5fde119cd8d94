//! The envelope as its documentation: the Standard Event Format, as JSON Schema (2020-12).
//!
//! These types describe what is accepted on the wire; the router reads envelopes with a parser of its own. The
//! schema accepts every envelope that the router accepts, but where the router does not look at what it describes:
//! `action`, `trigger`, `catalogue`, and `timeout_seconds` of a fact. It cannot say everything: that a length counts bytes,
//! which rules hold only for facts or for commands, and what an event type's payload must look like, which is in the
//! catalogue.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use super::MAX_CLAIMED_HOPS;
use crate::schema::datetime_pattern;

/// What a text without a NUL matches.
const NO_NUL: &str = r"^[^\u0000]*$";

/// One event between modules: a fact, a command or a reply.
///
/// Fields that are not listed are tolerated and not carried on. A field that is `null` is absent.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Integration event", extend("$id" = "urn:revbus:integration_event"))]
pub struct IntegrationEvent {
    /// Names this event, once and for all: the same id from the same tenant on the same topic is a duplicate. 1 to
    /// 128 bytes of UTF-8. Events that the bus makes have `evt_` and a UUID.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[^\u0000]+$"))]
    pub event_id: String,
    /// `module.name`, as the catalogue declares it; replies have a third part, `completed`, `failed`, `denied` or
    /// `timed_out`. It must be the type of the topic, or a deprecated alias of it.
    #[schemars(regex(pattern = r"^[^.\u0000]+\.[^.\u0000]+(\.[^.\u0000]+)?$"))]
    pub event_type: String,
    /// The module that publishes it: for a fact, the module that owns the event type.
    #[schemars(length(min = 1))]
    pub source_module: String,
    /// The module that is meant. Required on commands and requests, without effect on facts.
    #[schemars(regex(pattern = NO_NUL))]
    pub target_module: Option<String>,
    /// The tenant that it belongs to. Nothing crosses from one tenant to another.
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"))]
    pub tenant_id: String,
    /// The person behind it, where there is one.
    #[schemars(regex(pattern = NO_NUL))]
    pub user_id: Option<String>,
    /// When it happened: RFC 3339. Without a zone it is taken as UTC. It may lie ahead by `max_future` of the
    /// catalogue at most (24 hours unless it says otherwise).
    #[schemars(regex(pattern = datetime_pattern()))]
    pub timestamp: String,
    /// What it says.
    pub payload: Payload,
    /// Ties together all events of one business process. Where it is absent or empty, the id of the root event.
    #[schemars(regex(pattern = NO_NUL))]
    pub correlation_id: Option<String>,
    /// Whether the sender waits for a reply. Only on commands and requests: `true` on a fact is invalid.
    pub requires_response: Option<bool>,
    /// How long the sender waits, in seconds from `timestamp`: 1 to 86,400 on commands and requests, ignored on
    /// facts. Without it, what the catalogue declares (30 unless it says otherwise).
    pub timeout_seconds: Option<i64>,
}

/// The payload: nested where `data` is an object and nothing but `action` and `metadata` stands beside it, else flat.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Payload {
    /// As the bus writes it.
    Nested(NestedPayload),
    /// The declared fields directly in the payload: accepted, and normalised to the nested form.
    Flat(FlatPayload),
}

/// The payload as the bus writes it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NestedPayload {
    /// The name part of the event type, for people: what is written here on input is ignored.
    pub action: Option<String>,
    /// The fields that the catalogue declares for the event type, and others where it allows them.
    pub data: Map<String, Value>,
    /// Where the event comes from.
    pub metadata: Option<Metadata>,
}

/// The payload without a level of its own for the data: every key but `action` and `metadata` is data.
#[derive(Debug, JsonSchema)]
pub struct FlatPayload {
    /// As in the nested form.
    pub action: Option<String>,
    /// As in the nested form.
    pub metadata: Option<Metadata>,
    /// No declared field has this name, and what is not an object is invalid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Map<String, Value>")]
    pub data: Option<Map<String, Value>>,
}

/// Where an event comes from. Fields that are not listed are tolerated.
#[derive(Debug, JsonSchema)]
pub struct Metadata {
    /// The id of the event that this one answers or derives from.
    #[schemars(regex(pattern = NO_NUL))]
    pub causation_id: Option<String>,
    /// The id of the event that everything began with; an event without it is its own root.
    #[schemars(regex(pattern = NO_NUL))]
    pub root_id: Option<String>,
    /// How many events lie between the root and this one; absent means 0. Past the catalogue's `max_hops` (16 unless
    /// it says otherwise) nothing more is derived, and the event is dead-lettered.
    #[schemars(range(max = MAX_CLAIMED_HOPS))]
    pub hops: Option<u32>,
    /// The trigger that derived it: who acted. Written by the bus.
    pub trigger: Option<String>,
    /// The digest of the catalogue that decided. Written by the bus.
    pub catalogue: Option<String>,
}

/// The text of `schemas/integration_event_schema.json`.
#[must_use]
pub fn integration_event_schema() -> String {
    // A schema is made of strings and maps with string keys: it always prints.
    format!("{:#}\n", integration_event())
}

/// The schema itself.
#[must_use]
pub fn integration_event() -> Value {
    SchemaGenerator::default().into_root_schema_for::<IntegrationEvent>().to_value()
}

#[cfg(test)]
mod tests;
