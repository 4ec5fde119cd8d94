//! What is logged, and how often.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use super::super::{RateLimit, logs};

#[test]
fn a_limit_counts_what_it_suppresses() {
    let start = Instant::now();
    let at = |millis: u64| start + Duration::from_millis(millis);
    let mut limit = RateLimit::new(NonZeroU32::new(2).unwrap(), NonZeroU32::new(3).unwrap());
    let answers: Vec<_> =
        [0, 0, 0, 0, 1, 500, 500, 1000, 60_000, 60_000, 60_000, 60_000].map(|t| limit.admit(at(t))).into();
    assert_eq!(
        answers,
        [Some(0), Some(0), Some(0), None, None, Some(2), None, Some(1), Some(0), Some(0), Some(0), None]
    );
}

#[test]
fn filters_are_the_variable_or_the_level() {
    let filter = |variable, level| logs::filter(variable, level).map(|f| f.to_string());
    let info = filter(None, tracing::Level::INFO).unwrap();
    assert!(info.contains("info") && info.contains("librdkafka=warn"), "{info}");
    assert_eq!(filter(Some(" "), tracing::Level::INFO).unwrap(), info);
    let warn = filter(None, tracing::Level::WARN).unwrap();
    assert!(warn.contains("warn") && warn.contains("librdkafka=error"), "{warn}");
    assert!(filter(None, tracing::Level::ERROR).unwrap().contains("librdkafka=error"));
    assert_eq!(filter(Some("debug"), tracing::Level::INFO).unwrap(), "debug");
    assert!(filter(Some("a=b=c"), tracing::Level::INFO).unwrap_err().to_string().starts_with("REVBUS_LOG"));
}
