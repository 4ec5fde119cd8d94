//! A reader that does not end: what is committed of some partitions of one topic, from given positions on. It belongs to
//! no group. As with everything that is read back (`restore`), what says how far it is are its positions: markers and
//! aborted records move them, and no record is seen of those.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

use super::config::KafkaSettings;
use super::listening::Listening;
use super::message::Message;
use super::reader::DEFAULTS;
use super::trouble::{Trouble, TroubleKind};
use crate::ids::Position;

/// What a look gave.
#[derive(Debug)]
pub enum Followed<'c> {
    /// A record; those of one partition come in their order.
    Record(Message<'c>),
    /// Nothing within the time.
    Quiet,
    /// A position is outside its log, or the topic is not there any more.
    Displaced,
}

/// Follows a topic.
pub struct Follow {
    consumer: BaseConsumer<Listening>,
    topic: String,
}

impl Follow {
    /// Starts to read these partitions at these positions.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn open(settings: &KafkaSettings, topic: &str, from: &[(i32, Position)]) -> Result<Self, Trouble> {
        let failed = |error: KafkaError| Trouble::of(&error, &format!("follow {topic}"));
        let mut config = settings.consumer(DEFAULTS);
        // Without a group id librdkafka assigns nothing; this one never joins, and commits nothing.
        config.set("group.id", "revbus-reader");
        let consumer: BaseConsumer<Listening> = config.create_with_context(Listening::default()).map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for (partition, at) in from {
            list.add_partition_offset(topic, *partition, Offset::Offset(at.0)).map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Self { consumer, topic: topic.to_owned() })
    }

    /// The next record.
    ///
    /// # Errors
    /// We may not read it. A broker that is away is waited for.
    pub fn poll(&self, timeout: Duration) -> Result<Followed<'_>, Trouble> {
        let error = match self.consumer.poll(timeout) {
            None => {
                self.consumer.context().0.show_way_back(self.consumer.client());
                return Ok(Followed::Quiet);
            }
            Some(Ok(message)) => return Ok(Followed::Record(Message(message))),
            Some(Err(error)) => error,
        };
        if matches!(
            error.rdkafka_error_code(),
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)
        ) {
            return Ok(Followed::Displaced);
        }
        match self.consumer.context().heard(&error, &format!("follow {}", self.topic)) {
            Ok(()) => Ok(Followed::Quiet),
            Err(trouble) if trouble.kind == TroubleKind::TopicMissing => Ok(Followed::Displaced),
            Err(trouble) => Err(trouble),
        }
    }

    /// The positions of those partitions of which something was read.
    ///
    /// # Errors
    /// The client's.
    pub fn positions(&self) -> Result<Vec<(i32, Position)>, Trouble> {
        let positions = self.consumer.position();
        let positions = positions.map_err(|error| Trouble::of(&error, &format!("follow {}", self.topic)))?;
        let known = positions.elements().into_iter().filter_map(|one| {
            let Offset::Offset(at) = one.offset() else { return None };
            Some((one.partition(), Position(at)))
        });
        Ok(known.collect())
    }
}
