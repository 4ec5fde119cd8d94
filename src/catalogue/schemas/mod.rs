//! What `revbus schema generate` writes: for each event type an Avro schema and a JSON Schema of the whole event, for
//! each entity type a JSON Schema of its state, the schema of any event, and the schema of `topics.yaml`. The same catalogue gives the same bytes.

mod avro;
mod json;
mod message;
mod state;
#[cfg(test)]
mod tests;

pub use avro::avro_schema;
pub use json::json_schema;
pub use message::{Message, MessageKind, messages};
pub use state::{entity_name, state_schema};

use super::Catalogue;
use super::editor::topics_schema;
use crate::envelope::schema::integration_event_schema;

/// The folder of the Avro schemas, and how their files end.
pub const AVRO: (&str, &str) = ("avro", ".avsc");
/// The folder of the JSON Schemas, and how their files end.
pub const JSON: (&str, &str) = ("json", ".json");
/// The folder of the JSON Schemas of states, and how their files end.
pub const STATE: (&str, &str) = ("json/state", ".json");
/// All folders of schemas that have a name.
pub const FOLDERS: [(&str, &str); 3] = [AVRO, JSON, STATE];

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// Its path in the folder of the schemas, with `/` between.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All generated files of a catalogue, by path.
#[must_use]
pub fn files(catalogue: &Catalogue) -> Vec<SchemaFile> {
    let mut files = vec![
        SchemaFile { path: "integration_event_schema.json".to_owned(), text: integration_event_schema() },
        SchemaFile { path: "topics.schema.json".to_owned(), text: format!("{:#}\n", topics_schema()) },
    ];
    for message in messages(catalogue) {
        for ((folder, end), schema) in [(AVRO, avro_schema(&message)), (JSON, json_schema(&message))] {
            let path = format!("{folder}/{}{end}", message.name);
            files.push(SchemaFile { path, text: format!("{schema:#}\n") });
        }
    }
    for entity in &catalogue.entity_types {
        let name = entity_name(catalogue, entity);
        let ((folder, end), schema) = (STATE, state_schema(&name, entity));
        files.push(SchemaFile { path: format!("{folder}/{name}{end}"), text: format!("{schema:#}\n") });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Whether a file of these folders was generated, by what it says of itself: the name in it is that of the file. Such a
/// file is stale where [`files`] does not have it.
#[must_use]
pub fn is_generated(path: &str, text: &str) -> bool {
    let Ok(schema) = serde_json::from_str::<serde_json::Value>(text) else { return false };
    let named = |(folder, end): (&str, &str)| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(end);
    match (named(AVRO), named(STATE), named(JSON)) {
        (Some(name), _, _) => schema["namespace"] == *name && schema["name"] == avro::EVENT,
        (None, Some(name), _) => schema["$id"] == *state::id(name),
        (None, None, Some(name)) => schema["$id"] == *json::id(name),
        (None, None, None) => false,
    }
}
