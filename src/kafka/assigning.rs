//! Assigning other partitions instead of those that are assigned.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError;

/// Assigns these instead. In one call, librdkafka 2.12 takes a partition out and in again before its fetching has stopped; if
/// the next call, or closing the client, takes it out once more by then, it is stopped twice, and an assertion ends the
/// process (`rd_kafka_assignment_partition_stopped`). In two calls the stop is answered before anything else can be asked.
///
/// # Errors
/// The client's.
pub fn assign_instead<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &TopicPartitionList,
) -> Result<(), KafkaError> {
    consumer.unassign()?;
    consumer.assign(partitions)
}
