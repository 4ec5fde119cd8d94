//! What Avro's rules of resolution say of a change: the library's verdict.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::error::CompatibilityError;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
use serde_json::Value;

use super::change::{Change, Party};
use crate::catalogue::Catalogue;
use crate::catalogue::schemas::{avro_schema, messages};
use crate::schema::{AvroNames, Contract, Field, Type};

/// Compares former Avro schemas, by event type, with those of the present catalogue. Of triggers and subscribers they
/// know nothing.
#[must_use]
pub fn compare_schemas(former: &BTreeMap<String, Value>, new: &Catalogue) -> Vec<Change> {
    let mut changes = Vec::new();
    let messages = messages(new);
    for (name, old) in former {
        let present = messages.iter().find(|message| message.name == *name || message.aliases.contains(name));
        let Some(present) = present else {
            let change = Change::of(name, format!("the schema of `{name}` removed"));
            changes.push(change.breaking([Party::AvroWriters, Party::AvroReaders]));
            continue;
        };
        let present = avro_schema(present);
        if let Err(why) = read_verdict(old, &present) {
            let what = format!("what was written as `{name}` before cannot be read by the present schema ({why})");
            changes.push(Change::of(name, what).breaking([Party::AvroWriters]));
        }
        if let Err(why) = read_verdict(&present, old) {
            let what = format!("what is written as `{name}` now cannot be read by the former schema ({why})");
            changes.push(Change::of(name, what).breaking([Party::AvroReaders]));
        }
    }
    for message in messages {
        if !former.contains_key(&message.name) && !message.aliases.iter().any(|alias| former.contains_key(alias)) {
            changes.push(Change::of(&message.name, format!("the schema of `{}` added", message.name)));
        }
    }
    changes
}

/// The library's verdict on two schemas. That only some of what is written can be read is not enough.
///
/// # Errors
/// Why not, in a few words.
fn read_verdict(writer: &Value, reader: &Value) -> Result<(), String> {
    let parse = |schema: &Value| Schema::parse(schema).map_err(|error| format!("it is no Avro schema: {error}"));
    match SchemaCompatibility::can_read(&parse(writer)?, &parse(reader)?) {
        Ok(Compatibility::Full) => Ok(()),
        Ok(Compatibility::Partial) => Err("not every value of it".to_owned()),
        Err(error) => Err(why(&error)),
    }
}

/// The library's error, with the path to its field instead of the schemas around it.
fn why(error: &CompatibilityError) -> String {
    let mut path = Vec::new();
    let mut innermost = error;
    while let CompatibilityError::FieldTypeMismatch(field, inner) = innermost {
        path.push(field.as_str());
        innermost = inner;
    }
    let place = |path: &[&str]| format!("`{}`", path.join("."));
    if let CompatibilityError::MissingDefaultValue(field) = innermost {
        path.push(field);
        return format!("{} is missing", place(&path));
    }
    format!("{} has another type", place(&path))
}

/// Whether a field that is written as one, or not at all, can be read as the other.
pub(super) fn reads(writer: Option<&Field>, reader: Option<&Field>) -> bool {
    let record = |field: Option<&Field>| {
        let contract = Contract { fields: field.map(alone).into_iter().collect(), ..Contract::default() };
        contract.avro_record(&mut AvroNames::default(), "Data")
    };
    read_verdict(&record(writer), &record(reader)).is_ok()
}

/// The field without those inside it: they are compared one by one.
fn alone(field: &Field) -> Field {
    if matches!(field.ty, Type::Object(Some(_))) {
        return Field { ty: Type::Object(Some(Box::default())), ..field.clone() };
    }
    field.clone()
}
