//! The variables of an expression: one event's JSON as CEL values.

use std::sync::OnceLock;

use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::ExpressionError;
use super::check::Variables;
use super::value::{Shape, from_json};
use crate::schema::Contract;

/// The variables of one event, converted once, on first use, and shared by all its triggers.
///
/// A JSON integer is an `int`, never a `uint`, and a `double` beyond 64 bits. A declared field has its declared type:
/// `number` is a `double` also where it is written as an integer, `integer` an `int` also where it is written `1.0`.
/// Fields that are absent are absent: `has()` says so. A declared field that is `null` is absent too, and so is a
/// field of `event` and `metadata` (decision 65).
pub struct Facts<'a> {
    contract: &'a Contract,
    data: Variable<'a>,
    event: Variable<'a>,
    metadata: Variable<'a>,
}

struct Variable<'a> {
    json: &'a str,
    value: OnceLock<Result<Box<dyn Val + 'a>, ExpressionError>>,
}

impl<'a> Variable<'a> {
    const fn new(json: &'a str) -> Self {
        Self { json, value: OnceLock::new() }
    }

    fn convert(&self, name: &str, shape: Shape<'_>) -> Result<(), ExpressionError> {
        let broken = |error| ExpressionError::new(format!("`{name}` is not readable JSON: {error}"));
        let value = self.value.get_or_init(|| from_json(self.json, shape).map_err(broken));
        value.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn get<'b>(&'b self) -> Option<CowVal<'b, 'b>> {
        let value: &'b (dyn Val + 'b) = self.value.get()?.as_ref().ok()?.as_ref();
        Some(CowVal::Borrowed(value))
    }
}

impl<'a> Facts<'a> {
    /// The variables of an event: `data` under canonical names (JSON object), `event` (a JSON object of the
    /// envelope's scalar fields) and `metadata` (JSON object). Nothing is parsed yet.
    #[must_use]
    pub const fn new(contract: &'a Contract, data: &'a str, event: &'a str, metadata: &'a str) -> Self {
        Self { contract, data: Variable::new(data), event: Variable::new(event), metadata: Variable::new(metadata) }
    }

    /// Converts what an expression names and what was not converted before.
    pub(super) fn convert(&self, variables: Variables) -> Result<(), ExpressionError> {
        if variables.data {
            self.data.convert("data", Shape::Fields(self.contract))?;
        }
        if variables.event {
            self.event.convert("event", Shape::Sparse)?;
        }
        if variables.metadata {
            self.metadata.convert("metadata", Shape::Sparse)?;
        }
        Ok(())
    }
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        match variable {
            "data" => self.data.get(),
            "event" => self.event.get(),
            "metadata" => self.metadata.get(),
            _ => None,
        }
    }
}

#[cfg(test)]
impl Facts<'_> {
    pub(super) fn metadata_is_untouched(&self) -> bool {
        self.metadata.value.get().is_none()
    }
}
