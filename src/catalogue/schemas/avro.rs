//! The Avro schema of one event type: the Standard Event Format, with the data as a record.
//!
//! The name space is the event type, so `pipeline.deal_won.Event` has a `pipeline.deal_won.Payload`, which has a
//! `pipeline.deal_won.Data`; no class is called as a package is. `revbus.Metadata` is the same in all types. Deprecated
//! names of the type are aliases. How data is typed: [`Contract::avro_record`](crate::schema::Contract::avro_record).

use serde_json::{Map, Value, json};

use super::Message;
use crate::envelope::schema::integration_event;
use crate::schema::{AvroNames, avro_optional, avro_time};

/// The name of the outermost record.
pub(super) const EVENT: &str = "Event";

/// What is said of the data: unlike JSON, Avro has no place for fields that nobody declared.
const DATA: &str = "The fields that the catalogue declares for the event type.";

/// The Avro schema of an event type.
#[must_use]
pub fn avro_schema(message: &Message<'_>) -> Value {
    let envelope = integration_event();
    let mut names = AvroNames::new(message.aliases.clone());
    let mut event = names.open("record", EVENT);
    event.insert("namespace".to_owned(), json!(message.name));
    if let Some(description) = &message.description {
        event.insert("doc".to_owned(), json!(description));
    }
    let fields = members(&envelope["properties"]).map(|(name, schema)| match name.as_str() {
        "payload" => described(name, payload(&mut names, message, &envelope), schema),
        "timestamp" => described(name, avro_time(), schema),
        _ => scalar(name, schema),
    });
    let fields: Vec<Value> = fields.collect();
    event.insert("fields".to_owned(), Value::Array(fields));
    Value::Object(event)
}

fn payload(names: &mut AvroNames, message: &Message<'_>, envelope: &Value) -> Value {
    let mut payload = names.open("record", "Payload");
    let nested = &envelope["$defs"]["NestedPayload"]["properties"];
    let fields = members(nested).map(|(name, schema)| match name.as_str() {
        "data" => {
            json!({ "name": name, "type": message.contract.avro_record(names, "Data"), "doc": DATA })
        }
        "metadata" => optional(name, metadata(&envelope["$defs"]["Metadata"]), schema),
        _ => scalar(name, schema),
    });
    let fields: Vec<Value> = fields.collect();
    payload.insert("fields".to_owned(), Value::Array(fields));
    Value::Object(payload)
}

fn metadata(schema: &Value) -> Value {
    let fields: Vec<Value> = members(&schema["properties"]).map(|(name, schema)| scalar(name, schema)).collect();
    json!({ "type": "record", "name": "Metadata", "namespace": "revbus", "fields": fields })
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flat_map(Map::iter)
}

/// A field of the envelope that is a text, a number or a boolean, and optional where it may be null.
fn scalar(name: &str, schema: &Value) -> Value {
    let types = schema["type"].as_array().map_or_else(|| std::slice::from_ref(&schema["type"]), Vec::as_slice);
    let is = |wanted: &str| types.iter().any(|ty| ty == wanted);
    let ty = if is("integer") {
        json!("long")
    } else if is("boolean") {
        json!("boolean")
    } else {
        json!("string")
    };
    if is("null") { optional(name, ty, schema) } else { described(name, ty, schema) }
}

fn optional(name: &str, ty: Value, schema: &Value) -> Value {
    let mut field = described(name, avro_optional(ty), schema);
    field["default"] = Value::Null;
    field
}

fn described(name: &str, ty: Value, schema: &Value) -> Value {
    let mut field = json!({ "name": name, "type": ty });
    if let Some(text) = schema["description"].as_str() {
        field["doc"] = json!(text.replace('\n', " "));
    }
    field
}
