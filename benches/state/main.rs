//! A view of a million entities of 500 bytes: how fast it is restored, what an entity costs, how fast it is read.
//!
//! `cargo bench --bench state -- --brokers ADDRESS [--entities N] [--rounds N]`, on a broker of its own
//! (`scripts/kafka start`). Each restore is checked: as many entities as were written, and each read finds its version.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark says what is wrong by panicking, and its helpers are nobody's interface"
)]

mod read;
mod topic;
mod update;

use std::time::{Duration, Instant};

use clap::Parser;
use revbus::client::state::view::{StateView, Store, ViewOptions};
use revbus::kafka::config::KafkaSettings;

#[derive(Parser)]
struct Options {
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
    /// The broker.
    #[arg(long)]
    brokers: String,
    /// Only updates through a router.
    #[arg(long)]
    updates: bool,
    /// How many entities.
    #[arg(long, default_value_t = 1_000_000)]
    entities: u64,
    /// How often each restore is measured; the best counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
}

fn main() {
    // `cargo test --all-targets` runs it too, without the flag that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let options = Options::parse();
    update::measure(&options.brokers);
    if options.updates {
        return;
    }
    let name = format!("restore{}.revbus.state", std::process::id());
    topic::fill(&options.brokers, &name, options.entities);
    let consumed = (0..options.rounds).map(|_| topic::consume(&options.brokers, &name, options.entities)).max();
    println!("the client alone: {} records/s", consumed.unwrap_or(0));
    let dir = tempfile::tempdir().unwrap();
    let open = |store| open(&options, &name, store);
    let (mut memory, mut file, mut cost) = (0, 0, 0);
    for round in 0..options.rounds {
        // What the readings before have freed must not be taken for free.
        revbus::kafka::ffi::give_back_memory();
        let before = resident();
        let (view, speed) = open(Store::Memory);
        cost = if round == 0 { (resident() - before) / options.entities } else { cost };
        memory = memory.max(speed);
        if round + 1 == options.rounds {
            println!("restore into memory: {memory} entities/s, {cost} bytes of memory an entity");
            read::measure("memory", &view, options.entities);
        }
    }
    for round in 0..options.rounds {
        let folder = dir.path().join(round.to_string());
        let (view, speed) = open(Store::Folder(folder.clone()));
        file = file.max(speed);
        if round + 1 == options.rounds {
            let (size, held) = (view.stats().file_bytes, view.stats().bytes);
            println!("restore into redb: {file} entities/s, {size} bytes on disk for {held} of keys and values");
            read::measure("redb", &view, options.entities);
            drop(view);
            let begun = Instant::now();
            let (view, _) = open(Store::Folder(folder));
            println!(
                "redb, opened again: {} ms, {} records read",
                begun.elapsed().as_millis(),
                view.stats().records_read
            );
        }
    }
}

/// A view that has read everything, and how many entities it has read in a second.
fn open(options: &Options, topic: &str, store: Store) -> (StateView, u64) {
    let settings = KafkaSettings::of_brokers(&options.brokers);
    let begun = Instant::now();
    let view = StateView::open(ViewOptions { settings, topic: topic.to_owned(), partitions: None, store }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(view.ready(Duration::from_secs(600))).unwrap();
    let took = begun.elapsed();
    assert_eq!(view.stats().entities, options.entities);
    (view, (options.entities as f64 / took.as_secs_f64()) as u64)
}

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
