//! What a view follows, and where it keeps what it has read.

use std::path::PathBuf;

use crate::kafka::config::KafkaSettings;

/// How a view is opened.
#[derive(Debug, Clone)]
pub struct ViewOptions {
    /// How to reach the cluster.
    pub settings: KafkaSettings,
    /// The state topic, with its prefix.
    pub topic: String,
    /// Which of its partitions are followed; `None`: all of them.
    pub partitions: Option<Vec<i32>>,
    /// Where what was read is kept.
    pub store: Store,
}

/// Where a view keeps what it has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In memory: each start reads the whole topic.
    Memory,
    /// In a file in this folder (`--state-dir`), which belongs to one view at a time: a start reads what is new.
    Folder(PathBuf),
}
