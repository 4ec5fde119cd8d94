//! Durations on the command line.

use std::time::Duration;

use crate::time::parse_duration;

/// Reads `250ms`, `2s`, `5m`, `1h`, `7d`.
///
/// # Errors
/// Anything else, with a sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .ok_or_else(|| format!("`{text}`: expected a number and a unit, such as 250ms, 2s, 5m, 1h or 7d"))
}

#[cfg(test)]
mod tests;
