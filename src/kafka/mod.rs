//! The seam to Kafka: the only folder that names `rdkafka`.
