//! Modules, what they listen to, and their state.

use serde_json::{Map, Value, json};

use super::build::{
    FIELD_NAME, Key, TYPE_NAME, boolean, defined, defined_or_nothing, expression, list, named, object, text, words,
};

const PATTERN: &str = "^(\\*|[a-z][a-z0-9_]{0,99})\\.(\\*|[a-z][a-z0-9_]{0,99})$";
const ENTITY: &str = "^[a-z][a-z0-9_]{0,99}$";

pub(super) fn schema() -> Map<String, Value> {
    let keys: [Key; 6] = [
        ("name", "The name for people.", text()),
        ("description", "What it does.", text()),
        ("outbound", "The facts that it emits, by type.", named(TYPE_NAME, &defined_or_nothing("fact"))),
        (
            "inbound",
            "The facts of others that it reads itself: by type, or `\"*.*\"`, `module.*`, `\"*.name\"`.",
            named(PATTERN, &defined_or_nothing("subscription")),
        ),
        (
            "actions",
            "The commands that it accepts, by type: targets of triggers, and requests.",
            named(TYPE_NAME, &defined_or_nothing("command")),
        ),
        ("state", "The types of entity whose state it keeps, by name.", named(ENTITY, &defined_or_nothing("entity"))),
    ];
    object(keys)
}

pub(super) fn subscription() -> Map<String, Value> {
    object([
        ("action", "What it does with them.", text()),
        ("include_commands", "Whether the pattern also covers commands.", boolean()),
        ("include_own", "Whether the pattern also covers the module's own.", boolean()),
    ])
}

pub(super) fn entity() -> Map<String, Value> {
    let mut map = named(FIELD_NAME, &expression());
    map["description"] = json!("Fields of the fact, in CEL.");
    let kind = words(&["create", "change", "delete"]);
    let kinds = json!({ "type": "array", "items": kind, "minItems": 1 });
    let mut emission = object([
        (
            "on",
            "Which changes emit it: one kind, or a list; `change` unless said otherwise.",
            json!({ "anyOf": [kind, kinds] }),
        ),
        ("when", "A condition in CEL, over `old`, `new`, `entity`, `event` and `metadata`.", expression()),
        ("map", "All fields of the fact, in CEL.", map),
    ]);
    // A fact that requires no field needs nothing behind its name.
    emission.insert("type".to_owned(), json!(["object", "null"]));
    object([
        ("fields", "The fields of its state; without them it may be any object.", defined("fields")),
        (
            "additional_fields",
            "Whether fields that are not declared are kept or make an update invalid.",
            words(&["allow", "refuse"]),
        ),
        ("emits", "The facts that a change of it emits, by type.", named(TYPE_NAME, &Value::Object(emission))),
        ("readers", "The modules that may read it beside its owner; every one unless said otherwise.", list(&text())),
    ])
}
