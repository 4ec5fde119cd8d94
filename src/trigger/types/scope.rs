//! The variables of an expression before any event, and what is bound around a place in it.

use std::sync::Arc;

use super::change::Change;
use super::facts::{Fact, Facts};
use super::given::{Given, Ty};
use super::kinds::Kind;
use super::known::Known;
use super::walk::Walk;
use crate::schema::{Additional, Contract, Field, Presence, Type};
use crate::trigger::{Subject, functions};

/// What an expression is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'c> {
    /// What gives it its variables.
    pub(crate) about: About<'c>,
    /// The fields of `event`.
    pub(crate) event: &'c Envelope,
    /// What holds before it is evaluated.
    pub(crate) facts: &'c Facts,
}

/// What gives an expression its variables.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'c> {
    /// A fact of this contract, as `data`.
    Fact(&'c Contract),
    /// A change of state.
    Change(&'c Change),
}

impl About<'_> {
    /// The kind of thing that it is.
    pub(crate) const fn subject(self) -> Subject {
        match self {
            Self::Fact(_) => Subject::Event,
            Self::Change(_) => Subject::Change,
        }
    }
}

/// The scalar fields of the envelope, as `event` has them.
#[derive(Debug)]
pub(crate) struct Envelope(Contract);

impl Envelope {
    /// The envelope of a fact.
    pub(crate) fn of(event_type: &Arc<str>, module: &Arc<str>) -> Self {
        let one = |word: &Arc<str>| Type::Enum(vec![word.clone()]);
        Self::with(one(event_type), one(module))
    }

    /// The envelope of an update of state.
    pub(crate) fn of_update() -> Self {
        let types = ["state.put", "state.patch", "state.delete"].map(Arc::from);
        Self::with(Type::Enum(types.to_vec()), Type::String)
    }

    fn with(event_type: Type, module: Type) -> Self {
        Self(Contract {
            fields: vec![
                field("event_id", Type::String, Presence::Required),
                field("event_type", event_type, Presence::Required),
                field("source_module", module, Presence::Required),
                field("tenant_id", Type::String, Presence::Required),
                field("user_id", Type::String, Presence::Optional),
                field("timestamp", Type::DateTime, Presence::Required),
                field("correlation_id", Type::String, Presence::Required),
            ],
            additional: Additional::Refuse,
        })
    }
}

/// A declared field.
pub(super) fn field(name: &str, ty: Type, presence: Presence) -> Field {
    Field { name: Arc::from(name), aliases: Vec::new(), ty, presence, description: None, redact: false }
}

/// A variable that a macro binds.
pub(super) struct Bound<'c> {
    name: String,
    given: Given<'c>,
    /// Facts before this one are about another variable of the name.
    facts_from: usize,
}

impl<'c> Walk<'c, '_> {
    /// Binds a variable until the bindings are cut back.
    pub(super) fn bind(&mut self, name: &str, given: Given<'c>) {
        self.bound.push(Bound { name: name.to_owned(), given, facts_from: self.facts.len() });
    }

    /// The value of a variable, with what is known of it here.
    pub(super) fn ident(&self, name: &str) -> Given<'c> {
        let bound = self.bound.iter().rev().find(|bound| bound.name == name);
        let name = name.strip_prefix('.').unwrap_or(name);
        let from = bound.map_or(0, |bound| bound.facts_from.min(self.facts.len()));
        let about = Facts::about(self.facts[from..].iter(), name);
        let given = match bound {
            Some(bound) => bound.given.clone(),
            None => self.global(name, about.iter().next().is_some()),
        };
        Given { facts: given.facts.and(about), ..given }
    }

    /// A variable that no macro binds; `known` says that something in it is known to be there.
    fn global(&self, name: &str, known: bool) -> Given<'c> {
        let own = match self.scope.about {
            About::Fact(data) if name == "data" => Some(Given::new(Ty::Object(data), Known::Nothing)),
            About::Fact(_) => None,
            About::Change(change) => change.variable(name, known),
        };
        if let Some(own) = own {
            return own;
        }
        match name {
            "event" => Given::new(Ty::Object(&self.scope.event.0), Known::Nothing),
            name if functions::environment().types().find_type(name).is_some() => Given::plain(Kind::Type),
            // `metadata` belongs to the producer.
            _ => Given::unknown(),
        }
    }

    /// Goes on under more facts.
    pub(super) fn under<T>(&mut self, facts: Facts, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.facts.len();
        self.facts.extend(facts.iter().cloned());
        let result = work(self);
        self.facts.truncate(before);
        result
    }

    /// The facts that hold from the start.
    pub(super) fn first_facts(scope: &Scope<'c>) -> Vec<Fact> {
        scope.facts.iter().cloned().collect()
    }
}
