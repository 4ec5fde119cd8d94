//! Carrying a plan out.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::{Change, Plan};
use crate::kafka::admin::{Admin, Descriptions, TopicToCreate};
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

/// Waits until brokers say so too: what is started next, reloads, or is applied again, shall find it.
fn visible(admin: &Admin, plan: &Plan) -> Result<(), Trouble> {
    let changed: Vec<_> = plan.changes.iter().map(Change::topic).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let ((pause, looks), mut untold) = (LOOK, Vec::new());
    for _ in 0..looks {
        let there = admin.describe_visible(&changed)?.0;
        untold = plan.changes.iter().filter(|change| !is_told(change, &there)).collect();
        if untold.is_empty() {
            return Ok(());
        }
        thread::sleep(pause);
    }
    // A value that the broker writes another way looks as it did before, and was set all the same.
    if untold.iter().all(|change| matches!(change, Change::Configure { .. })) {
        return Ok(());
    }
    let sentence = "the topics were created or grown, but brokers do not say so yet".to_owned();
    Err(Trouble { kind: TroubleKind::Unreachable, sentence })
}

/// Whether brokers tell of a change.
fn is_told(change: &Change, there: &Descriptions) -> bool {
    there.get(change.topic()).is_some_and(|found| match change {
        Change::Create { partitions: width, .. } | Change::Grow { to: width, .. } => found.partitions >= *width,
        Change::Configure { key, from, .. } => found.config.get(key).map(|now| &now.value) != from.as_ref(),
    })
}
