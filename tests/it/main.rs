//! The integration tests: the `revbus` binary against Apache Kafka. One binary, so that all tests share one broker;
//! each has its own topic prefix and group, so they run side by side. `scripts/test` brings what they need.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test says what is wrong by panicking, and its helpers are nobody's interface"
)]

#[allow(dead_code, unused_imports, reason = "shared with the fault suite, which uses the rest of it")]
mod support;

mod bad_input;
mod beginning;
mod cases;
mod closed;
mod dev;
mod dlq;
mod dlq_large;
mod dlq_open;
mod dlq_places;
mod dlq_rights;
mod duplicates;
mod ends;
mod harness;
mod held;
mod interop;
mod observe;
mod positions;
mod publish;
mod readme;
mod reload;
mod reload_file;
mod reload_topics;
mod restore;
mod rolling;
mod schema;
mod security;
mod shutdown;
mod spans;
mod state;
mod state_alone;
mod state_cli;
mod state_client;
mod state_reload;
mod state_trouble;
mod state_view;
mod storm;
mod tap;
mod topics_gone;
mod verify;
