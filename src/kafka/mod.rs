//! The seam to Kafka: the only folder that names `rdkafka`.

pub mod admin;
pub mod config;
pub mod consumer;
mod deliveries;
pub mod embedded;
mod error;
mod fail;
pub mod ffi;
mod group;
pub mod headers;
mod logs;
pub mod message;
mod metadata;
pub mod plain_producer;
pub mod producer;
pub mod reader;
pub mod trouble;
pub mod watermarks;
