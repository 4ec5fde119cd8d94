//! The types that a payload field may have (decisions 14, 51, 52, 58).

use std::sync::Arc;

use super::{Contract, Field};

/// What a field's value must be. `?` (optional) belongs to the field, not to its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Any string.
    String,
    /// `number`, `float`: a finite double; integers are converted to doubles for expressions.
    Number(Bounds),
    /// Mathematically integral within 64 bits, signed.
    Integer(Bounds),
    /// `true` or `false`.
    Boolean,
    /// At most `precision` digits, of which `scale` stand behind the point; a JSON string of plain digits or a number.
    Decimal {
        /// All digits, 1 to 38.
        precision: u8,
        /// Digits behind the point, 0 to `precision`.
        scale: u8,
    },
    /// One of these strings.
    Enum(Vec<Arc<str>>),
    /// RFC 3339; without a zone it is taken as UTC.
    DateTime,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY`, `YYYY-Qn`, `YYYY-MM`; `Qn_YYYY` as an alias.
    Period,
    /// `array` (anything in it) or `array<T>`.
    Array(Option<Box<Type>>),
    /// `object` (anything in it) or a nested mapping of fields.
    Object(Option<Box<Contract>>),
}

/// An inclusive range, as in `number(0..100)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// The least value allowed.
    pub min: Option<f64>,
    /// The greatest value allowed.
    pub max: Option<f64>,
}

impl Type {
    /// What stands in an array, however many of them lie around it; any other type itself.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        let mut ty = self;
        while let Self::Array(Some(element)) = ty {
            ty = element;
        }
        ty
    }

    /// The declared fields of an object, or of the objects in an array.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        if let Self::Object(Some(contract)) = self.innermost() { &contract.fields } else { &[] }
    }

    /// Stands in for a type that cannot be read, so that nothing else is said about its field.
    pub(crate) const fn unreadable() -> Self {
        Self::Enum(Vec::new())
    }

    /// Whether it only stands in: no enum that can be read is without words.
    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Enum(words) if words.is_empty())
    }
}
