//! The JSON Schema of `topics.yaml`, for the completion and hints of editors. In the words of draft 7, which all of them
//! read.
//!
//! It knows the keys that the compiler knows, and what each may hold as far as one value tells; a test holds the two
//! together. What refers to other parts of the file is for the compiler to say.

mod build;
mod event;
mod module;
#[cfg(test)]
mod tests;
mod top;
mod topic;
mod types;

use serde_json::{Value, json};

/// The schema of `topics.yaml`.
#[must_use]
pub fn topics_schema() -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:revbus:topics",
        "title": "topics.yaml",
        "description": "The contract between all modules: who emits which facts, who accepts which commands, and which \
            fact triggers which command.",
    });
    for (key, value) in top::schema() {
        schema[key] = value;
    }
    schema["definitions"] = json!({
        "topic": topic::schema(),
        "module": module::schema(),
        "subscription": module::subscription(),
        "entity": module::entity(),
        "fact": event::fact(),
        "command": event::command(),
        "trigger": event::trigger(),
        "payload": types::payload(),
        "fields": types::fields(),
        "field": types::field(),
    });
    schema
}
