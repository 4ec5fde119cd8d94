//! What a reader of committed records must have seen in the end.

use std::collections::{BTreeMap, BTreeSet};

use super::routing;
use super::updates::Model;
use super::{Bus, Decided, Member, RECORDS};

/// The first violation, if there is any.
pub(super) fn judge(bus: &Bus, members: &[Member]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let (mut last, mut model) = (BTreeMap::new(), Model::default());
    for Decided { partition, offset, outcome, told, .. } in &bus.visible {
        if !seen.insert((*partition, *offset)) {
            return Err(format!("EO-2: {partition:?} {offset} is visible twice"));
        }
        if last.insert(*partition, *offset).is_some_and(|before| before > *offset) {
            return Err(format!("{partition:?} {offset} is out of order"));
        }
        if let Some(told) = told {
            model.take(*offset, told, (*partition, *offset) == bus.poison)?;
            continue;
        }
        let first = (*partition, routing::event(*offset));
        let expected = match (*partition, *offset) {
            poison if poison == bus.poison => "failed",
            // What became a dead letter is not remembered.
            repeated if repeated != first && first != bus.poison => "duplicate",
            _ => "routed",
        };
        if *outcome != expected {
            return Err(format!("{partition:?} {offset} was {outcome}, not {expected}"));
        }
    }
    if seen.len() != 3 * usize::try_from(RECORDS).unwrap() {
        return Err(format!("EO-1: {} of 120 are visible", seen.len()));
    }
    members.iter().filter_map(|member| member.held(bus)).try_for_each(|entities| model.equals(entities))
}
