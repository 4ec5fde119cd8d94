//! The seam to Kafka: the only folder that names `rdkafka`.

pub mod admin;
pub mod config;
pub mod ffi;
pub mod headers;
pub mod plain_producer;
pub mod trouble;
