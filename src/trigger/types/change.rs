//! A change of an entity's state before any has happened: what its variables `old`, `new` and `entity` are.

use std::sync::Arc;

use super::given::{Given, Ty};
use super::known::Known;
use super::scope::{About, field};
use super::walk::Walk;
use crate::schema::{Additional, Bounds, Contract, Field, Presence, Type};

/// Whether there is a state on one side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existence {
    /// There is one.
    Always,
    /// That depends on the change.
    Maybe,
    /// There is none: `old` where an entity is created, `new` where it is deleted.
    Never,
}

/// A change of an entity's state.
#[derive(Debug)]
pub(crate) struct Change {
    /// What is there, where there is a state.
    state: Contract,
    /// What may be there, while it is not known that there is one.
    sparse: [Contract; 2],
    there: [Existence; 2],
    entity: Contract,
}

/// A side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

impl Side {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    /// Why there is no state on this side.
    pub(super) const fn lacking(self) -> &'static str {
        match self {
            Self::Old => "an entity that is created has no `old` state",
            Self::New => "an entity that is deleted has no `new` state",
        }
    }
}

impl Change {
    /// A change of an entity of this type, with what there is before it and behind it.
    pub(crate) fn of(state: &Contract, (module, name): (&Arc<str>, &Arc<str>), there: [Existence; 2]) -> Self {
        let optional = |field: &Field| Field { presence: Presence::Optional, ..field.clone() };
        let sparse = || Contract { fields: state.fields.iter().map(optional).collect(), ..*state };
        let one = |word: &Arc<str>| Type::Enum(vec![word.clone()]);
        let version = Type::Integer(Bounds { min: Some(1.0), max: None });
        let entity = Contract {
            fields: vec![
                field("id", Type::String, Presence::Required),
                field("type", one(name), Presence::Required),
                field("module", one(module), Presence::Required),
                field("tenant_id", Type::String, Presence::Required),
                field("version", version, Presence::Required),
            ],
            additional: Additional::Refuse,
        };
        Self { state: state.clone(), sparse: [sparse(), sparse()], there, entity }
    }

    /// The value of a variable; `known` says that something in it is known to be there.
    pub(super) fn variable<'c>(&'c self, name: &str, known: bool) -> Option<Given<'c>> {
        let contract = match name {
            "entity" => &self.entity,
            "old" => self.side(Side::Old, known),
            "new" => self.side(Side::New, known),
            _ => return None,
        };
        Some(Given::new(Ty::Object(contract), Known::Nothing))
    }

    fn side(&self, side: Side, known: bool) -> &Contract {
        match self.there[side as usize] {
            Existence::Always => &self.state,
            // Where one field is there, the state is, and with it all that it requires.
            Existence::Maybe if known => &self.state,
            Existence::Maybe | Existence::Never => &self.sparse[side as usize],
        }
    }
}

impl Walk<'_, '_> {
    /// The side that may have no state, if this is what may be there of it.
    pub(super) fn lacking(&self, contract: &Contract) -> Option<(Side, Existence)> {
        let About::Change(change) = self.scope.about else { return None };
        let side =
            [Side::Old, Side::New].into_iter().find(|side| std::ptr::eq(&change.sparse[*side as usize], contract))?;
        Some((side, change.there[side as usize]))
    }
}
