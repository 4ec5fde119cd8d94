//! Flags that verbs share, and how they become settings.

mod kafka;

pub use kafka::KafkaArgs;
