//! The true ends of a log. A read-committed client answers with the last stable offset instead, so this one reads
//! uncommitted, belongs to no group, and consumes nothing.

use std::time::Duration;

use rdkafka::config::FromClientConfig as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::config::KafkaSettings;
use super::consumer::TopicPartition;
use super::trouble::Trouble;
use crate::ids::Position;

/// Asks for the ends of logs.
pub struct Watermarks {
    client: BaseConsumer,
}

impl Watermarks {
    /// A client for asking.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, Trouble> {
        let mut config = settings.consumer(&[]);
        config.set("isolation.level", "read_uncommitted");
        let client =
            BaseConsumer::from_config(&config).map_err(|error| Trouble::of(&error, "ask for the ends of logs"))?;
        Ok(Self { client })
    }

    /// The log's start, and the position behind its last record.
    ///
    /// # Errors
    /// No answer.
    pub fn of(&self, partition: &TopicPartition, timeout: Duration) -> Result<(Position, Position), Trouble> {
        let (topic, number) = partition;
        let (low, high) = self
            .client
            .fetch_watermarks(topic, *number, timeout)
            .map_err(|error| Trouble::of(&error, &format!("ask for the ends of {topic} [{number}]")))?;
        Ok((Position(low), Position(high)))
    }

    /// How many partitions a topic has; none where it is not there.
    ///
    /// # Errors
    /// No answer.
    pub fn partitions(&self, topic: &str, timeout: Duration) -> Result<i32, Trouble> {
        let metadata = self
            .client
            .fetch_metadata(Some(topic), timeout)
            .map_err(|error| Trouble::of(&error, &format!("look at {topic}")))?;
        let found = metadata.topics().iter().find(|one| one.name() == topic && one.error().is_none());
        Ok(found.map_or(0, |found| i32::try_from(found.partitions().len()).unwrap_or(i32::MAX)))
    }
}
