//! The seam to Kafka: the only folder that names `rdkafka`.

pub mod admin;
mod aside;
pub mod async_producer;
pub mod config;
pub mod consumer;
mod deliveries;
pub mod embedded;
mod error;
mod fail;
pub mod ffi;
pub mod follow;
mod group;
pub mod headers;
mod logs;
pub mod message;
mod metadata;
mod offsets;
pub mod plain_producer;
pub mod positions;
pub mod producer;
pub mod reader;
pub mod restore;
pub mod span;
pub mod topic_id;
pub mod transactions;
pub mod trouble;
pub mod watermarks;
