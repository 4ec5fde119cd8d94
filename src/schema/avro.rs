//! A contract as an Avro record, for topics whose `encoding` is `avro` and for readers who generate classes.
//!
//! What a consumer gets: `number` is a double, `integer` a long, `decimal(p,s)` the logical type decimal on bytes,
//! `datetime` timestamp-micros (an `Instant` in Java, an aware `datetime` in Python; the zone is not kept), `date` the
//! logical type date. `period`, and `object` and `array` without further types, are strings, the latter two of JSON. An
//! enum is an enum where Avro's grammar takes all its words, else a string whose `doc` lists them. An optional field is
//! a union with null, null by default; a field's aliases are its aliases in Avro. Ranges are only in `doc`, and
//! undeclared fields have no place.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Bounds, Contract, Field, Presence, Type};

/// The names of the records and enums of one schema: each once.
///
/// Records inside others are named by their path, `DataAddress`: unqualified names tell them apart in generated code.
#[derive(Debug, Default)]
pub struct AvroNames {
    former: Vec<String>,
    used: BTreeSet<String>,
}

impl AvroNames {
    /// The names of a schema that has also stood in these name spaces.
    #[must_use]
    pub fn new(former: Vec<String>) -> Self {
        Self { former, used: BTreeSet::new() }
    }

    /// The beginning of a named type. A name that is taken gets a number.
    #[must_use]
    pub fn open(&mut self, kind: &str, wanted: &str) -> Map<String, Value> {
        let numbered = (2..).map(|number: u32| format!("{wanted}{number}"));
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !self.used.contains(name));
        let name = name.unwrap_or_default();
        self.used.insert(name.clone());
        let mut open = Map::new();
        open.insert("type".to_owned(), json!(kind));
        open.insert("name".to_owned(), json!(name));
        if !self.former.is_empty() {
            let aliases: Vec<String> = self.former.iter().map(|space| format!("{space}.{name}")).collect();
            open.insert("aliases".to_owned(), json!(aliases));
        }
        open
    }
}

impl Contract {
    /// The record of an object that keeps this contract.
    #[must_use]
    pub fn avro_record(&self, names: &mut AvroNames, name: &str) -> Value {
        let mut record = names.open("record", name);
        let fields: Vec<Value> = self.fields.iter().map(|each| field(names, name, each)).collect();
        record.insert("fields".to_owned(), Value::Array(fields));
        Value::Object(record)
    }
}

/// A type that may be absent.
#[must_use]
pub fn avro_optional(ty: Value) -> Value {
    json!(["null", ty])
}

/// A point in time.
#[must_use]
pub fn avro_time() -> Value {
    json!({ "type": "long", "logicalType": "timestamp-micros" })
}

fn field(names: &mut AvroNames, record: &str, field: &Field) -> Value {
    let ty = of(names, &format!("{record}{}", camel(&field.name)), &field.ty);
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(*field.name));
    match field.presence {
        Presence::Required => out.insert("type".to_owned(), ty),
        Presence::Optional => {
            out.insert("type".to_owned(), avro_optional(ty));
            out.insert("default".to_owned(), Value::Null)
        }
    };
    if !field.aliases.is_empty() {
        let aliases: Vec<&str> = field.aliases.iter().map(|alias| &**alias).collect();
        out.insert("aliases".to_owned(), json!(aliases));
    }
    let doc: Vec<String> = field.description.iter().cloned().chain(note(&field.ty)).collect();
    if !doc.is_empty() {
        out.insert("doc".to_owned(), json!(doc.join(". ")));
    }
    Value::Object(out)
}

fn of(names: &mut AvroNames, name: &str, ty: &Type) -> Value {
    match ty {
        Type::Number(_) => json!("double"),
        Type::Integer(_) => json!("long"),
        Type::Boolean => json!("boolean"),
        Type::Decimal { precision, scale } => {
            json!({ "type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale })
        }
        Type::Enum(words) if words.iter().all(|word| is_name(word)) => {
            let mut open = names.open("enum", name);
            open.insert("symbols".to_owned(), words.iter().map(|word| json!(**word)).collect());
            Value::Object(open)
        }
        Type::DateTime => avro_time(),
        Type::Date => json!({ "type": "int", "logicalType": "date" }),
        Type::Array(Some(element)) => json!({ "type": "array", "items": of(names, name, element) }),
        Type::Object(Some(contract)) => contract.avro_record(names, name),
        Type::String | Type::Enum(_) | Type::Period | Type::Array(None) | Type::Object(None) => json!("string"),
    }
}

/// What the Avro type does not say.
fn note(ty: &Type) -> Option<String> {
    match ty {
        Type::Number(bounds) | Type::Integer(bounds) if *bounds != Bounds::default() => {
            let end = |end: Option<f64>| end.map_or(String::new(), |end| end.to_string());
            Some(format!("Within {}..{}", end(bounds.min), end(bounds.max)))
        }
        Type::Enum(words) if !words.iter().all(|word| is_name(word)) => {
            Some(format!("One of `{}`, which Avro's grammar does not take as symbols", words.join("`, `")))
        }
        Type::Period => Some("A period: 2024, 2024-Q1 or 2024-01".to_owned()),
        Type::Array(None) => Some("An array, as JSON".to_owned()),
        Type::Object(None) => Some("An object, as JSON".to_owned()),
        Type::Array(Some(element)) => note(element).map(|note| format!("Each: {note}")),
        Type::String
        | Type::Number(_)
        | Type::Integer(_)
        | Type::Boolean
        | Type::Decimal { .. }
        | Type::Enum(_)
        | Type::DateTime
        | Type::Date
        | Type::Object(Some(_)) => None,
    }
}

/// Whether Avro takes a word as a name.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `rep_id` as `RepId`.
fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests;
