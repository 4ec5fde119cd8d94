//! Which dead letters are meant.

use super::Letter;
use crate::catalogue::{Catalogue, TypeName};

/// Which dead letters are meant: those that fit everything that is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of its reasons has this code.
    pub reason: Option<String>,
    /// It stood on this topic.
    pub topic: Option<String>,
    /// It belongs to this tenant.
    pub tenant: Option<String>,
}

impl Filter {
    /// The topic of an event type; aliases count. Of a type that the catalogue does not have, the topic that it would
    /// have had, so that what it left behind is found.
    #[must_use]
    pub fn topic_of(catalogue: &Catalogue, event_type: &str) -> String {
        let known = catalogue.resolve(event_type).map(TypeName::id);
        known.map_or_else(|| catalogue.prefixed(event_type), |id| catalogue.event_type(id).topic.name.to_string())
    }

    /// Whether a dead letter is meant.
    #[must_use]
    pub fn means(&self, letter: &Letter) -> bool {
        self.reason.as_ref().is_none_or(|code| letter.reasons.split(',').any(|reason| reason.trim() == code))
            && self.topic.as_ref().is_none_or(|topic| letter.topic.as_ref() == Some(topic))
            // Last, since it may have to read the value.
            && self.tenant.as_ref().is_none_or(|tenant| letter.tenant().as_ref() == Some(tenant))
    }
}
