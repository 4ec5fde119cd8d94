//! `revbus`: the module integration bus for revenue platforms, on Apache Kafka.
//!
//! Modules publish facts; the router validates them, applies the trigger table of `topics.yaml` and republishes
//! derived commands, exactly once. ARCHITECTURE.md walks through the layers; they are listed here from the
//! bottom up, and each uses only what stands above it in this list.

// words
pub mod diagnostic;
pub mod ids;
pub mod json;
mod swar;
pub mod time;
// domain
pub mod audit;
pub mod catalogue;
pub mod envelope;
pub mod reason;
pub mod schema;
pub mod state;
pub mod trigger;
// kernel
pub mod kernel;
pub mod verify;
// kafka
pub mod kafka;
// runtime
pub mod client;
pub mod router;
pub mod telemetry;
// surfaces
pub mod cli;
pub mod config;
pub mod dev;
pub mod http;

#[cfg(test)]
mod golden;
