//! Durations on the command line.

use std::time::Duration;

use crate::time::parse_duration;

/// The longest wait that the client can count, in milliseconds, and some room.
const LONGEST: Duration = Duration::from_secs(24 * 24 * 60 * 60);

/// Reads `250ms`, `2s`, `5m`, `1h`, `7d`; 24 days at most.
///
/// # Errors
/// Anything else, with a sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text)
        .ok_or_else(|| format!("`{text}`: expected a number and a unit, such as 250ms, 2s, 5m, 1h or 7d"))?;
    if duration > LONGEST { Err(format!("`{text}`: 24d is the most")) } else { Ok(duration) }
}

#[cfg(test)]
mod tests;
