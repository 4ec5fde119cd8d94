//! Modules that began to read facts themselves, and those that do not any more.

use std::collections::BTreeMap;

use super::{Change, Comparison, Party};
use crate::catalogue::fields::first;

pub(super) fn compare(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let [before, after] = &comparison.subscribers;
    let mut gone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut came: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    // Whose event type is gone, or new, is told with it.
    for (is, event_type) in comparison.new.iter() {
        let Some(was) = comparison.was.get(&is) else { continue };
        let old = before.get(was).map(Vec::as_slice).unwrap_or_default();
        let new = after.get(&is).map(Vec::as_slice).unwrap_or_default();
        for module in old.iter().filter(|module| !new.contains(module)) {
            gone.entry(*module).or_default().push(&event_type.name);
        }
        for module in new.iter().filter(|module| !old.contains(module)) {
            came.entry(*module).or_default().push(&event_type.name);
        }
    }
    for (module, types) in gone {
        let what = format!("`{module}` does not subscribe to {} any more", first(&types));
        out.push(change(&types, what).breaking([Party::Subscriber(module.to_owned())]));
    }
    for (module, types) in came {
        out.push(change(&types, format!("`{module}` subscribes to {}, and did not", first(&types))));
    }
}

fn change(types: &[&str], what: String) -> Change {
    let event_type = match types {
        [one] => Some((*one).to_owned()),
        _ => None,
    };
    Change { event_type, what, breaks: Vec::new() }
}
