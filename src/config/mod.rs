//! Flags that verbs share, and how they become settings.

mod duration;
mod kafka;

pub use duration::duration;
pub use kafka::KafkaArgs;
