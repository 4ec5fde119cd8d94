//! What expressions are about, and which variables this gives them.

/// What an expression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The state of an entity, which is there as `data`, and nothing else is.
    State,
    /// An event, which is there as `data`, `event` and `metadata`.
    Event,
    /// A change of an entity's state: `old` and `new` are its states, `entity` says which entity it is, and `event` and
    /// `metadata` are those of the update.
    Change,
}

impl Subject {
    /// The variables that its expressions may name.
    pub(super) const fn variables(self) -> &'static [Variable] {
        match self {
            Self::State => &[Variable::Data],
            Self::Event => &[Variable::Data, Variable::Event, Variable::Metadata],
            Self::Change => &[Variable::Old, Variable::New, Variable::Entity, Variable::Event, Variable::Metadata],
        }
    }

    /// The variable of this name.
    pub(super) fn variable(self, name: &str) -> Option<Variable> {
        self.variables().iter().copied().find(|variable| variable.name() == name)
    }
}

/// A variable of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    Data,
    Old,
    New,
    Entity,
    Event,
    Metadata,
}

impl Variable {
    const ALL: [Self; 6] = [Self::Data, Self::Old, Self::New, Self::Entity, Self::Event, Self::Metadata];

    /// The variable of this name, whatever the expression is about.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.name() == name)
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Old => "old",
            Self::New => "new",
            Self::Entity => "entity",
            Self::Event => "event",
            Self::Metadata => "metadata",
        }
    }
}

/// Which variables an expression names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Variables(u8);

impl Variables {
    /// Adds one.
    pub(super) const fn insert(&mut self, variable: Variable) {
        self.0 |= 1 << variable as u8;
    }

    /// Those that are named.
    pub(super) fn iter(self) -> impl Iterator<Item = Variable> {
        Variable::ALL.into_iter().filter(move |variable| self.0 & (1 << *variable as u8) != 0)
    }
}
