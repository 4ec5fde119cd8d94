//! Carrying a plan out.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::{Change, Plan};
use crate::kafka::admin::{Admin, TopicToCreate};
use crate::kafka::trouble::{Trouble, TroubleKind};

/// How often we look whether topics are as they were made, and how often at most.
const LOOK: (Duration, u32) = (Duration::from_millis(100), 100);

/// Does what the plan says: creates all topics at once, then grows, then configures. Goes on behind a failure, since
/// the next call of it does what is left.
///
/// # Errors
/// Everything that failed.
pub fn apply(admin: &Admin, plan: &Plan) -> Result<(), Vec<Trouble>> {
    let mut troubles = Vec::new();
    let (mut new, mut configs) = (Vec::new(), BTreeMap::<&str, Vec<(String, String)>>::new());
    for change in &plan.changes {
        match change {
            Change::Create { topic, partitions, replication_factor, config, holds: _ } => new.push(TopicToCreate {
                name: topic.clone(),
                partitions: *partitions,
                replication_factor: *replication_factor,
                config: config.clone(),
            }),
            Change::Configure { topic, key, to, .. } => {
                configs.entry(topic).or_default().push((key.clone(), to.clone()));
            }
            Change::Grow { .. } => {}
        }
    }
    if !new.is_empty() {
        troubles.extend(admin.create(&new).err().into_iter().flatten());
    }
    for change in &plan.changes {
        if let Change::Grow { topic, to, .. } = change {
            troubles.extend(admin.grow(topic, *to).err());
        }
    }
    for (topic, entries) in configs {
        troubles.extend(admin.configure(topic, &entries).err());
    }
    if troubles.is_empty() { visible(admin, plan).map_err(|trouble| vec![trouble]) } else { Err(troubles) }
}

/// Waits until brokers say so too: what is started next, or applied again, shall find it.
fn visible(admin: &Admin, plan: &Plan) -> Result<(), Trouble> {
    let width = |change: &Change| match change {
        Change::Create { topic, partitions, .. } => Some((topic.clone(), *partitions)),
        Change::Grow { topic, to, .. } => Some((topic.clone(), *to)),
        Change::Configure { .. } => None,
    };
    let widths: Vec<_> = plan.changes.iter().filter_map(width).collect();
    if widths.is_empty() {
        return Ok(());
    }
    let (pause, looks) = LOOK;
    for _ in 0..looks {
        let there = admin.topics()?;
        if widths.iter().all(|(topic, width)| there.get(topic).is_some_and(|found| found.partitions >= *width)) {
            return Ok(());
        }
        thread::sleep(pause);
    }
    let sentence = "the topics were created or grown, but brokers do not say so yet".to_owned();
    Err(Trouble { kind: TroubleKind::Unreachable, sentence })
}
