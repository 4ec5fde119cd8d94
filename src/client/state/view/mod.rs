//! A view of module state: it follows the compacted topic and answers from what it has read.
//!
//! ST-1: a view that has read up to some positions equals the fold of the topic's committed records up to them. It is a
//! cache: whatever it cannot be sure of, it reads again from the start.
//!
//! TN-1: every read names a tenant, and none gives anything of another. That is all that a view can promise: the topic
//! holds all tenants, and whoever may read it can read all of them. Who may is for Kafka's ACLs to say; a process that
//! serves one tenant's users must ask for that tenant and no other.

mod batch;
mod disk;
mod entry;
mod error;
mod follower;
mod get;
mod history;
mod kept;
mod key;
mod list;
mod memory;
mod metrics;
mod options;
mod origin;
mod reading;
mod reads;
mod shared;
mod stats;
mod survey;
#[cfg(test)]
mod tests;
mod watch;

pub use error::ViewError;
pub use history::{Change, ChangeTo, history};
pub use list::{EntityFilter, ListPage, ListScope, Listed};
pub use metrics::ViewMetrics;
pub use options::{Store, ViewOptions};
pub use reads::StateView;
pub use stats::{Progress, ViewStats};
pub use watch::{Watch, WatchEvent, WatchScope};
