//! The ends of a log, asked by a client that belongs to no group and consumes nothing. A read-committed client answers
//! with the last stable offset, where the oldest open transaction begins, so the true ends are asked for by one that
//! reads uncommitted.

use std::time::Duration;

use rdkafka::config::FromClientConfig as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::config::KafkaSettings;
use super::consumer::{TopicPartition, known, position_list};
use super::trouble::Trouble;
use crate::ids::Position;
use crate::time::Timestamp;

/// Asks for the ends of logs.
pub struct Watermarks {
    client: BaseConsumer,
}

impl Watermarks {
    /// A client for asking for true ends.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, Trouble> {
        Self::isolated(settings, "read_uncommitted")
    }

    /// A client for asking for last stable offsets: the ends that committed readers see.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn stable(settings: &KafkaSettings) -> Result<Self, Trouble> {
        Self::isolated(settings, "read_committed")
    }

    fn isolated(settings: &KafkaSettings, level: &str) -> Result<Self, Trouble> {
        let mut config = settings.consumer(&[]);
        config.set("isolation.level", level);
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

    /// The position of the first record of this time or later, where a partition has one.
    ///
    /// # Errors
    /// No answer.
    pub fn first_at(
        &self,
        partitions: &[TopicPartition],
        time: Timestamp,
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, Position)>, Trouble> {
        let failed = |error| Trouble::of(&error, "ask where a time begins");
        let at = Position(time.millis().max(0));
        let wanted = partitions.iter().map(|partition| (partition.clone(), at)).collect::<Vec<_>>();
        let wanted = position_list(&wanted).map_err(failed)?;
        let found = self.client.offsets_for_times(wanted, timeout).map_err(failed)?;
        for one in found.elements() {
            one.error().map_err(failed)?;
        }
        Ok(known(&found))
    }
}
