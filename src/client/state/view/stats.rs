//! What a view says of itself.

use std::fmt;
use std::time::Duration;

/// How far a view has come with reading what was there when it began, in offsets: what compaction took away counts too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Read.
    pub read: u64,
    /// To read.
    pub of: u64,
}

impl Progress {
    /// Whether all is read.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.read >= self.of
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} records", self.read, self.of)
    }
}

/// What a view holds, and how far behind the topic it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewStats {
    /// Entities.
    pub entities: u64,
    /// Bytes of their keys and values, without what the store needs beside them.
    pub bytes: u64,
    /// Bytes of the file; 0 in memory.
    pub file_bytes: u64,
    /// Everything that was committed so long ago is in the view.
    pub staleness: Duration,
    /// Offsets that were not read yet when the ends were last looked at.
    pub behind: u64,
    /// Partitions that are read up to where they ended when the view began.
    pub partitions_restored: usize,
    /// Partitions that are followed.
    pub partitions: usize,
    /// Records read since the view was opened.
    pub records_read: u64,
    /// Records that no router wrote: their keys name no entity, or their values are none. They are passed over.
    pub foreign: u64,
    /// Times that the view threw away what it had, and read the topic from its start, since it was opened.
    pub rebuilds: u64,
}
