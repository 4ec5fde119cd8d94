//! The fault suite: the `revbus` binary against Apache Kafka while something breaks. docs/faults.md has the scenarios,
//! and how to repeat one. Load runs throughout, and the oracle decides.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test says what is wrong by panicking, and its helpers are nobody's interface"
)]

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the integration tests, which use the rest of it")]
mod support;

mod broker;
mod client;
mod clock;
mod cluster;
mod coordinator;
mod deserted;
mod disk;
mod epochs;
mod expelled;
mod fail_points;
mod fuzz;
mod kills;
mod late;
mod late_ends;
mod linear;
mod load;
mod members;
mod network;
mod nodes;
mod pauses;
mod proxy;
mod quota;
mod seed;
mod soak;
mod state;
mod topics;
mod twins;
