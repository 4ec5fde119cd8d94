//! Payloads, their fields, and types.

use serde_json::{Value, json};

use super::build::{FIELD_NAME, boolean, defined, list, object, text};

/// The types that stand for themselves: what an editor offers.
const PLAIN: [&str; 10] =
    ["string", "number", "float", "integer", "boolean", "datetime", "date", "period", "array", "object"];

/// A type with its arguments, and `?` behind what may be absent.
const EXPRESSION: &str = "^\\s*(string|boolean|datetime|date|period|array|object|(number|float|integer)\\s*(\\([^()]*\\.\\.[^()]*\\))?\
    |decimal\\s*\\(\\s*[0-9]+\\s*,\\s*[0-9]+\\s*\\)|enum\\s*\\([^(),]+\\)|array\\s*<.+>)\\s*\\??\\s*$";

pub(super) fn payload() -> Value {
    let mut payload = fields();
    payload["propertyNames"]["not"] = json!({ "enum": ["action", "data", "metadata"] });
    payload
}

pub(super) fn fields() -> Value {
    json!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": FIELD_NAME },
        "additionalProperties": defined("field"),
        "maxProperties": 512,
    })
}

/// A type; or the long form, which has a `type` that is no mapping; or an object with fields of its own.
pub(super) fn field() -> Value {
    let long = object([
        ("type", "What its value must be; a `?` behind it makes the field optional.", ty()),
        (
            "aliases",
            "Other names under which producers may send it.",
            list(&json!({ "type": "string", "pattern": FIELD_NAME })),
        ),
        ("description", "What it means.", text()),
        ("redact", "Whether audit records with a full payload hide it.", boolean()),
    ]);
    json!({
        "if": { "type": "string" },
        "then": ty(),
        "else": {
            "if": { "type": "object", "required": ["type"], "properties": { "type": { "type": "string" } } },
            "then": long,
            "else": { "type": "object", "allOf": [{ "$ref": "#/definitions/fields" }] },
        },
    })
}

fn ty() -> Value {
    json!({ "type": "string", "anyOf": [{ "enum": PLAIN }, { "pattern": EXPRESSION }] })
}
