//! Which dead letters are meant.

use super::Letter;
use crate::catalogue::{Catalogue, TypeName};

/// Which dead letters are meant: those that fit everything that is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of its reasons has this code.
    pub reason: Option<String>,
    /// It stood on one of these topics.
    pub topics: Option<Vec<String>>,
    /// It belongs to this tenant.
    pub tenant: Option<String>,
}

impl Filter {
    /// The topics of an event type: its own, aliases count, and the one that a type of the very name would have, so that
    /// what a type left behind is found that was renamed since, or taken away.
    #[must_use]
    pub fn topics_of(catalogue: &Catalogue, event_type: &str) -> Vec<String> {
        let known = catalogue.resolve(event_type).map(TypeName::id);
        let mut topics: Vec<_> = known.map(|id| catalogue.event_type(id).topic.name.to_string()).into_iter().collect();
        let named = catalogue.prefixed(event_type);
        if !topics.contains(&named) {
            topics.push(named);
        }
        topics
    }

    /// Whether a dead letter is meant.
    #[must_use]
    pub fn means(&self, letter: &Letter) -> bool {
        self.reason.as_ref().is_none_or(|code| letter.reasons.split(',').any(|reason| reason.trim() == code))
            && self.topics.as_ref().is_none_or(|topics| letter.topic.as_ref().is_some_and(|topic| topics.contains(topic)))
            // Last, since it may have to read the value.
            && self.tenant.as_ref().is_none_or(|tenant| letter.tenant().as_ref() == Some(tenant))
    }
}
