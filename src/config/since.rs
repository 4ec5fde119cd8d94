//! Times on the command line from which on something counts.

use std::time::Duration;

use crate::time::{Timestamp, parse_duration};

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long before now.
    Ago(Duration),
    /// This time.
    Time(Timestamp),
}

/// Reads a time as RFC 3339, or how long ago it is, such as `1h`.
///
/// # Errors
/// Anything else, and a time to come, of which nothing can be told; with a sentence.
pub fn since(text: &str) -> Result<Since, String> {
    match Timestamp::parse(text) {
        Some((time, _)) if time > Timestamp::now() => Err("it lies in the future".to_owned()),
        Some((time, _)) => Ok(Since::Time(time)),
        // Nobody waits so long, so no bound of a wait counts.
        None => parse_duration(text)
            .map(Since::Ago)
            .ok_or_else(|| format!("`{text}`: expected a duration such as 1h, or a time such as 2024-01-15T08:00:00Z")),
    }
}

impl Since {
    /// The time that is meant, where it is `now`.
    #[must_use]
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Time(time) => time,
            Self::Ago(ago) => now.before(ago),
        }
    }
}

#[cfg(test)]
mod tests;
