//! The compiler and the kernel by themselves, in memory: no Kafka, no disk. What does a large catalogue take to compile,
//! does deciding on one event cost more when other types have more triggers, and what does a condition cost?
//!
//! `cargo bench --bench kernel`; every figure is the best of its passes, since what disturbs one only makes it longer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark says what is wrong by panicking, its counts are small, its helpers nobody's interface"
)]

mod decide;
mod world;

use std::time::Instant;

use revbus::catalogue::compile;
use world::World;

/// How often a catalogue is compiled.
const COMPILED: usize = 5;

fn main() {
    // `cargo test --all-targets` runs it too, without the flag that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("compiling");
    for (what, world) in [
        ("1,000 event types, 5,000 triggers, no expression", World { types: 1000, triggers: 5000, expressions: 0 }),
        ("the same, a condition and a mapping each", World { types: 1000, triggers: 5000, expressions: 5000 }),
    ] {
        let text = world.text();
        println!("  {what}: {:.0} ms ({} kB)", compiling(&text), text.len() / 1000);
    }
    println!("deciding, one command an event");
    for triggers in [30, 5000] {
        let world = World { types: triggers / 5, triggers, expressions: triggers };
        println!("  {triggers} triggers of other types: {:.0} ns an event", decide::nanos(&world.text()));
    }
    println!("deciding, conditions that hold on five triggers of the event");
    let without = decide::nanos(&World::NONE.text_of_five(0));
    println!("  none: {without:.0} ns an event");
    for conditions in [1, 5] {
        let nanos = decide::nanos(&World::NONE.text_of_five(conditions));
        let each = (nanos - without) / conditions as f64;
        println!("  {conditions}: {nanos:.0} ns an event, {each:.0} ns each");
    }
}

/// Milliseconds.
fn compiling(text: &str) -> f64 {
    let pass = |_| {
        let begun = Instant::now();
        let (catalogue, found) = compile("bench.yaml", text);
        let took = begun.elapsed().as_secs_f64() * 1e3;
        assert!(catalogue.is_some(), "{:?}", found.first());
        took
    };
    (0..COMPILED).map(pass).fold(f64::INFINITY, f64::min)
}
