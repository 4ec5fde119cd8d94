//! The same job as a Bento pipeline, at least once: `scripts/bench --against bento` builds it.

use std::path::Path;
use std::process::Command;

use crate::contender::Arena;
use crate::facts::{COMMANDS, FACT};

/// What Go made of bench/bento.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bento/bento");
const PIPELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/bento/bento.yaml");

/// What starts it.
pub fn command(arena: &Arena<'_>, group: &str, threads: usize) -> Command {
    assert!(Path::new(BUILT).is_file(), "bench/bento is not built: start scripts/bench instead");
    let mut command = Command::new(BUILT);
    command.args(["-c", PIPELINE]);
    command.env("BROKERS", &arena.broker.address);
    command.env("GROUP", arena.topic(group));
    command.env("FROM", arena.topic(FACT)).env("TO", arena.topic(COMMANDS[0]));
    command.env("THREADS", threads.to_string());
    // Garbage is collected when the heap has grown by this many per cent: less often than by default, and faster.
    command.env("GOGC", "400");
    command
}
