//! The same job as a Kafka Streams application, exactly once: `scripts/bench --against streams` builds it.

use std::path::Path;
use std::process::Command;

use crate::contender::Arena;
use crate::facts::{COMMANDS, FACT, WARM};

/// What Maven made of bench/streams.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/streams");
/// How many facts the virtual machine routes at least before it is measured: its compilers have little left to do.
const WARM_FACTS: usize = 2_000_000;

/// What starts it. The facts that are there already it routes into a topic that nobody reads first, until it is warm.
pub fn command(arena: &Arena<'_>, (group, threads): (&str, usize), facts: usize) -> Command {
    assert!(Path::new(BUILT).join("classes").is_dir(), "bench/streams is not built: start scripts/bench instead");
    let passes = if facts == 0 { 0 } else { WARM_FACTS.div_ceil(facts) };
    let mut command = Command::new("java");
    command.args(["-XX:+UseParallelGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]);
    command.args(["-cp", &format!("{BUILT}/classes:{BUILT}/libs/*"), "revbus.bench.Streams"]);
    let state = arena.dir.path().join(format!("{group}.state"));
    let arguments = [
        ("brokers", arena.broker.address.clone()),
        ("group", arena.topic(group)),
        ("from", arena.topic(FACT)),
        ("to", arena.topic(COMMANDS[0])),
        ("threads", threads.to_string()),
        ("state", state.to_str().unwrap().to_owned()),
        ("facts", facts.to_string()),
        ("warm", arena.topic(WARM)),
        ("passes", passes.to_string()),
    ];
    command.args(arguments.map(|(name, value)| format!("{name}={value}")));
    command
}
