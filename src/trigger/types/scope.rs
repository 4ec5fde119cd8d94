//! The variables of an expression before any event, and what is bound around a place in it.

use std::sync::Arc;

use super::change::Change;
use super::facts::{Fact, Facts};
use super::given::{Given, Ty};
use super::guards::field_path;
use super::kinds::Kind;
use super::known::Known;
use super::walk::Walk;
use crate::diagnostic::nearest;
use crate::envelope::MAX_CLAIMED_HOPS;
use crate::schema::{Additional, Bounds, Contract, Field, Presence, Type};
use crate::trigger::{Subject, functions};

/// What an expression is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'c> {
    /// What gives it its variables.
    pub(crate) about: About<'c>,
    /// The fields of `event` and `metadata`.
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

impl Scope<'_> {
    /// What was probably meant by a variable that there is not: a field of its name, or of one that is near.
    pub(crate) fn meant(&self, name: &str) -> Option<String> {
        let own = match self.about {
            About::Fact(data) => ("data", data),
            About::Change(change) => ("new", &change.state),
        };
        let variables = [own, ("event", &self.event.event), ("metadata", &self.event.metadata)];
        let fields =
            || variables.iter().flat_map(|(of, contract)| contract.fields.iter().map(move |field| (of, field)));
        let near = || nearest(name, fields().map(|(_, field)| &*field.name));
        let exact = fields().find(|(_, field)| field.goes_by(name));
        let (of, field) = exact.or_else(|| near().and_then(|near| fields().find(|(_, field)| *field.name == *near)))?;
        Some(field_path(of, &field.name))
    }
}

/// What an envelope says beside its data.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Its scalar fields, as `event` has them.
    pub(super) event: Contract,
    /// The fields of `metadata` that the bus knows. A producer may add its own.
    pub(super) metadata: Contract,
}

impl Envelope {
    /// The envelope of a fact.
    pub(crate) fn of(event_type: &Arc<str>, module: &Arc<str>) -> Self {
        let one = |word: &Arc<str>| Type::Enum(vec![word.clone()]);
        Self::with(one(event_type), one(module), Vec::new())
    }

    /// The envelope of an update of state.
    pub(crate) fn of_update() -> Self {
        let types = ["state.put", "state.patch", "state.delete"].map(Arc::from);
        let partition = Type::Integer(Bounds { min: Some(0.0), max: Some(f64::from(i32::MAX)) });
        let answer = vec![
            field("client_id", Type::String, Presence::Optional),
            field("reply_partition", partition, Presence::Optional),
        ];
        Self::with(Type::Enum(types.to_vec()), Type::String, answer)
    }

    fn with(event_type: Type, module: Type, mut metadata: Vec<Field>) -> Self {
        let event = Contract {
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
        };
        let hops = Type::Integer(Bounds { min: Some(0.0), max: Some(MAX_CLAIMED_HOPS as f64) });
        metadata.extend([
            field("causation_id", Type::String, Presence::Optional),
            field("root_id", Type::String, Presence::Optional),
            field("hops", hops, Presence::Optional),
            field("trigger", Type::String, Presence::Optional),
            field("catalogue", Type::String, Presence::Optional),
        ]);
        Self { event, metadata: Contract { fields: metadata, additional: Additional::Allow } }
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
            None => self.global(name, about.iter().any(Fact::is_of_presence)),
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
            "event" => Given::new(Ty::Object(&self.scope.event.event), Known::Nothing),
            "metadata" => Given::new(Ty::Object(&self.scope.event.metadata), Known::Nothing),
            name if functions::environment().types().find_type(name).is_some() => Given::plain(Kind::Type),
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
