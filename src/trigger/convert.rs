//! Between JSON and CEL. A JSON integer is `int`, never `uint`; a field declared `number` is a `double`.

use super::ExpressionError;
use crate::schema::Contract;

/// The variables of one event, converted once, on first use, and shared by all its triggers.
pub struct Facts<'a> {
    _contract: &'a Contract,
    _data: &'a str,
    _event: &'a str,
    _metadata: &'a str,
}

impl<'a> Facts<'a> {
    /// The variables of an event: `data` under canonical names (JSON object), `event` (a JSON object of the
    /// envelope's scalar fields) and `metadata` (JSON object). Nothing is parsed yet.
    #[must_use]
    pub const fn new(contract: &'a Contract, data: &'a str, event: &'a str, metadata: &'a str) -> Self {
        Self { _contract: contract, _data: data, _event: event, _metadata: metadata }
    }
}

/// Appends a CEL value as JSON, keys of maps sorted.
///
/// # Errors
/// A value that JSON cannot say.
pub fn cel_to_json(_value: &cel::Value, _out: &mut Vec<u8>) -> Result<(), ExpressionError> {
    Ok(())
}
