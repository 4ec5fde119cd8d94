//! Why a view cannot answer.

use std::path::PathBuf;
use std::time::Duration;

use super::Progress;
use crate::kafka::trouble::Trouble;
use crate::state::{KeyFault, NewerState};

/// Why a view cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// The cluster cannot be reached, does not let us read, or has no such topic.
    #[error(transparent)]
    Kafka(#[from] Trouble),
    /// What was asked for names no entity.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The view has not yet read what was there when it began, so it cannot say what is not there.
    #[error("the state is still being read: {0}")]
    Restoring(Progress),
    /// Not within the time.
    #[error("the view has not caught up with {key} within {within:?}")]
    Deadline {
        /// The entity.
        key: String,
        /// The time that was given.
        within: Duration,
    },
    /// The folder belongs to another process.
    #[error("another process owns {}: give each its own folder, or end that one", .0.display())]
    Owned(PathBuf),
    /// The folder cannot be used.
    #[error("cannot keep state in {}: {why}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        why: String,
    },
    /// There is no room left for the file.
    #[error(
        "no room is left in {} for state ({written} bytes are there): free some, or name another folder", .folder.display()
    )]
    Full {
        /// The folder.
        folder: PathBuf,
        /// How large the file is.
        written: u64,
    },
    /// A value of the topic cannot be read.
    #[error("{key}: {fault}")]
    Value {
        /// The entity.
        key: String,
        /// What is wrong with its value.
        fault: NewerState,
    },
    /// The view has ended, and does not know why.
    #[error("the view has stopped: open it again")]
    Stopped,
}
