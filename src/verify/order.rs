//! By key: derived events stand in the order of their source records, as far as those come from one partition.
//! What is there more than once, or was derived from a fact that was sent again, has no one place in an order.

use super::{Damage, Entry, Out, Place, Scope};

/// Judges the pile [`super::Pile::Order`].
#[derive(Debug)]
pub struct Judge<'a> {
    scope: &'a Scope,
    group: u128,
    newest: Option<Place>,
}

impl<'a> Judge<'a> {
    /// A judge of an empty pile.
    #[must_use]
    pub const fn new(scope: &'a Scope) -> Self {
        Self { scope, group: 0, newest: None }
    }

    /// Takes the next entry: they come in the order in which the events stand.
    pub fn take(&mut self, event: &Entry, out: &mut impl Out) {
        if event.group != self.group {
            (self.group, self.newest) = (event.group, None);
        }
        match self.newest {
            Some(newest) if event.source.offset < newest.offset => {
                if event.time < self.scope.since {
                    return;
                }
                let topics = &self.scope.topics;
                let (source, before) = (topics.place(event.source), topics.place(newest));
                let sentence = format!("of {source}, stands behind what came of {before} under the same key");
                out.find(topics.finding(Damage::OutOfOrder, event.place, None, sentence));
            }
            Some(_) | None => self.newest = Some(event.source),
        }
    }
}
