//! By cause: a record that left no trace, against the derived events that no audit record names. Where they have a
//! cause in common, the record was routed and its audit record is missing, which was found already; else it is lost.

use super::sources::UNTRACED;
use super::{Damage, Entry, Out, Scope, What};

/// Judges the pile [`super::Pile::Causes`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: u128,
    derived: bool,
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: 0, derived: false }
    }

    /// Takes the next entry: of one cause, what was derived comes first.
    pub fn take(&mut self, entry: &Entry, out: &mut impl Out) {
        if entry.group != self.group {
            (self.group, self.derived) = (entry.group, false);
        }
        if entry.what == What::Unaudited {
            self.derived = true;
        } else if !self.derived {
            out.find(self.scope.topics.finding(Damage::Lost, entry.place, None, UNTRACED.to_owned()));
        }
    }
}
