//! What a reader of committed records must have seen in the end.

use std::collections::{BTreeMap, BTreeSet};

use super::routing;
use super::{Decided, RECORDS, World};

/// The first violation, if there is any.
pub(super) fn judge(world: &World) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let mut last = BTreeMap::new();
    for Decided { partition, offset, outcome, .. } in &world.visible {
        if !seen.insert((*partition, *offset)) {
            return Err(format!("EO-2: {partition:?} {offset} is visible twice"));
        }
        if last.insert(*partition, *offset).is_some_and(|before| before > *offset) {
            return Err(format!("{partition:?} {offset} is out of order"));
        }
        let first = (*partition, routing::event(*offset));
        let expected = match (*partition, *offset) {
            poison if poison == world.poison => "failed",
            // What became a dead letter is not remembered.
            repeated if repeated != first && first != world.poison => "duplicate",
            _ => "routed",
        };
        if *outcome != expected {
            return Err(format!("{partition:?} {offset} was {outcome}, not {expected}"));
        }
    }
    if seen.len() == 2 * usize::try_from(RECORDS).unwrap() {
        Ok(())
    } else {
        Err(format!("EO-1: {} of 80 are visible", seen.len()))
    }
}
