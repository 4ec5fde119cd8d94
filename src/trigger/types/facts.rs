//! What the expression around a place has made sure of: which fields are there, and what they can still be.

use std::sync::Arc;

use super::given::Given;
use super::known::{Known, Range};
use crate::schema::Field;

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

    /// Only which fields are there.
    pub(super) fn presence(self) -> Self {
        Self(self.0.into_iter().filter(|fact| fact.says == Says::Present).collect())
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
        self.0.iter().any(|fact| {
            fact.path.first().is_some_and(|first| **first == *name)
                && (fact.path.len() > 1 || fact.says == Says::Present)
        })
    }

    /// What is said of a field itself.
    pub(super) fn narrow(&self, name: &str, known: Known) -> Known {
        let own = self.0.iter().filter(|fact| fact.path.len() == 1 && *fact.path[0] == *name);
        own.fold(known, |known, fact| match (known, &fact.says) {
            (Known::Range(range), Says::Within { range: other, .. }) => Known::Range(range.narrowed(*other)),
            (Known::Words(words), Says::OneOf(some)) => Known::Words(kept(words, |word| some.contains(word))),
            (Known::Words(words), Says::NoneOf(not)) => Known::Words(kept(words, |word| !not.contains(word))),
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
