//! Facts, commands and triggers.

use serde_json::{Map, Value, json};

use super::super::events::TIMEOUT_SECONDS;
use super::build::{Key, boolean, defined, expression, list, object, text, type_names, whole};
use super::topic;

pub(super) fn fact() -> Map<String, Value> {
    let own: Vec<Key> = vec![
        ("description", "What it means.", text()),
        ("key", "The field that names the entity: records of one entity keep their order.", text()),
        ("payload", "The fields of `payload.data`.", defined("payload")),
        ("triggers", "The commands that are derived from it.", list(&defined("trigger"))),
        ("aliases", "Deprecated names of it, which are still accepted.", type_names()),
        ("deprecated", "Whether it is going away.", boolean()),
        ("assumed", "Whether the source document never declared it.", boolean()),
    ];
    object(own.into_iter().chain(topic::keys()))
}

pub(super) fn command() -> Map<String, Value> {
    let timeout = whole(*TIMEOUT_SECONDS.start(), *TIMEOUT_SECONDS.end());
    let own: Vec<Key> = vec![
        ("description", "What it asks for.", text()),
        ("key", "The field that names the entity; without one, it is that of the fact that triggers it.", text()),
        ("payload", "The fields of `payload.data`.", defined("payload")),
        ("reply", "The fields of the reply, where it can be requested.", defined("payload")),
        ("timeout_seconds", "How long the sender waits; 30 unless said otherwise.", timeout),
        ("may_emit", "Facts that its handler may publish in answer, which may close a cycle.", type_names()),
        ("aliases", "Deprecated names of it.", type_names()),
    ];
    object(own.into_iter().chain(topic::keys()))
}

pub(super) fn trigger() -> Value {
    let map = json!({ "type": "object", "additionalProperties": expression() });
    let id = json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,200}$" });
    let mut long = object([
        ("emit", "The command.", text()),
        ("id", "Names the trigger where a fact has two for one command. Part of the ids of derived events.", id),
        ("when", "A condition in CEL over `data`, `event` and `metadata`.", expression()),
        ("map", "Fields of the command that are computed, in CEL: they add to or override what passes.", map),
        ("keep", "Fields of the fact that pass; without it, all.", list(&text())),
        ("enrich", "Fields from the state of modules. No effect yet.", json!({})),
    ]);
    long.insert("required".to_owned(), json!(["emit"]));
    json!({ "anyOf": [{ "type": "string", "description": "The command." }, long] })
}
