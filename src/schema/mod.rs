//! Payload contracts: the fields that an event type's `payload.data` declares, and their types.

mod avro;
mod check;
mod expression;
mod json_schema;
mod parse;
mod rewrite;
mod scalar;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

pub use avro::{AvroNames, avro_optional, avro_time};
pub use check::{Checked, MAX_REASONS, check, check_part};
pub use json_schema::datetime_pattern;
pub use parse::{TYPE_NAMES, TypeError, parse_type};
pub use rewrite::{Hidden, Rewrite};
pub use scalar::{integral, takes_text};
pub use types::{Bounds, Type};

/// What `payload.data` of an event type must look like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contract {
    /// The declared fields, in the order of the file.
    pub fields: Vec<Field>,
    /// What becomes of undeclared fields (decision 31).
    pub additional: Additional,
}

/// What becomes of fields that a contract does not declare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Additional {
    /// They pass through.
    #[default]
    Allow,
    /// They make the event invalid.
    Refuse,
}

/// One declared field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The canonical name.
    pub name: Arc<str>,
    /// Other names under which producers may send it; normalised to the canonical one.
    pub aliases: Vec<Arc<str>>,
    /// What its value must be.
    pub ty: Type,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it means.
    pub description: Option<String>,
    /// Whether audit records with a full payload hide it.
    pub redact: bool,
}

/// Whether a field must be there. `null` is absent (decision 65).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Missing or `null` makes the event invalid.
    Required,
    /// Declared with `?`.
    Optional,
}

impl Field {
    /// Whether this is one of its names.
    #[must_use]
    pub fn goes_by(&self, name: &str) -> bool {
        &*self.name == name || self.aliases.iter().any(|alias| &**alias == name)
    }
}

impl Contract {
    /// The index of the field with this canonical name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| &*field.name == name)
    }

    /// The index of the field that goes by this name, and whether the name is its canonical one. `guess` is looked
    /// at first: members mostly come in the order of the contract.
    #[must_use]
    pub fn find(&self, name: &str, guess: usize) -> Option<(usize, bool)> {
        if self.fields.get(guess).is_some_and(|field| &*field.name == name) {
            return Some((guess, true));
        }
        self.fields.iter().enumerate().find_map(|(index, field)| {
            let canonical = &*field.name == name;
            (canonical || field.aliases.iter().any(|alias| &**alias == name)).then_some((index, canonical))
        })
    }

    /// Every name of every field, aliases and the fields of nested objects included.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for field in &self.fields {
            names.push(&*field.name);
            names.extend(field.aliases.iter().map(|alias| &**alias));
            if let Type::Object(Some(inner)) = &field.ty {
                names.extend(inner.names());
            }
        }
        names
    }
}
