//! What the expression around a place has made sure of: which fields are there, and what they can still be.

use std::sync::Arc;

use super::given::Given;
use super::known::{Known, Range};
use crate::schema::Field;

/// The step to the size of a list or a text, in the path of a fact.
pub(super) const SIZE: &str = "[size]";

/// Facts about values by their paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts(Vec<Fact>);

/// One fact about the value at a path. That it has one says that it is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    /// Names of fields, and `[0]` for places in lists; in a scope, a variable stands first.
    pub(super) path: Vec<Arc<str>>,
    pub(super) says: Says,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is this boolean.
    Is(bool),
    /// It is a number in this range; where `open`, without the end of it.
    Within { range: Range, open: bool },
    /// It is a number, and not this one.
    Not(f64),
    /// It is one of these strings.
    OneOf(Vec<Arc<str>>),
    /// It is none of these strings.
    NoneOf(Vec<Arc<str>>),
    /// A function of its text answers so.
    Text { asks: Asks, with: Arc<str>, truth: bool },
}

/// A function that asks something of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Begins,
    Ends,
    Contains,
    /// It matches a pattern.
    Matches,
}

impl Asks {
    /// What the function of this name asks.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "startsWith" => Some(Self::Begins),
            "endsWith" => Some(Self::Ends),
            "contains" => Some(Self::Contains),
            "matches" => Some(Self::Matches),
            _ => None,
        }
    }

    /// Whether it asks for a pattern.
    pub(super) const fn is_pattern(self) -> bool {
        matches!(self, Self::Matches)
    }

    /// The answer for a text; none for a pattern, which is not read here.
    pub(super) fn answer(self, text: &str, with: &str) -> Option<bool> {
        match self {
            Self::Begins => Some(text.starts_with(with)),
            Self::Ends => Some(text.ends_with(with)),
            Self::Contains => Some(text.contains(with)),
            Self::Matches => None,
        }
    }
}

impl Says {
    /// Whether a text can be what this says.
    pub(super) fn takes(&self, word: &Arc<str>) -> bool {
        match self {
            Self::OneOf(some) => some.contains(word),
            Self::NoneOf(none) => !none.contains(word),
            Self::Text { asks, with, truth } => asks.answer(word, with).is_none_or(|answer| answer == *truth),
            Self::Present | Self::Absent | Self::Is(_) | Self::Within { .. } | Self::Not(_) => true,
        }
    }
}

impl Fact {
    /// Whether it says what others count on: which fields are there, how long lists are, that a text is like a pattern.
    fn prevents_failure(&self) -> bool {
        let is_like = matches!(&self.says, Says::Text { asks, truth: true, .. } if asks.is_pattern());
        is_like || self.says == Says::Present || self.path.last().is_some_and(|last| **last == *SIZE)
    }

    /// Whether it says that the value is there, for whatever stands beside it in a chain. What merely asks something of
    /// the value fails where it is absent, as that does.
    pub(super) fn is_of_presence(&self) -> bool {
        !matches!(self.says, Says::Text { .. } | Says::Absent) && self.path.last().is_none_or(|last| **last != *SIZE)
    }
}

impl Facts {
    pub(super) const NONE: Self = Self(Vec::new());

    pub(super) fn one(path: Vec<Arc<str>>, says: Says) -> Self {
        Self(vec![Fact { path, says }])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }

    /// Both hold.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// One of them holds: what both say.
    pub(super) fn common(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|fact| other.0.contains(fact)).cloned().collect())
    }

    /// Only what keeps the other side of a chain from failing.
    pub(super) fn presence(self) -> Self {
        Self(self.0.into_iter().filter(Fact::prevents_failure).collect())
    }

    /// Those about a variable, without its name.
    pub(super) fn about<'f>(facts: impl Iterator<Item = &'f Fact>, name: &str) -> Self {
        let rest = |fact: &Fact| {
            let (first, rest) = fact.path.split_first()?;
            (**first == *name && !rest.is_empty()).then(|| Fact { path: rest.to_vec(), says: fact.says.clone() })
        };
        Self(facts.filter_map(rest).collect())
    }

    /// Whether a field, or something in it, is known to be there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().filter(|fact| fact.is_of_presence()).any(|fact| {
            fact.path.first().is_some_and(|first| **first == *name)
                && (fact.path.len() > 1 || fact.says == Says::Present)
        })
    }

    /// What is said of a field itself.
    pub(super) fn narrow(&self, name: &str, known: Known) -> Known {
        let own = self.0.iter().filter(|fact| fact.path.len() == 1 && *fact.path[0] == *name);
        own.fold(known, |known, fact| match (known, &fact.says) {
            (Known::Range(range), Says::Within { range: other, .. }) => Known::Range(range.narrowed(*other)),
            (Known::Words(words), says) => Known::Words(kept(words, |word| says.takes(word))),
            (Known::Nothing, Says::OneOf(some)) => Known::Words(some.clone()),
            (known, _) => known,
        })
    }

    /// Whether a top-level field is made sure of, for what passes without an expression.
    pub(crate) fn has_data(&self, name: &str) -> bool {
        Self::about(self.0.iter(), "data").has(name)
    }

    /// A top-level field as it passes without an expression.
    pub(crate) fn data_field<'c>(&self, field: &'c Field) -> Given<'c> {
        Self::about(self.0.iter(), "data").field(field)
    }

    /// A field with what is said of it here.
    pub(super) fn field<'c>(&self, field: &'c Field) -> Given<'c> {
        let declared = Given::declared(&field.ty);
        let known = self.narrow(&field.name, declared.known);
        Given { known, facts: Self::about(self.0.iter(), &field.name), ..declared }
    }
}

/// The words that are left; a contradiction leaves them all.
fn kept(words: Vec<Arc<str>>, keep: impl Fn(&Arc<str>) -> bool) -> Vec<Arc<str>> {
    let left: Vec<_> = words.iter().filter(|word| keep(word)).cloned().collect();
    if left.is_empty() { words } else { left }
}
