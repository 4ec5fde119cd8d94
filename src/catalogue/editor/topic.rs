//! The keys that `defaults` and every event type share.

use serde_json::{Map, Value, json};

use super::super::configs::CONFIGS;
use super::build::{Key, boolean, object, retention, whole, words};

pub(super) fn schema() -> Map<String, Value> {
    object(keys())
}

pub(super) fn keys() -> Vec<Key> {
    vec![
        ("partitions", "Partitions of the topic; 6 unless said otherwise.", whole(1, 10_000)),
        ("replication_factor", "Replicas of the topic; 1 unless said otherwise.", whole(1, 99)),
        ("min_insync_replicas", "Replicas that must have a record before it counts as written.", whole(1, 99)),
        (
            "retention",
            "How long records are kept: a duration of 1m or more, or `forever`; 7d unless said otherwise.",
            retention(),
        ),
        ("config", "Configuration that is passed to the topic as it is.", config()),
        ("encoding", "How values are written; `avro` does not work yet.", words(&["json", "avro"])),
        (
            "additional_fields",
            "Whether fields that the payload does not declare pass through or make the event invalid.",
            words(&["allow", "refuse"]),
        ),
        (
            "record_key",
            "Whether a record's own key must be that of its entity, or is only counted where it is not.",
            words(&["any", "required"]),
        ),
        ("cloudevents", "Whether what is written carries `ce_*` headers.", boolean()),
    ]
}

/// Kafka's names are offered; others are a warning of the compiler.
fn config() -> Value {
    let value = json!({ "type": ["string", "number", "boolean"] });
    let known: Map<String, Value> = CONFIGS.iter().map(|(name, _)| ((*name).to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": known, "additionalProperties": value })
}
