//! How the router's producer is set up.

use rdkafka::ClientConfig;

use super::{Delivery, SizeLimits};
use crate::kafka::config::KafkaSettings;
use crate::kafka::flush::request_bytes;
use crate::kernel::worker::TRANSACTION_TIMEOUT;

const DEFAULTS: &[(&str, &str)] = &[
    // Longer than a batch of the router is open, whose end flushes: a partition's records leave when they fill a request
    // or with that flush. Records that have lingered enough while a request of their partition is on its way make the
    // client spin until that is answered (`rd_kafka_toppar_producer_serve`).
    ("linger.ms", "1000"),
    ("retry.backoff.ms", "10"),
    ("reconnect.backoff.max.ms", "1000"),
    ("queue.buffering.max.kbytes", "65536"),
    ("delivery.report.only.error", "true"),
    ("batch.num.messages", "10000"),
];

/// The settings of a producer.
pub(super) fn configure(
    settings: &KafkaSettings,
    delivery: Delivery,
    transactional_id: &str,
    limits: SizeLimits,
) -> ClientConfig {
    let mut config = settings.producer(DEFAULTS);
    config.set("message.max.bytes", limits.most.clamp(1_000_000, 1_000_000_000).to_string());
    config.set("batch.size", request_bytes(limits.least).to_string());
    if delivery == Delivery::ExactlyOnce {
        config.set("transactional.id", transactional_id);
        config.set("transaction.timeout.ms", TRANSACTION_TIMEOUT.as_millis().to_string());
    }
    config.set("message.timeout.ms", TRANSACTION_TIMEOUT.as_millis().to_string());
    config
}
