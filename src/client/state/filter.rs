//! A condition on states, in the language of the catalogue's conditions: CEL over the state's fields. A declared field
//! goes by its name, `health_score < 50.0`; any field as `data.NAME`.

use crate::catalogue::EntityType;
use crate::diagnostic::nearest;
use crate::schema::Contract;
use crate::trigger::types::list;
use crate::trigger::{Expression, ExpressionError, Facts, Subject};

/// What binds a variable: the first argument, within the brackets.
const MACROS: [&str; 6] = ["all", "exists", "existsOne", "exists_one", "filter", "map"];

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
    /// It is no such condition: also one that names what no entity has, or is a boolean on none.
    pub fn compile(text: &str, entity_type: Option<&EntityType>) -> Result<Self, ExpressionError> {
        let contract = entity_type.map(|entity_type| entity_type.contract.clone()).unwrap_or_default();
        let when = Expression::about(Subject::State, &qualified(text, &contract));
        let when = when.map_err(|error| with_names(error, &contract))?;
        when.must_be_boolean(&contract)?;
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

/// The error; where a name does not exist, with those that do.
fn with_names(error: ExpressionError, contract: &Contract) -> ExpressionError {
    let Some(unknown) = &error.unknown else { return error };
    let names: Vec<&str> = contract.fields.iter().map(|field| &*field.name).collect();
    let help = match nearest(unknown, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "any field is `data.NAME`".to_owned(),
        None => format!("declared are {}; any field is `data.NAME`", list(&names)),
    };
    ExpressionError { help: Some(help), ..error }
}

/// The text with `data.` in front of each name of a declared field that stands by itself, and is no variable of a macro.
fn qualified(text: &str, contract: &Contract) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut depth = 0_usize;
    // The variables of the macros that are open, each with the depth that it is known in.
    let mut bound: Vec<(usize, &str)> = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => quoted(rest, first),
            c if c.is_ascii_alphabetic() || c == '_' => word(rest).len(),
            c if c.is_ascii_digit() => rest.bytes().take_while(|b| is_word(*b) || *b == b'.').count(),
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        match token {
            "(" => depth += 1,
            ")" => {
                depth = depth.saturating_sub(1);
                bound.retain(|(known_in, _)| *known_in <= depth);
            }
            _ => {}
        }
        let member = out.trim_end().ends_with('.');
        let arguments = behind.trim_start().strip_prefix('(');
        if let Some(arguments) = arguments.filter(|_| member && MACROS.contains(&token)) {
            bound.extend(variable(arguments).map(|name| (depth + 1, name)));
        }
        let alone = !member && arguments.is_none() && !bound.iter().any(|(_, name)| *name == token);
        if alone && contract.fields.iter().any(|field| &*field.name == token) {
            out.push_str("data.");
        }
        out.push_str(token);
        rest = behind;
    }
    out
}

/// The variable that a macro's arguments begin with.
fn variable(arguments: &str) -> Option<&str> {
    let arguments = arguments.trim_start();
    let name = word(arguments);
    arguments[name.len()..].trim_start().starts_with(',').then_some(name)
}

/// The word that a text begins with.
fn word(text: &str) -> &str {
    &text[..text.bytes().take_while(|byte| is_word(*byte)).count()]
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
