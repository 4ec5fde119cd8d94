//! The seam to Kafka: the only folder that names `rdkafka`.

pub mod config;
pub mod ffi;
pub mod headers;
