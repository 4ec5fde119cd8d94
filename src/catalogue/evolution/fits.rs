//! Whether every value of one type is a value of another.

use crate::schema::{Additional, Bounds, Contract, Presence, Type};

/// The range of integers: 64 bits, as doubles.
const INTEGERS: Bounds = Bounds { min: Some(-9_223_372_036_854_775_808.0), max: Some(9_223_372_036_854_775_807.0) };

/// Whether each value of `from` is a value of `to`.
pub(super) fn fits(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::String | Type::Enum(_) | Type::DateTime | Type::Date | Type::Period, Type::String)
        | (Type::Boolean, Type::Boolean)
        | (Type::DateTime, Type::DateTime)
        | (Type::Date, Type::Date)
        | (Type::Period, Type::Period)
        | (Type::Array(_), Type::Array(None))
        | (Type::Object(_), Type::Object(None)) => true,
        (Type::Number(from), Type::Number(to)) | (Type::Integer(from), Type::Integer(to)) => within(*from, *to),
        (Type::Integer(from), Type::Number(to)) => {
            within(Bounds { min: from.min.or(INTEGERS.min), max: from.max.or(INTEGERS.max) }, *to)
        }
        (Type::Decimal { precision, scale }, Type::Decimal { precision: most, scale: behind }) => {
            scale <= behind && precision - scale <= most - behind
        }
        (Type::Enum(from), Type::Enum(to)) => from.iter().all(|word| to.contains(word)),
        (Type::Array(Some(from)), Type::Array(Some(to))) => fits(from, to),
        (Type::Object(Some(from)), Type::Object(Some(to))) => keeps(from, to),
        (
            Type::String
            | Type::Number(_)
            | Type::Integer(_)
            | Type::Boolean
            | Type::Decimal { .. }
            | Type::Enum(_)
            | Type::DateTime
            | Type::Date
            | Type::Period
            | Type::Array(_)
            | Type::Object(_),
            _,
        ) => false,
    }
}

fn within(from: Bounds, to: Bounds) -> bool {
    let above = to.min.is_none_or(|least| from.min.is_some_and(|min| min >= least));
    let below = to.max.is_none_or(|most| from.max.is_some_and(|max| max <= most));
    above && below
}

/// Whether each object of one contract keeps another.
fn keeps(from: &Contract, to: &Contract) -> bool {
    let filled = to.fields.iter().all(|field| match from.find(&field.name, 0) {
        Some((index, _)) => {
            let source = &from.fields[index];
            let there = field.presence == Presence::Optional || source.presence == Presence::Required;
            there && fits(&source.ty, &field.ty)
        }
        None => field.presence == Presence::Optional,
    });
    let closed = to.additional == Additional::Allow
        || (from.additional == Additional::Refuse && from.names().iter().all(|name| to.find(name, 0).is_some()));
    filled && closed
}
