//! Data for fields that the sample companies know nothing of, by the field's type: so that any catalogue has traffic.

use serde_json::{Map, Value, json};

use super::random::Random;
use crate::schema::{Bounds, Contract, Presence, Type};

/// Adds every required field that is missing under all of its names.
pub(super) fn fill(contract: &Contract, data: &mut Map<String, Value>, random: &mut Random) {
    for field in contract.fields.iter().filter(|field| field.presence == Presence::Required) {
        let named = |name: &str| data.contains_key(name);
        if !named(&field.name) && !field.aliases.iter().any(|alias| named(alias)) {
            data.insert(field.name.to_string(), value(&field.name, &field.ty, random));
        }
    }
}

fn value(name: &str, ty: &Type, random: &mut Random) -> Value {
    match ty {
        Type::String => format!("{}_{}", name.trim_end_matches("_id"), random.below(20) + 1).into(),
        Type::Number(bounds) => json!(within(bounds, random.below(1000) as f64 / 10.0)),
        Type::Integer(bounds) => json!(within(bounds, random.below(100) as f64).ceil() as i64),
        Type::Boolean => json!(random.below(2) == 0),
        Type::Decimal { precision, scale } => {
            let digit = (random.below(9) + 1).to_string();
            if precision > scale { digit.into() } else { format!("0.{}", "0".repeat(usize::from(*scale))).into() }
        }
        Type::Enum(allowed) => allowed.get(random.index(allowed.len())).map_or(Value::Null, |one| json!(&**one)),
        Type::DateTime => json!("2024-01-15T08:00:00Z"),
        Type::Date => json!("2024-01-15"),
        Type::Period => json!("2024-Q1"),
        Type::Array(_) => json!([]),
        Type::Object(inner) => {
            let mut members = Map::new();
            if let Some(contract) = inner {
                fill(contract, &mut members, random);
            }
            Value::Object(members)
        }
    }
}

fn within(bounds: &Bounds, value: f64) -> f64 {
    let (min, max) = (bounds.min.unwrap_or(f64::MIN), bounds.max.unwrap_or(f64::MAX));
    value.min(max).max(min)
}
