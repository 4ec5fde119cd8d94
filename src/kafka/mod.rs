//! The seam to Kafka: the only folder that names `rdkafka`.

pub mod admin;
pub mod config;
pub mod ffi;
pub mod headers;
mod metadata;
pub mod plain_producer;
pub mod reader;
pub mod trouble;
