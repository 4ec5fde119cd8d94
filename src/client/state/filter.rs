//! A condition on states, in the language of the catalogue's conditions: CEL over the state's fields. A declared field
//! goes by its name, `health_score < 50.0`; any field as `data.NAME`.

use crate::catalogue::EntityType;
use crate::schema::Contract;
use crate::trigger::{Expression, ExpressionError, Facts};

/// A compiled condition on the states of one entity type.
#[derive(Debug)]
pub struct Filter {
    when: Expression,
    contract: Contract,
}

impl Filter {
    /// Compiles a condition. An entity type that is not declared has no fields that go by their names.
    ///
    /// # Errors
    /// It is no such condition.
    pub fn compile(text: &str, entity_type: Option<&EntityType>) -> Result<Self, ExpressionError> {
        let contract = entity_type.map(|entity_type| entity_type.contract.clone()).unwrap_or_default();
        let when = Expression::compile(&qualified(text, &contract))?;
        Ok(Self { when, contract })
    }

    /// Whether a state is meant.
    ///
    /// # Errors
    /// What goes wrong on this state, such as a field that it does not have.
    pub fn keeps(&self, state: &str) -> Result<bool, ExpressionError> {
        self.when.holds(&Facts::new(&self.contract, state, "{}", "{}"))
    }
}

/// The text with `data.` in front of each name of a declared field that stands by itself.
fn qualified(text: &str, contract: &Contract) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => quoted(rest, first),
            c if c.is_ascii_alphabetic() || c == '_' => rest.bytes().take_while(|b| is_word(*b)).count(),
            c if c.is_ascii_digit() => rest.bytes().take_while(|b| is_word(*b) || *b == b'.').count(),
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        let alone = !out.trim_end().ends_with('.') && !behind.trim_start().starts_with('(');
        if alone && contract.fields.iter().any(|field| &*field.name == token) {
            out.push_str("data.");
        }
        out.push_str(token);
        rest = behind;
    }
    out
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of a string in quotes; of one that does not end, all the rest.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
