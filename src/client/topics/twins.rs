//! The two topics that need one number of partitions: an entity stands on the partition of its updates.

use std::collections::BTreeMap;

use super::{DesiredTopic, Purpose};
use crate::catalogue::ControlTopic;
use crate::kafka::admin::TopicDescription;

/// The other one of the two, of one of them.
fn twin<'d>(desired: &'d [DesiredTopic], topic: &DesiredTopic) -> Option<&'d DesiredTopic> {
    let other = match topic.purpose {
        Purpose::Control(ControlTopic::State) => ControlTopic::StateUpdates,
        Purpose::Control(ControlTopic::StateUpdates) => ControlTopic::State,
        Purpose::Control(_) | Purpose::Fact | Purpose::Command => return None,
    };
    desired.iter().find(|topic| topic.purpose == Purpose::Control(other))
}

/// How many partitions a topic is created with: those of its twin, where that is there, whatever the catalogue has come
/// to say since.
pub(super) fn partitions(
    desired: &[DesiredTopic],
    actual: &BTreeMap<String, TopicDescription>,
    topic: &DesiredTopic,
) -> u32 {
    let twin = twin(desired, topic).and_then(|twin| actual.get(&twin.name));
    twin.map_or(topic.partitions, |there| there.partitions)
}

/// What is wrong where both are there, and differ. Neither may ever grow, so no plan mends it.
pub(super) fn uneven(desired: &[DesiredTopic], actual: &BTreeMap<String, TopicDescription>) -> Option<String> {
    let entities = desired.iter().find(|topic| topic.purpose == Purpose::Control(ControlTopic::State))?;
    let updates = twin(desired, entities)?;
    let [of_entities, of_updates] = [entities, updates].map(|topic| actual.get(&topic.name));
    let (of_entities, of_updates) = (of_entities?.partitions, of_updates?.partitions);
    (of_entities != of_updates).then(|| {
        format!(
            "{} has {of_entities} partitions and {} has {of_updates}: they need the same number, since an entity stands \
             on the partition of its updates; delete the one that is wrong, if it is empty, and plan again",
            entities.name, updates.name
        )
    })
}
