//! A contract as JSON Schema (2020-12): the same verdict as [`check`](super::check), for those who have no Rust.
//!
//! JSON Schema sees values, and not how they are written. So three things pass here that the router refuses: a name
//! that stands twice, a decimal written as a number with more digits behind its point than declared (`multipleOf` would
//! say it, but validators that compute with doubles then refuse 0.07), and escapes inside dates, periods and decimals.

use serde_json::{Map, Value, json};

use super::{Additional, Bounds, Contract, Field, Presence, Type};

/// Days of the Gregorian calendar.
const DATE: &str = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)\
    |02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
/// A time of the day, with the leap second that RFC 3339 knows.
const TIME: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?";
/// A zone.
const ZONE: &str = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
const PERIOD: &str = "^(?:[0-9]{4}(?:-(?:Q[1-4]|0[1-9]|1[0-2]))?|Q[1-4]_[0-9]{4})$";
/// Up to this many digits, a power of ten is a number that every reader of JSON has exactly.
const EXACT_DIGITS: u8 = 15;

/// What a text of a time matches, as a regular expression of ECMA-262.
#[must_use]
pub fn datetime_pattern() -> String {
    format!("^{DATE}[Tt ]{TIME}{ZONE}?$")
}

impl Contract {
    /// The schema of an object that keeps this contract.
    #[must_use]
    pub fn json_schema(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut rules = Vec::new();
        for field in &self.fields {
            properties.insert(field.name.to_string(), described(field, field.description.clone()));
            for alias in &field.aliases {
                let mut schema = described(field, Some(format!("Another name of `{}`.", field.name)));
                schema["deprecated"] = Value::Bool(true);
                properties.insert(alias.to_string(), schema);
            }
            match field.presence {
                Presence::Required if field.aliases.is_empty() => required.push(&*field.name),
                Presence::Required => rules.push(one_of(field)),
                Presence::Optional => rules.extend(at_most_one_of(field)),
            }
        }
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if !rules.is_empty() {
            schema.insert("allOf".to_owned(), Value::Array(rules));
        }
        if self.additional == Additional::Refuse {
            schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        schema
    }
}

/// The schema of a field's value; `null` is absent, so an optional field may be `null` (decision 65).
fn described(field: &Field, description: Option<String>) -> Value {
    let mut schema = of(&field.ty);
    if field.presence == Presence::Optional && schema.get("allOf").is_some() {
        // The rules hold of objects alone.
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    } else if field.presence == Presence::Optional {
        let ty = schema["type"].take();
        let types = ty.as_array().cloned().unwrap_or_else(|| vec![ty]);
        schema["type"] = types.into_iter().chain([json!("null")]).collect();
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
    }
    if let Some(description) = description {
        schema["description"] = Value::String(description);
    }
    schema
}

fn names(field: &Field) -> Vec<&str> {
    std::iter::once(&field.name).chain(&field.aliases).map(|name| &**name).collect()
}

/// A required field stands there under exactly one of its names.
fn one_of(field: &Field) -> Value {
    let each: Vec<Value> = names(field).into_iter().map(|name| json!({ "required": [name] })).collect();
    json!({ "oneOf": each })
}

/// An optional field does not stand there under two of its names.
fn at_most_one_of(field: &Field) -> Vec<Value> {
    let names = names(field);
    let behind = |at: usize| names.iter().skip(at + 1);
    let pairs = names.iter().enumerate().flat_map(|(at, name)| behind(at).map(move |other| (name, other)));
    pairs.map(|(name, other)| json!({ "not": { "required": [name, other] } })).collect()
}

fn of(ty: &Type) -> Value {
    match ty {
        Type::String => json!({ "type": "string" }),
        Type::Number(bounds) => ranged("number", *bounds),
        Type::Integer(bounds) => {
            let mut schema = ranged("integer", *bounds);
            // Whole numbers have 64 bits.
            for (key, end) in [("minimum", i64::MIN), ("maximum", i64::MAX)] {
                if schema.get(key).is_none() {
                    schema[key] = json!(end);
                }
            }
            schema
        }
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Decimal { precision, scale } => decimal(precision - scale, *scale),
        Type::Enum(words) => json!({ "type": "string", "enum": words.iter().map(|word| &**word).collect::<Vec<_>>() }),
        // Not `format: date-time`, which refuses a time without a zone (decision 52).
        Type::DateTime => {
            json!({ "type": "string", "pattern": datetime_pattern(), "examples": ["2024-01-15T10:30:00Z"] })
        }
        Type::Date => json!({ "type": "string", "format": "date", "pattern": format!("^{DATE}$") }),
        Type::Period => json!({ "type": "string", "pattern": PERIOD, "examples": ["2024", "2024-Q1", "2024-01"] }),
        Type::Array(None) => json!({ "type": "array" }),
        Type::Array(Some(element)) => json!({ "type": "array", "items": of(element) }),
        Type::Object(None) => json!({ "type": "object" }),
        Type::Object(Some(contract)) => Value::Object(contract.json_schema()),
    }
}

fn ranged(ty: &str, bounds: Bounds) -> Value {
    let mut schema = json!({ "type": ty });
    for (key, end) in [("minimum", bounds.min), ("maximum", bounds.max)] {
        if let Some(end) = end {
            schema[key] = number(end);
        }
    }
    schema
}

/// A number without a point where it is whole.
#[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 { json!(value as i64) } else { json!(value) }
}

fn decimal(before: u8, behind: u8) -> Value {
    let whole = if before == 0 { "0".to_owned() } else { format!("[0-9]{{1,{before}}}") };
    let fraction = if behind == 0 { String::new() } else { format!("(?:\\.[0-9]{{1,{behind}}})?") };
    let mut schema = json!({ "type": ["string", "number"], "pattern": format!("^-?{whole}{fraction}$") });
    let end = number(10_f64.powi(i32::from(before)));
    let negative = number(-(10_f64.powi(i32::from(before))));
    let (least, most) =
        if before <= EXACT_DIGITS { ("exclusiveMinimum", "exclusiveMaximum") } else { ("minimum", "maximum") };
    schema[least] = negative;
    schema[most] = end;
    schema
}

#[cfg(test)]
mod tests;
