//! From patterns to topics.

use crate::catalogue::{Catalogue, ControlTopic};
use crate::diagnostic::did_you_mean;
use crate::ids::TypeId;

/// What a topic holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Events of one type.
    Events(TypeId),
    /// Records of the bus itself.
    Control(ControlTopic),
}

/// A topic to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its full name.
    pub topic: String,
    /// What it holds.
    pub holds: Watched,
}

/// The topics that patterns mean: names of event types, aliases too, `module.*`, `*.name`, `*.*`, the names of control
/// topics, with or without `revbus.`, and `all`. In the catalogue's order, each once.
///
/// # Errors
/// A pattern that means nothing.
pub fn select(catalogue: &Catalogue, patterns: &[String]) -> Result<Vec<Selected>, String> {
    let mut wanted = Vec::new();
    for pattern in patterns {
        let found: Vec<_> = all(catalogue).filter(|topic| means(catalogue, pattern, topic)).collect();
        if found.is_empty() {
            return Err(unknown(catalogue, pattern));
        }
        wanted.extend(found);
    }
    Ok(all(catalogue).filter(|topic| wanted.contains(topic)).collect())
}

/// Every topic. No event type has that name, for it has no dot.
const ALL: &str = "all";

fn all(catalogue: &Catalogue) -> impl Iterator<Item = Selected> {
    let events = catalogue
        .iter()
        .map(|(id, event_type)| Selected { topic: event_type.topic.name.to_string(), holds: Watched::Events(id) });
    let control = ControlTopic::ALL
        .into_iter()
        .map(|control| Selected { topic: catalogue.prefixed(control.name()), holds: Watched::Control(control) });
    events.chain(control)
}

fn means(catalogue: &Catalogue, pattern: &str, topic: &Selected) -> bool {
    match topic.holds {
        _ if pattern == ALL => true,
        Watched::Events(id) => {
            let event_type = catalogue.event_type(id);
            let exact = catalogue.resolve(pattern).is_some_and(|name| name.id() == id);
            let parts = pattern.split_once('.').zip(event_type.name.split_once('.'));
            let one = |pattern: &str, part: &str| pattern == "*" || pattern == part;
            let wild = pattern.contains('*');
            exact || wild && parts.is_some_and(|((a, b), (module, name))| one(a, module) && one(b, name))
        }
        Watched::Control(control) => {
            let name = control.name();
            pattern == name || name.strip_prefix("revbus.") == Some(pattern)
        }
    }
}

fn unknown(catalogue: &Catalogue, pattern: &str) -> String {
    let words = ControlTopic::ALL.map(|control| control.name().trim_start_matches("revbus."));
    let names = catalogue.names.keys().map(|name| &**name).chain(words);
    let meant = did_you_mean(pattern, names);
    format!("`{pattern}` is no event type, pattern or control topic of the catalogue{meant}")
}
