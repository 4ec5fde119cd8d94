//! The keys at the top of the file.

use serde_json::{Map, Value, json};

use super::super::codes;
use super::build::{Key, defined, defined_or_nothing, duration, list, object, retention, text, whole, words};
use crate::ids::MAX_TENANT_BYTES;

pub(super) fn schema() -> Map<String, Value> {
    let mut top = object(keys());
    top.insert("required".to_owned(), json!(["version", "modules"]));
    top
}

fn keys() -> Vec<Key> {
    let tenant = format!("^[A-Za-z0-9][A-Za-z0-9._-]{{0,{}}}$", MAX_TENANT_BYTES - 1);
    let tenants = list(&json!({ "type": "string", "pattern": tenant }));
    let module = json!({
        "type": "object",
        "propertyNames": { "pattern": "^[a-z][a-z0-9_]{0,99}$", "not": { "enum": ["state", "revbus"] } },
        "additionalProperties": defined_or_nothing("module"),
        "minProperties": 1,
    });
    vec![
        ("version", "The version of the file's format.", json!({ "const": 1 })),
        (
            "tenants",
            "Whose events are accepted: of every tenant, or of those listed.",
            json!({ "anyOf": [{ "const": "open" }, tenants], "default": "open" }),
        ),
        (
            "topic_prefix",
            "Stands in front of every topic, group and transactional id, so that two environments can share a cluster.",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{0,48}$" }),
        ),
        (
            "duplicate_window",
            "How long an event id is remembered, 7d at most: a second event with it is not routed.",
            defaults(duration(), json!("10m")),
        ),
        (
            "duplicate_ids",
            "How many event ids a process remembers at most.",
            defaults(whole(0, 50_000_000), json!(500_000)),
        ),
        (
            "max_future",
            "How far ahead an event's timestamp may lie, 3650d at most.",
            defaults(duration(), json!("24h")),
        ),
        (
            "max_hops",
            "How many hops an event may have behind it; past it, it is a dead letter.",
            defaults(whole(1, 1000), json!(16)),
        ),
        (
            "max_event_bytes",
            "The largest value of a record that is routed.",
            defaults(whole(1024, 64 * 1024 * 1024), json!(1_000_000)),
        ),
        (
            "state_mode",
            "Whether modules keep only the state that they declare, or any.",
            defaults(words(&["declared", "open"]), json!("declared")),
        ),
        ("tests", "Cases of the trigger table, and of updates of entities.", json!({ "type": "array" })),
        ("audit", "What of each decision is kept.", Value::Object(object(audit()))),
        ("allow", "Codes of warnings and notes that are meant, and not shown.", list(&code())),
        ("defaults", "What holds for every event type that says nothing else.", defined("topic")),
        ("modules", "The modules, by name.", module),
    ]
}

fn audit() -> [Key; 4] {
    [
        (
            "mode",
            "`off` writes no audit records, and so recognises no duplicates.",
            defaults(words(&["on", "off"]), json!("on")),
        ),
        (
            "payload",
            "What of the payload an audit record carries.",
            defaults(words(&["none", "digest", "full"]), json!("digest")),
        ),
        ("redact", "Fields that a full payload hides, whatever their event type.", list(&text())),
        (
            "retention",
            "How long audit records are kept: a duration of 7d or more, or `forever`; no shorter than the event type that \
             keeps its records longest, and as long as that unless said otherwise.",
            retention(),
        ),
    ]
}

fn code() -> Value {
    let known = codes::ALL.iter().map(|code| json!({ "const": code.id, "description": code.means }));
    json!({ "anyOf": known.collect::<Vec<_>>() })
}

fn defaults(mut schema: Value, default: Value) -> Value {
    schema["default"] = default;
    schema
}
