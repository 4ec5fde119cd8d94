//! What is wrong with the bad ones among the sample events: each flaw is refused by every catalogue.

use serde_json::{Map, Value, json};

use super::random::Random;
use crate::schema::{Contract, Presence, Type};

/// What is wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A required field is not there.
    FieldMissing,
    /// A required field is of another type.
    FieldOfOtherType,
    /// The text ends in the middle.
    CutShort,
    /// A byte is no UTF-8.
    NotUtf8,
    /// There is no value at all.
    Tombstone,
    /// A module publishes what is another's.
    WrongOwner,
    /// The tenant's id is none.
    WrongTenant,
    /// It happens in a year.
    FarAhead,
    /// It stands on another event type's topic.
    WrongTopic,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::FieldMissing,
        Self::FieldOfOtherType,
        Self::CutShort,
        Self::WrongOwner,
        Self::FarAhead,
        Self::Tombstone,
        Self::WrongTenant,
        Self::WrongTopic,
        Self::NotUtf8,
    ];

    /// Puts the flaw into an event's data, where that is its place. A contract that requires nothing cannot be broken.
    pub(super) fn spoil_data(self, contract: &Contract, data: &mut Map<String, Value>, random: &mut Random) {
        let required: Vec<_> = contract.fields.iter().filter(|field| field.presence == Presence::Required).collect();
        let Some(field) = required.get(random.index(required.len())) else { return };
        match self {
            Self::FieldMissing => _ = data.shift_remove(&*field.name),
            Self::FieldOfOtherType => _ = data.insert(field.name.to_string(), other_than(&field.ty)),
            Self::CutShort
            | Self::NotUtf8
            | Self::Tombstone
            | Self::WrongOwner
            | Self::WrongTenant
            | Self::FarAhead
            | Self::WrongTopic => {}
        }
    }

    /// Puts the flaw into an event's text, where that is its place.
    pub(super) fn spoil_text(self, mut text: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Tombstone => return None,
            Self::CutShort => text.truncate(text.len() * 2 / 3),
            Self::NotUtf8 => text.insert(text.len() / 2, 0xff),
            Self::FieldMissing
            | Self::FieldOfOtherType
            | Self::WrongOwner
            | Self::WrongTenant
            | Self::FarAhead
            | Self::WrongTopic => {}
        }
        Some(text)
    }
}

/// A value that a type does not let in.
fn other_than(ty: &Type) -> Value {
    match ty {
        Type::Number(_) | Type::Integer(_) | Type::Decimal { .. } => json!("a lot"),
        Type::DateTime | Type::Date | Type::Period => json!("soon"),
        Type::Enum(_) => json!("something else"),
        Type::String | Type::Boolean => json!(42),
        Type::Array(_) | Type::Object(_) => json!("n/a"),
    }
}
