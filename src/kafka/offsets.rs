//! Asking where times stand in logs, of many partitions at once; the beginning and the end of a log are times too.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// How often, and with which pause, it is asked again of partitions that are new.
const SETTLING_LOOKS: u32 = 50;
const SETTLING_PAUSE: Duration = Duration::from_millis(100);

/// Offsets for times, by a consumer that is assigned nothing yet. The end is what its isolation level sees of it.
pub(super) fn look_up<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    list: &TopicPartitionList,
    timeout: Duration,
) -> Result<TopicPartitionList, KafkaError> {
    settled(consumer, || {
        consumer.offsets_for_times(list.clone(), timeout).and_then(|found| {
            found.elements().iter().try_for_each(rdkafka::topic_partition_list::TopicPartitionListElem::error)?;
            Ok(found)
        })
    })
}

/// Asks, by a consumer that is assigned nothing yet, and again while brokers do not agree who leads a partition.
pub(super) fn settled<C: ConsumerContext, T>(
    consumer: &BaseConsumer<C>,
    ask: impl Fn() -> Result<T, KafkaError>,
) -> Result<T, KafkaError> {
    for _ in 0..SETTLING_LOOKS {
        match ask() {
            // Nothing is assigned yet, so no record can come.
            Err(error) if is_settling(&error) => _ = consumer.poll(SETTLING_PAUSE).is_some(),
            answer => return answer,
        }
    }
    ask()
}

/// Whether an error is over once brokers and client agree who leads a partition, and since when: so for a moment after a
/// topic was created, or has got another leader.
fn is_settling(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as C;
    matches!(
        error.rdkafka_error_code(),
        Some(
            C::NotLeaderForPartition
                | C::LeaderNotAvailable
                | C::FencedLeaderEpoch
                | C::UnknownLeaderEpoch
                | C::UnknownTopicOrPartition
                | C::UnknownPartition
        )
    )
}
