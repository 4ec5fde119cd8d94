//! The JSON Schema (2020-12) of the state of one entity type: of what an update puts, and of what readers get.

use serde_json::{Value, json};

use crate::catalogue::{Catalogue, EntityType};

/// The `$id` of an entity type's schema.
pub(super) fn id(name: &str) -> String {
    format!("urn:revbus:state:{name}")
}

/// The name of an entity type beyond its module: `customer_success.account`.
#[must_use]
pub fn entity_name(catalogue: &Catalogue, entity: &EntityType) -> String {
    format!("{}.{}", catalogue.module(entity.module).name, entity.name)
}

/// The JSON Schema of the state of an entity type, which is called by its name beyond its module.
#[must_use]
pub fn state_schema(name: &str, entity: &EntityType) -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id(name),
        "title": name,
        "type": "object",
    });
    for (key, value) in entity.contract.json_schema() {
        schema[key] = value;
    }
    schema
}
