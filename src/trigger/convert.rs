//! The variables of an expression: the JSON of one event, or of one change of state, as CEL values.

use std::sync::OnceLock;

use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

use super::ExpressionError;
use super::subject::{Variable, Variables};
use super::value::{Shape, from_json};
use crate::schema::Contract;

/// The variables of one event, or of one change of state, converted once, on first use, and shared by all the expressions
/// about it.
///
/// A JSON integer is an `int`, never a `uint`, and a `double` beyond 64 bits. A `double` is the nearest one, infinite
/// beyond all of them. A declared field has its declared type:
/// `number` is a `double` also where it is written as an integer, `integer` an `int` also where it is written `1.0`.
/// Fields that are absent are absent: `has()` says so. A declared field that is `null` is absent too, and so is a
/// field of `event` and `metadata` (decision 65).
pub struct Facts<'a> {
    contract: &'a Contract,
    about: About<'a>,
    event: Lazy<'a>,
    metadata: Lazy<'a>,
}

enum About<'a> {
    Event { data: Lazy<'a> },
    Change(Box<Changed<'a>>),
}

struct Changed<'a> {
    old: Lazy<'a>,
    new: Lazy<'a>,
    entity: Lazy<'a>,
}

/// A change of an entity's state, as JSON objects.
#[derive(Debug, Clone, Copy)]
pub struct StateChange<'a> {
    /// The state before it, under canonical names. Where there was none, `old` is an object without fields.
    pub old: Option<&'a str>,
    /// The state behind it, under canonical names. Where there is none, `new` is an object without fields.
    pub new: Option<&'a str>,
    /// Which entity it is: its `id`, `type`, `module`, `tenant_id`, and the `version` that the change gives it.
    pub entity: &'a str,
    /// The scalar fields of the update's envelope.
    pub event: &'a str,
    /// The update's metadata.
    pub metadata: &'a str,
}

/// A text that is converted when it is first asked for.
struct Lazy<'a> {
    json: &'a str,
    value: OnceLock<Result<Box<dyn Val + 'a>, ExpressionError>>,
}

impl<'a> Lazy<'a> {
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
        let about = About::Event { data: Lazy::new(data) };
        Self { contract, about, event: Lazy::new(event), metadata: Lazy::new(metadata) }
    }

    /// The variables of a change of state, whose `old` and `new` follow the contract of its entity type. Nothing is
    /// parsed yet.
    #[must_use]
    pub fn change(contract: &'a Contract, change: StateChange<'a>) -> Self {
        let state = |json: Option<&'a str>| Lazy::new(json.unwrap_or("{}"));
        let changed = Changed { old: state(change.old), new: state(change.new), entity: Lazy::new(change.entity) };
        let about = About::Change(Box::new(changed));
        Self { contract, about, event: Lazy::new(change.event), metadata: Lazy::new(change.metadata) }
    }

    /// Converts what an expression names and what was not converted before.
    pub(super) fn convert(&self, variables: Variables) -> Result<(), ExpressionError> {
        for variable in variables.iter() {
            let shape = match variable {
                Variable::Data | Variable::Old | Variable::New => Shape::Fields(self.contract),
                Variable::Entity | Variable::Event | Variable::Metadata => Shape::Sparse,
            };
            if let Some(lazy) = self.variable(variable) {
                lazy.convert(variable.name(), shape)?;
            }
        }
        Ok(())
    }

    fn variable(&self, variable: Variable) -> Option<&Lazy<'a>> {
        match (variable, &self.about) {
            (Variable::Data, About::Event { data }) => Some(data),
            (Variable::Old, About::Change(changed)) => Some(&changed.old),
            (Variable::New, About::Change(changed)) => Some(&changed.new),
            (Variable::Entity, About::Change(changed)) => Some(&changed.entity),
            (Variable::Event, _) => Some(&self.event),
            (Variable::Metadata, _) => Some(&self.metadata),
            // An expression about something else.
            (Variable::Data, About::Change(_))
            | (Variable::Old | Variable::New | Variable::Entity, About::Event { .. }) => None,
        }
    }
}

impl VariableResolver for Facts<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        self.variable(Variable::of(variable)?)?.get()
    }
}

#[cfg(test)]
impl Facts<'_> {
    pub(super) fn metadata_is_untouched(&self) -> bool {
        self.metadata.value.get().is_none()
    }
}
