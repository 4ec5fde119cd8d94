//! Carrying a plan out.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::{Change, Plan};
use crate::kafka::admin::{Admin, TopicToCreate};
use crate::kafka::trouble::{Trouble, TroubleKind};

/// How often we look whether new topics are there, and how often at most.
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
        let created = admin.create(&new).and_then(|()| visible(admin, &new).map_err(|trouble| vec![trouble]));
        troubles.extend(created.err().into_iter().flatten());
    }
    for change in &plan.changes {
        if let Change::Grow { topic, to, .. } = change {
            troubles.extend(admin.grow(topic, *to).err());
        }
    }
    for (topic, entries) in configs {
        troubles.extend(admin.configure(topic, &entries).err());
    }
    if troubles.is_empty() { Ok(()) } else { Err(troubles) }
}

/// Waits until brokers name the new topics: what is started next shall find them.
fn visible(admin: &Admin, new: &[TopicToCreate]) -> Result<(), Trouble> {
    let (pause, looks) = LOOK;
    for _ in 0..looks {
        let there = admin.topics()?;
        if new.iter().all(|topic| there.contains_key(&topic.name)) {
            return Ok(());
        }
        thread::sleep(pause);
    }
    let sentence = "the new topics were created, but brokers do not name them yet".to_owned();
    Err(Trouble { kind: TroubleKind::Unreachable, sentence })
}
