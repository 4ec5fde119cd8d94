//! Durations on the command line.

use std::time::Duration;

/// Reads `250ms`, `2s`, `5m`, `1h`, `7d`.
///
/// # Errors
/// Anything else, with a sentence.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}`: expected a number and a unit, such as 250ms, 2s, 5m, 1h or 7d");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(expected()),
    };
    let number: u64 = number.parse().map_err(|_| expected())?;
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(expected)
}

#[cfg(test)]
mod tests;
