//! What a view is a view of, and when what it has can no longer be trusted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entry::Stand;
use crate::time::Timestamp;

/// Which topic, of all that may ever have its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The cluster's id; none where it tells none.
    pub(super) cluster: Option<String>,
    pub(super) topic: String,
    /// The topic's id; none where the cluster knows none.
    pub(super) topic_id: Option<String>,
    /// How many partitions it has.
    pub(super) count: i32,
    /// Which of them are followed.
    pub(super) partitions: Vec<i32>,
}

impl Origin {
    /// Why what was read of `self` says nothing of `now`.
    pub(super) fn differs(&self, now: &Self) -> Option<String> {
        let quoted = |id: &Option<String>| id.clone().unwrap_or_else(|| "unknown".to_owned());
        if self.cluster != now.cluster {
            Some(format!("it is of the cluster {}, and this is {}", quoted(&self.cluster), quoted(&now.cluster)))
        } else if self.topic != now.topic {
            Some(format!("it is of the topic {}", self.topic))
        } else if self.topic_id != now.topic_id {
            Some(format!("the topic {} was deleted and made anew", now.topic))
        } else if self.count != now.count {
            Some(format!("the topic had {} partitions, and has {}", self.count, now.count))
        } else if self.partitions != now.partitions {
            Some("it is of other partitions".to_owned())
        } else {
            None
        }
    }
}

/// The ends of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// How long after its writing a tombstone is still there for certain; `None` where we may not see the topic's
/// configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TombstonesStay(pub(super) Option<Duration>);

impl TombstonesStay {
    /// Why reading on is not enough for a view that has everything up to `as_of`: a tombstone may have come and gone.
    pub(super) fn overslept(self, as_of: Option<Timestamp>, now: Timestamp) -> Option<String> {
        let Some(stay) = self.0 else {
            return Some("how long tombstones stay cannot be seen (DescribeConfigs is not allowed)".to_owned());
        };
        let Some(as_of) = as_of else { return Some("it was never read to an end".to_owned()) };
        let slept = u64::try_from(now.millis().saturating_sub(as_of.millis())).unwrap_or(0);
        // Some of the time is left for reading, and for clocks that differ.
        let margin = (stay / 10).min(Duration::from_secs(600));
        (Duration::from_millis(slept) >= stay.saturating_sub(margin))
            .then(|| format!("it was read {slept} ms ago, and the topic keeps tombstones for {} ms", stay.as_millis()))
    }
}

/// Why one cannot read on from where something stands.
pub(super) fn outside(stand: &Stand, ends: &BTreeMap<i32, Ends>) -> Option<String> {
    ends.iter().find_map(|(partition, ends)| match stand.positions.get(partition) {
        None => Some(format!("it has no position in partition {partition}")),
        Some(at) if *at > ends.high => {
            Some(format!("it stands at {at} in partition {partition}, whose log ends at {}", ends.high))
        }
        Some(at) if *at < ends.low => {
            Some(format!("it stands at {at} in partition {partition}, whose log begins at {}", ends.low))
        }
        Some(_) => None,
    })
}
