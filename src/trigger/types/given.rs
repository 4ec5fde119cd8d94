//! Types of values, and what else is known of them.

use super::super::functions::Style;
use super::facts::Facts;
use super::kinds::{Kind, Kinds};
use super::known::{Known, Range};
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
    /// One of some kinds: what branches of different types give.
    Mixed(Kinds),
    /// A list of such elements.
    List(Box<Given<'c>>),
    /// A map of anything, whose keys are of some kinds.
    Map(Kinds),
    /// An object of declared and other fields.
    Object(&'c Contract),
    /// A map that the expression itself writes, with the places of its values in the tree.
    Record(Vec<(String, Given<'c>)>),
    /// Such a value, or nothing.
    Optional(Box<Given<'c>>),
}

impl<'c> Ty<'c> {
    /// The kinds that the evaluator may meet; all of them where that depends on the event.
    pub(super) fn kinds(&self) -> Kinds {
        match self {
            Self::Dyn | Self::Never => Kinds::ALL,
            Self::Mixed(kinds) => *kinds,
            Self::Plain(kind) => Kinds::of(*kind),
            Self::Decimal => Kinds::of(Kind::String).and(Kinds::of(Kind::Double)),
            Self::List(_) => Kinds::of(Kind::List),
            Self::Map(_) | Self::Object(_) | Self::Record(_) => Kinds::of(Kind::Map),
            Self::Optional(_) => Kinds::of(Kind::Optional),
        }
    }

    /// The kinds of the keys of a map.
    pub(super) fn keys(&self) -> Kinds {
        match self {
            Self::Map(keys) => *keys,
            Self::Object(_) | Self::Record(_) => Kinds::of(Kind::String),
            Self::Dyn
            | Self::Never
            | Self::Plain(_)
            | Self::Decimal
            | Self::Mixed(_)
            | Self::List(_)
            | Self::Optional(_) => Kinds::NONE,
        }
    }

    /// Whether the event decides which kind it is, though not among all.
    pub(super) const fn is_mixed(&self) -> bool {
        matches!(self, Self::Decimal | Self::Mixed(_))
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

    /// The size of something.
    pub(super) const fn size() -> Self {
        Self::new(Ty::Plain(Kind::Int), Known::Range(Range { min: 0.0, digits: Some(0), ..Range::ALL }))
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
            Kind::Map => Self::new(Ty::Map(Kinds::ALL), Known::Nothing),
            Kind::Optional => Self::optional(Self::unknown()),
            Kind::Null
            | Kind::Bool
            | Kind::Int
            | Kind::Uint
            | Kind::Double
            | Kind::String
            | Kind::Bytes
            | Kind::Timestamp
            | Kind::Duration
            | Kind::Type => Self::plain(kind),
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
            Type::Object(None) => Ty::Map(Kinds::of(Kind::String)),
            Type::Object(Some(contract)) => Ty::Object(contract),
        };
        Self::new(sort, Known::of(ty))
    }

    /// What holds for either of two values.
    pub(super) fn join(&self, other: &Self) -> Self {
        let ty = match (&self.ty, &other.ty) {
            (Ty::Never, _) => return other.clone(),
            (_, Ty::Never) => return self.clone(),
            (Ty::List(one), Ty::List(two)) => Ty::List(Box::new(one.join(two))),
            (Ty::Optional(one), Ty::Optional(two)) => Ty::Optional(Box::new(one.join(two))),
            (one, two) if one == two => one.clone(),
            (Ty::Dyn, _) | (_, Ty::Dyn) => return Self::unknown(),
            (Ty::Decimal, Ty::Plain(Kind::String | Kind::Double))
            | (Ty::Plain(Kind::String | Kind::Double), Ty::Decimal) => {
                return Self::new(Ty::Decimal, Known::Nothing);
            }
            (one, two) if one.kinds() == Kinds::of(Kind::Map) && two.kinds() == one.kinds() => {
                Ty::Map(one.keys().and(two.keys()))
            }
            (one, two) => return Self::new(Ty::Mixed(one.kinds().and(two.kinds())), Known::Nothing),
        };
        Self { ty, known: self.known.join(&other.known), facts: self.facts.common(&other.facts) }
    }

    /// "a double", "a string and an int": what messages call it.
    pub(super) fn noun(&self) -> String {
        match &self.ty {
            Ty::Dyn | Ty::Never => "anything".to_owned(),
            Ty::Decimal => "a decimal".to_owned(),
            Ty::Mixed(kinds) => {
                let nouns: Vec<String> = kinds.iter().map(|kind| Self::of_kind(kind).noun()).collect();
                super::words::list_of(&nouns).replace(" and ", " or ")
            }
            Ty::Plain(Kind::Bytes) => "bytes".to_owned(),
            Ty::Plain(kind) => super::super::sentence::with_article(kind.name()),
            Ty::Object(_) => "an object".to_owned(),
            Ty::List(_) => "a list".to_owned(),
            Ty::Map(_) | Ty::Record(_) => "a map".to_owned(),
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
