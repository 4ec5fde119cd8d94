//! The router against a bare copy by the same client, and against others where asked for, on one broker and in one run:
//! `scripts/bench` brings the broker.
//!
//! Every contender routes the same facts from their beginning, under a group and into topics of its own; its output is
//! compared, as a multiset of ids, with what the facts must give, and only then does its number count. Rounds are
//! interleaved, so that a machine whose speed drifts does not favour one of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark says what is wrong by panicking, and its helpers are nobody's interface"
)]

mod bench;
mod bento;
mod broker;
mod contender;
mod copy;
mod correct;
mod decide;
mod entry;
mod facts;
mod figures;
mod file_cache;
mod latency;
mod measure;
mod options;
mod report;
mod streams;
mod targets;

use clap::Parser as _;

use options::{Mode, Options};

fn main() {
    // `cargo test --all-targets` runs it too, without the flag that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench" || argument == "copy") {
        return;
    }
    let options = Options::parse();
    match &options.mode {
        Some(Mode::Copy(task)) => copy::run(task),
        None => bench::run(&options),
    }
}
