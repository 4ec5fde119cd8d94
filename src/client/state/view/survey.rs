//! What is asked of the cluster before a view reads.

use std::collections::BTreeMap;
use std::time::Duration;

use super::options::ViewOptions;
use super::origin::{Ends, Origin, TombstonesStay};
use crate::kafka::admin::Admin;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::time::Timestamp;

/// How long each answer may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// Kafka's key of how long tombstones stay.
const TOMBSTONES: &str = "delete.retention.ms";

/// The cluster's answers.
pub(super) struct Survey {
    pub(super) origin: Origin,
    /// What the high watermarks were, for a client that reads uncommitted: a committed one would miss what is being
    /// committed just now (KAFKA-10167).
    pub(super) ends: BTreeMap<i32, Ends>,
    pub(super) stay: TombstonesStay,
    /// A moment before the ends were asked for.
    pub(super) at: Timestamp,
}

impl Survey {
    /// Asks.
    pub(super) fn take(options: &ViewOptions, watermarks: &Watermarks) -> Result<Self, Trouble> {
        let stay = TombstonesStay(tombstones(options)?);
        let origin = origin(options, watermarks)?;
        let at = Timestamp::now();
        let mut ends = BTreeMap::new();
        for partition in &origin.partitions {
            let (low, high) = watermarks.of_new(&(origin.topic.clone(), *partition), TIMEOUT)?;
            ends.insert(*partition, Ends { low: low.0, high: high.0 });
        }
        Ok(Self { origin, ends, stay, at })
    }

    /// The logs' starts.
    pub(super) fn starts(&self) -> BTreeMap<i32, i64> {
        self.ends.iter().map(|(partition, ends)| (*partition, ends.low)).collect()
    }

    /// The logs' ends.
    pub(super) fn highs(&self) -> BTreeMap<i32, i64> {
        self.ends.iter().map(|(partition, ends)| (*partition, ends.high)).collect()
    }
}

/// Which topic has the name now.
pub(super) fn origin(options: &ViewOptions, watermarks: &Watermarks) -> Result<Origin, Trouble> {
    let topic = &options.topic;
    let count = watermarks.partitions(topic, TIMEOUT)?;
    if count == 0 {
        let sentence = format!("the topic {topic} is not there: `revbus topics apply` makes it");
        return Err(Trouble { kind: TroubleKind::TopicMissing, sentence });
    }
    let mut partitions = options.partitions.clone().unwrap_or_else(|| (0..count).collect());
    partitions.sort_unstable();
    partitions.dedup();
    if let Some(none) = partitions.iter().find(|partition| !(0..count).contains(*partition)) {
        let sentence = format!("the topic {topic} has no partition {none}: it has {count}");
        return Err(Trouble { kind: TroubleKind::TopicMissing, sentence });
    }
    let topic_id = match watermarks.topic_ids(&[topic], TIMEOUT) {
        Ok(ids) => ids.into_iter().next().map(|(_, id)| id.as_str().to_owned()),
        Err(trouble) if trouble.kind == TroubleKind::Unreachable => return Err(trouble),
        Err(trouble) => {
            tracing::debug!(%trouble, topic, "a topic that is made anew is noticed by its positions only");
            None
        }
    };
    let cluster = watermarks.cluster_id(TIMEOUT);
    Ok(Origin { cluster, topic: topic.clone(), topic_id, count, partitions })
}

fn tombstones(options: &ViewOptions) -> Result<Option<Duration>, Trouble> {
    // The first question: this client says why, where nobody answers.
    let admin = Admin::connect(&options.settings, TIMEOUT)?;
    match admin.describe(&[&options.topic]) {
        Ok(topics) => {
            let value = topics.get(&options.topic).and_then(|topic| topic.config.get(TOMBSTONES));
            Ok(value.and_then(|value| value.value.parse().ok()).map(Duration::from_millis))
        }
        Err(trouble) if trouble.kind == TroubleKind::Unreachable => Err(trouble),
        Err(trouble) => {
            tracing::debug!(%trouble, "how long tombstones stay cannot be seen");
            Ok(None)
        }
    }
}
