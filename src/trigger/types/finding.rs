//! What can be wrong with an expression that parses.

/// One thing that is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is.
    pub(crate) kind: FindingKind,
    /// Where in the expression's text it stands, in characters from 0, where known.
    pub(crate) at: Option<usize>,
    /// One sentence: lower case, no full stop.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindingKind {
    /// A field that is not declared.
    UnknownField,
    /// An operator or a function is given what it does not work on.
    Operands,
    /// It works on one way of writing a value, and not on the other.
    Loose,
    /// An optional field without a guard.
    Unguarded,
    /// It fails on some events, though they keep their contracts.
    MayFail,
    /// A field of `metadata` that is nearly one that the bus knows.
    Misspelt,
    /// A field of `metadata` that the bus does not know.
    Foreign,
    /// A field of a state where there may be none, without a guard.
    Lacking,
    /// A comparison that never holds.
    NeverHolds,
    /// A comparison that always holds.
    AlwaysHolds,
    /// A condition that is no boolean.
    NotBoolean,
    /// A condition of a trigger that never holds.
    NeverFires,
    /// A condition of an emission that never holds.
    NeverEmits,
    /// A condition that always holds.
    AlwaysFires,
    /// A value that its field does not take.
    Unfit,
    /// A value that its field may not take.
    MayNotFit,
}

impl FindingKind {
    /// Whether it says that something is not there.
    pub(super) const fn is_of_fields(self) -> bool {
        matches!(self, Self::UnknownField | Self::Unguarded | Self::Lacking)
    }
}

impl Finding {
    /// Whether it says already why a whole condition always answers alike.
    pub(super) const fn decides(&self) -> bool {
        !matches!(
            self.kind,
            FindingKind::Loose
                | FindingKind::Unguarded
                | FindingKind::Lacking
                | FindingKind::MayNotFit
                | FindingKind::MayFail
                | FindingKind::Misspelt
                | FindingKind::Foreign
        )
    }

    /// Adds what to do about it.
    pub(super) fn help(&mut self, help: impl Into<Option<String>>) {
        if let Some(help) = help.into() {
            self.help = Some(help);
        }
    }
}
