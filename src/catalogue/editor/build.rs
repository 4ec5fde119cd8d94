//! Small schemas that the parts of the file share.

use serde_json::{Map, Value, json};

/// A key, what it means, and what it holds.
pub(super) type Key = (&'static str, &'static str, Value);

/// `module.name`.
pub(super) const TYPE_NAME: &str = "^[a-z][a-z0-9_]{0,99}\\.[a-z][a-z0-9_]{0,99}$";
/// The name of a field.
pub(super) const FIELD_NAME: &str = "^[A-Za-z_][A-Za-z0-9_]{0,127}$";

/// The properties of a mapping with these keys.
pub(super) fn properties(keys: impl IntoIterator<Item = Key>) -> Map<String, Value> {
    let described = |(key, description, mut schema): Key| {
        schema["description"] = json!(description);
        (key.to_owned(), schema)
    };
    keys.into_iter().map(described).collect()
}

/// A mapping with these keys and no others.
pub(super) fn object(keys: impl IntoIterator<Item = Key>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("additionalProperties".to_owned(), json!(false));
    object.insert("properties".to_owned(), Value::Object(properties(keys)));
    object
}

/// A mapping whose keys are names of this form.
pub(super) fn named(pattern: &str, values: &Value) -> Value {
    json!({ "type": "object", "propertyNames": { "pattern": pattern }, "additionalProperties": values })
}

/// What stands under `definitions`. In draft 7 nothing may stand beside a `$ref`.
pub(super) fn defined(name: &str) -> Value {
    json!({ "allOf": [{ "$ref": format!("#/definitions/{name}") }] })
}

/// The same, or nothing: a name with no mapping behind it has all defaults.
pub(super) fn defined_or_nothing(name: &str) -> Value {
    json!({ "anyOf": [{ "$ref": format!("#/definitions/{name}") }, { "type": "null" }] })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}

pub(super) fn whole(least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

pub(super) fn duration() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" })
}

/// How long records are kept.
pub(super) fn retention() -> Value {
    json!({ "type": "string", "pattern": "^(forever|[0-9]+(ms|s|m|h|d))$" })
}

pub(super) fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub(super) fn type_names() -> Value {
    list(&json!({ "type": "string", "pattern": TYPE_NAME }))
}

/// An expression; YAML reads `true` and `0.1` as other things than text.
pub(super) fn expression() -> Value {
    json!({ "type": ["string", "boolean", "number"] })
}
