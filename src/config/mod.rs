//! Flags that verbs share, and how they become settings.

mod duration;
mod kafka;
mod since;

pub use duration::duration;
pub use kafka::KafkaArgs;
pub use since::{MOMENTS, Since, moment, since};
