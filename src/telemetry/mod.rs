//! What an operator sees: metrics, health, logs. Nothing in here decides anything, and nothing below depends on it.

mod family;
mod health;
pub mod logs;
mod metrics;
mod rate_limit;
mod reference;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod worker;
mod zeros;

pub use health::{Health, PartitionHealth, WorkerHealth};
pub use metrics::{Metrics, MetricsError, Rebalance, Reload, StateHeld};
pub use rate_limit::RateLimit;
pub use reference::metrics_reference;
pub use worker::{Committed, PerType, Tallied, WorkerMetrics};
