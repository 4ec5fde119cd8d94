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

/// What [`moment`] reads.
pub const MOMENTS: &str = "a duration such as 1h, or a time such as 2024-01-15T08:00:00Z";

/// Reads a time as RFC 3339, or how long ago it is, such as `1h`: longer than any wait may last, for nobody waits for it.
#[must_use]
pub fn moment(text: &str) -> Option<Since> {
    let time = Timestamp::parse(text).map(|(time, _)| Since::Time(time));
    time.or_else(|| parse_duration(text).map(Since::Ago))
}

/// Reads a [`moment`] that is over.
///
/// # Errors
/// Anything else, and a time to come, of which nothing can be told; with a sentence.
pub fn since(text: &str) -> Result<Since, String> {
    match moment(text) {
        Some(Since::Time(time)) if time > Timestamp::now() => Err("it lies in the future".to_owned()),
        Some(since) => Ok(since),
        None => Err(format!("`{text}`: expected {MOMENTS}")),
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
