//! The whole run.

use crate::broker::Broker;
use crate::contender::{Arena, Contender};
use crate::correct::Expected;
use crate::decide;
use crate::entry::Entry;
use crate::facts::{Audit, FACT};
use crate::figures::Rounds;
use crate::file_cache::FileCache;
use crate::latency;
use crate::options::{Options, Output};
use crate::report::Report;

pub fn run(options: &Options) {
    let broker = Broker::connect(&options.brokers, options.broker_pid);
    let mut report = Report {
        facts: options.facts(),
        usual: options.usual(),
        rounds: Vec::new(),
        latencies: Vec::new(),
        ledger: decide::ledger(),
        deciding: [Audit::Off, Audit::On].map(decide::measure),
    };
    let mut file_cache = FileCache::new();
    if options.rounds() > 0 {
        report.rounds = throughput(&broker, options, &mut file_cache);
    }
    if options.latency_seconds > 0 {
        report.latencies = latencies((&broker, &mut file_cache), options, &report.rounds);
    }
    match options.output {
        Output::Text => print!("{}", report.text()),
        Output::Json => println!("{:#}", report.json()),
    }
}

fn throughput(broker: &Broker, options: &Options, file_cache: &mut FileCache) -> Vec<(Entry, Rounds)> {
    let arena = Arena::new(broker, "bench.");
    let facts = options.facts();
    eprintln!("writing {facts} facts");
    broker.preload(&arena.topic(FACT), facts);
    let expected = Expected::of(facts);
    let mut all: Vec<_> = options.entries().into_iter().map(|entry| (entry, Rounds::default())).collect();
    // The broker's virtual machine compiles what it does while it does it, a quarter of its time in the first pass. So
    // each contender has a round that does not count.
    for round in 0..=options.rounds() {
        for (entry, rounds) in &mut all {
            arena.clear();
            file_cache.fill();
            let figures = arena.run(*entry, round, (facts, &expected));
            let name = entry.name(options.usual());
            if round == 0 {
                eprintln!("warm: {name}");
                continue;
            }
            eprintln!(
                "round {round}: {name}: {:.0} events/s, steady {:.0}, {:.2} µs",
                figures.rate, figures.steady, figures.cpu
            );
            rounds.0.push(figures);
        }
    }
    all
}

/// At a rate that leaves everything idle most of the time; the router with the audit trail also at half of what it did
/// steadily, where that was measured.
fn latencies(
    (broker, file_cache): (&Broker, &mut FileCache),
    options: &Options,
    rounds: &[(Entry, Rounds)],
) -> Vec<(Entry, latency::Latency)> {
    let usual = options.entries().into_iter().filter(|entry| entry.work == options.usual());
    let mut wanted: Vec<_> = usual.map(|entry| (entry, latency::IDLE)).collect();
    let router = |entry: &Entry| entry.contender == Contender::AuditOn && entry.work == options.usual();
    if let Some((entry, rounds)) = rounds.iter().find(|(entry, _)| router(entry)) {
        wanted.push((*entry, rounds.median(|one| one.steady) as usize / 2));
    }
    let measure = |(place, (entry, rate)): (usize, (Entry, usize))| {
        eprintln!("latency at {rate} facts/s: {}", entry.name(options.usual()));
        let arena = Arena::new(broker, &format!("latency-{place}."));
        file_cache.fill();
        (entry, latency::measure(&arena, entry, (rate, options.latency_seconds)))
    };
    wanted.into_iter().enumerate().map(measure).collect()
}
