//! The types that the evaluator tells apart, and sets of them.

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

/// Whether something works on what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Works {
    /// On none of the kinds that it may be.
    No,
    /// On some of few: the event decides.
    Maybe,
    /// On all; or the kind is not known.
    Yes,
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Self = Self(0);

    pub(super) const ALL: Self = Self((1 << Kind::ALL.len()) - 1);

    pub(super) const fn of(kind: Kind) -> Self {
        Self(1 << kind as u16)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }

    pub(super) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The one kind that is in it.
    pub(super) fn single(self) -> Option<Kind> {
        self.iter().next().filter(|kind| self == Self::of(*kind))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}
