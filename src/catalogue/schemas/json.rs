//! The JSON Schema (2020-12) of one event type: the whole event, with nothing to look up elsewhere.
//!
//! It accepts what the router accepts of this type: the nested payload and the flat one, deprecated names of the type
//! and of its fields. What only a catalogue, a clock or a topic can tell (tenants, `max_future`, the record's key) is
//! not in it; what JSON Schema cannot say of data is listed in `schema/json_schema.rs`. Of a key it knows the characters
//! and not the bytes: one of 512 characters or fewer that has more bytes passes here, and is refused by the router.

use serde_json::{Map, Value, json};

use super::{Message, MessageKind};
use crate::catalogue::events::TIMEOUT_SECONDS;
use crate::envelope::schema::integration_event;
use crate::ids::MAX_ENTITY_BYTES;
use crate::schema::Field;

/// The `$id` of an event type's schema.
pub(super) fn id(name: &str) -> String {
    format!("urn:revbus:event:{name}")
}

/// The JSON Schema of an event type.
#[must_use]
pub fn json_schema(message: &Message<'_>) -> Value {
    let envelope = integration_event();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id(&message.name),
        "title": message.name,
    });
    if let Some(description) = &message.description {
        schema["description"] = json!(description);
    }
    if message.deprecated {
        schema["deprecated"] = Value::Bool(true);
    }
    schema["type"] = json!("object");
    schema["properties"] = envelope["properties"].clone();
    schema["required"] = envelope["required"].clone();
    restrict(&mut schema, message);
    schema["properties"]["payload"] = payload(message, &envelope);
    schema
}

/// What holds for this type beyond what holds for every event.
fn restrict(schema: &mut Value, message: &Message<'_>) {
    let properties = &mut schema["properties"];
    let names: Vec<&String> = std::iter::once(&message.name).chain(&message.aliases).collect();
    properties["event_type"] =
        json!({ "type": "string", "enum": names, "description": "The type; further names are deprecated." });
    match message.kind {
        MessageKind::Fact => {
            properties["source_module"]["const"] = json!(message.owner);
            properties["requires_response"] = json!({
                "enum": [false, null],
                "description": "Nobody answers to a fact.",
            });
        }
        MessageKind::Command => {
            properties["target_module"] = json!({
                "const": message.owner,
                "description": "The module that accepts the command.",
            });
            properties["timeout_seconds"]["minimum"] = json!(TIMEOUT_SECONDS.start());
            properties["timeout_seconds"]["maximum"] = json!(TIMEOUT_SECONDS.end());
            if let Some(required) = schema["required"].as_array_mut() {
                required.push(json!("target_module"));
            }
        }
        MessageKind::Reply => properties["source_module"]["const"] = json!(message.owner),
    }
}

/// The key of an event is the entity of its record (decision 45). Its bytes cannot be counted here: that many characters
/// are never fewer.
fn restrict_key(data: &mut Map<String, Value>, key: &Field) {
    for name in std::iter::once(&key.name).chain(&key.aliases) {
        let Some(schema) = data.get_mut("properties").and_then(|properties| properties.get_mut(&**name)) else {
            continue;
        };
        schema["minLength"] = json!(1);
        schema["maxLength"] = json!(MAX_ENTITY_BYTES);
        schema["pattern"] = json!("^[^\\x00]*$");
    }
}

/// Nested where `data` is an object and nothing but `action` and `metadata` stands beside it, else flat (decision 32).
fn payload(message: &Message<'_>, envelope: &Value) -> Value {
    let nested = &envelope["$defs"]["NestedPayload"]["properties"];
    let action = nested["action"].clone();
    let metadata = json!({
        "anyOf": [envelope["$defs"]["Metadata"], { "type": "null" }],
        "description": nested["metadata"]["description"],
    });
    let mut data = message.contract.json_schema();
    if let Some(key) = message.key {
        restrict_key(&mut data, key);
    }
    let mut flat: Map<String, Value> = data.clone();
    if let Some(properties) = flat.get_mut("properties") {
        // They keep their meaning beside the fields, also where nothing undeclared may stand there (decision 64).
        properties["action"] = Value::Bool(true);
        properties["metadata"] = Value::Bool(true);
    }
    json!({
        "type": "object",
        "description": envelope["$defs"]["Payload"]["description"],
        "properties": { "action": action, "data": { "type": "object" }, "metadata": metadata },
        "if": { "required": ["data"], "propertyNames": { "enum": ["action", "data", "metadata"] } },
        "then": { "properties": { "data": data } },
        "else": flat,
    })
}
