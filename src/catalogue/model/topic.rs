//! Topics: those of event types, and those of the bus itself.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How the topic of an event type is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its full name: the event type behind the prefix.
    pub name: Arc<str>,
    /// Default 6.
    pub partitions: u32,
    /// Default 1.
    pub replication_factor: u16,
    /// Left to the broker where absent.
    pub min_insync_replicas: Option<u16>,
    /// `None` keeps records for ever. Default 7 days.
    pub retention: Option<std::time::Duration>,
    /// Passed to the topic as it is; wins over what we would set.
    pub config: BTreeMap<String, String>,
}

/// The control topics: all behind the prefix and `revbus.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ControlTopic {
    /// Records that could not be routed, as they were.
    DeadLetters,
    /// One record for each decision.
    Audit,
    /// The state of every entity; compacted.
    State,
    /// Requests to change state.
    StateUpdates,
    /// Requests from modules to modules.
    Requests,
    /// Their replies.
    Replies,
    /// Requests to run workflows.
    Workflows,
    /// The state of every workflow instance; compacted.
    WorkflowState,
    /// Which dead letters were sent back; written by `revbus dlq replay` alone.
    Replays,
}

impl ControlTopic {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::DeadLetters,
        Self::Audit,
        Self::State,
        Self::StateUpdates,
        Self::Requests,
        Self::Replies,
        Self::Workflows,
        Self::WorkflowState,
        Self::Replays,
    ];

    /// The name, without the catalogue's prefix.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeadLetters => "revbus.dead_letters",
            Self::Audit => "revbus.audit",
            Self::State => "revbus.state",
            Self::StateUpdates => "revbus.state_updates",
            Self::Requests => "revbus.requests",
            Self::Replies => "revbus.replies",
            Self::Workflows => "revbus.workflows",
            Self::WorkflowState => "revbus.workflow_state",
            Self::Replays => "revbus.replays",
        }
    }

    /// Whether only the newest record of each key is kept.
    #[must_use]
    pub const fn compacted(self) -> bool {
        matches!(self, Self::State | Self::WorkflowState)
    }
}
