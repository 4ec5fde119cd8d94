//! A limit on repetitive log lines (decision 77).

use std::num::NonZeroU32;
use std::time::Instant;

/// A token bucket that counts what it suppressed. The time is an argument.
#[derive(Debug)]
pub struct RateLimit {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled: Option<Instant>,
    suppressed: u64,
}

impl RateLimit {
    /// At most `burst` lines at once, and `per_second` over time.
    #[must_use]
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let burst = f64::from(burst.get());
        Self { per_second: per_second.get().into(), burst, tokens: burst, filled: None, suppressed: 0 }
    }

    /// Whether a line may be written now: if so, how many were suppressed since the last one.
    pub fn admit(&mut self, now: Instant) -> Option<u64> {
        let passed = self.filled.map_or(0.0, |filled| now.saturating_duration_since(filled).as_secs_f64());
        self.filled = Some(now);
        self.tokens = (self.tokens + passed * self.per_second).min(self.burst);
        if self.tokens < 1.0 {
            self.suppressed += 1;
            return None;
        }
        self.tokens -= 1.0;
        Some(std::mem::take(&mut self.suppressed))
    }
}
