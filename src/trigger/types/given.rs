//! Types of values, and what else is known of them.

use super::super::functions::Style;
use super::facts::Facts;
use super::known::Known;
use crate::schema::{Contract, Type};

/// A value before any event: its type, what is known of it, and of what lies in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given<'c> {
    /// Its type.
    pub(crate) ty: Ty<'c>,
    /// What is known beside.
    pub(crate) known: Known,
    /// What is known of its fields.
    pub(super) facts: Facts,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty<'c> {
    /// Depends on the event.
    Dyn,
    /// There is no value: an element of `[]`.
    Never,
    /// One of the types without parts.
    Plain(Kind),
    /// A decimal: a string or a double, as the producer wrote it.
    Decimal,
    /// A list of such elements.
    List(Box<Given<'c>>),
    /// A map of anything.
    Map,
    /// An object of declared and other fields.
    Object(&'c Contract),
    /// A map that the expression itself writes, with the places of its values in the tree.
    Record(Vec<(String, Given<'c>)>),
    /// Such a value, or nothing.
    Optional(Box<Given<'c>>),
}

/// The types that the evaluator tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Type,
    List,
    Map,
    Optional,
}

impl Kind {
    pub(super) const ALL: [Self; 13] = [
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Uint,
        Self::Double,
        Self::String,
        Self::Bytes,
        Self::Timestamp,
        Self::Duration,
        Self::Type,
        Self::List,
        Self::Map,
        Self::Optional,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Timestamp => "timestamp",
            Self::Duration => "duration",
            Self::Type => "type",
            Self::List => "list",
            Self::Map => "map",
            Self::Optional => "optional",
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }
}

impl<'c> Ty<'c> {
    /// The kinds that the evaluator may meet; all of them where that depends on the event.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        match self {
            Self::Dyn | Self::Never => &Kind::ALL,
            Self::Plain(kind) => kind.alone(),
            Self::Decimal => &[Kind::String, Kind::Double],
            Self::List(_) => Kind::List.alone(),
            Self::Map | Self::Object(_) | Self::Record(_) => Kind::Map.alone(),
            Self::Optional(_) => Kind::Optional.alone(),
        }
    }

    pub(super) const fn is_bool(&self) -> bool {
        matches!(self, Self::Plain(Kind::Bool))
    }

    const fn is_open(&self) -> bool {
        matches!(self, Self::Dyn | Self::Never)
    }
}

impl Kind {
    const fn alone(self) -> &'static [Self] {
        match self {
            Self::Null => &[Self::Null],
            Self::Bool => &[Self::Bool],
            Self::Int => &[Self::Int],
            Self::Uint => &[Self::Uint],
            Self::Double => &[Self::Double],
            Self::String => &[Self::String],
            Self::Bytes => &[Self::Bytes],
            Self::Timestamp => &[Self::Timestamp],
            Self::Duration => &[Self::Duration],
            Self::Type => &[Self::Type],
            Self::List => &[Self::List],
            Self::Map => &[Self::Map],
            Self::Optional => &[Self::Optional],
        }
    }
}

impl<'c> Given<'c> {
    pub(super) const fn new(ty: Ty<'c>, known: Known) -> Self {
        Self { ty, known, facts: Facts::NONE }
    }

    pub(super) const fn plain(kind: Kind) -> Self {
        Self::new(Ty::Plain(kind), Known::Nothing)
    }

    /// Nothing is known.
    pub(crate) const fn unknown() -> Self {
        Self::new(Ty::Dyn, Known::Nothing)
    }

    pub(super) const fn bool(answer: Option<bool>) -> Self {
        match answer {
            Some(answer) => Self::new(Ty::Plain(Kind::Bool), Known::Truth(answer)),
            None => Self::plain(Kind::Bool),
        }
    }

    pub(super) fn list(element: Self) -> Self {
        Self::new(Ty::List(Box::new(element)), Known::Nothing)
    }

    pub(super) fn optional(value: Self) -> Self {
        Self::new(Ty::Optional(Box::new(value)), Known::Nothing)
    }

    /// A value of a kind, of which nothing else is known.
    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::List => Self::list(Self::unknown()),
            Kind::Map => Self::new(Ty::Map, Known::Nothing),
            Kind::Optional => Self::optional(Self::unknown()),
            plain => Self::plain(plain),
        }
    }

    /// A value of a declared type, as expressions see it.
    pub(crate) fn declared(ty: &'c Type) -> Self {
        let sort = match ty {
            _ if ty.is_unreadable() => return Self::unknown(),
            Type::String | Type::Enum(_) | Type::DateTime | Type::Date | Type::Period => Ty::Plain(Kind::String),
            Type::Number(_) => Ty::Plain(Kind::Double),
            Type::Integer(_) => Ty::Plain(Kind::Int),
            Type::Boolean => Ty::Plain(Kind::Bool),
            Type::Decimal { .. } => Ty::Decimal,
            Type::Array(None) => return Self::list(Self::unknown()),
            Type::Array(Some(element)) => return Self::list(Self::declared(element)),
            Type::Object(None) => Ty::Map,
            Type::Object(Some(contract)) => Ty::Object(contract),
        };
        Self::new(sort, Known::of(ty))
    }

    /// Whether it is of a sort, or may be.
    pub(super) fn is_maybe(&self, sort: fn(&Ty<'c>) -> bool) -> bool {
        self.ty.is_open() || sort(&self.ty)
    }

    /// What holds for either of two values.
    pub(super) fn join(&self, other: &Self) -> Self {
        let ty = match (&self.ty, &other.ty) {
            (Ty::Never, _) => return other.clone(),
            (_, Ty::Never) => return self.clone(),
            (Ty::List(one), Ty::List(two)) => Ty::List(Box::new(one.join(two))),
            (Ty::Optional(one), Ty::Optional(two)) => Ty::Optional(Box::new(one.join(two))),
            (one, two) if one == two => one.clone(),
            (one, two) if one.kinds() == [Kind::Map] && two.kinds() == [Kind::Map] => Ty::Map,
            _ => return Self::unknown(),
        };
        Self { ty, known: self.known.join(&other.known), facts: self.facts.common(&other.facts) }
    }

    /// "a double", "a string and an int": what messages call it.
    pub(super) fn noun(&self) -> String {
        match &self.ty {
            Ty::Dyn | Ty::Never => "anything".to_owned(),
            Ty::Decimal => "a decimal".to_owned(),
            Ty::Plain(kind) => super::super::sentence::with_article(kind.name()),
            Ty::Object(_) => "an object".to_owned(),
            Ty::List(_) => "a list".to_owned(),
            Ty::Map | Ty::Record(_) => "a map".to_owned(),
            Ty::Optional(_) => "an optional".to_owned(),
        }
    }
}

/// How a function is called, in messages.
pub(super) fn called(name: &str, style: Style) -> String {
    match style {
        Style::Global => format!("`{name}(…)`"),
        Style::Member => format!("`.{name}(…)`"),
    }
}
