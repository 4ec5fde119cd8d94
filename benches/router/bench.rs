//! The whole run.

use crate::broker::Broker;
use crate::contender::{Arena, Contender};
use crate::correct::Expected;
use crate::decide;
use crate::facts::{Audit, FACT};
use crate::figures::Rounds;
use crate::latency;
use crate::options::{Options, Output};
use crate::report::Report;

pub fn run(options: &Options) {
    let broker = Broker::connect(&options.brokers, options.broker_pid);
    let mut report = Report {
        facts: options.facts(),
        rounds: Vec::new(),
        latencies: Vec::new(),
        ledger: decide::ledger(),
        deciding: [Audit::Off, Audit::On].map(decide::measure),
    };
    if options.rounds() > 0 {
        report.rounds = throughput(&broker, options);
    }
    if options.latency_seconds > 0 {
        report.latencies = latencies(&broker, options);
    }
    match options.output {
        Output::Text => print!("{}", report.text()),
        Output::Json => println!("{:#}", report.json()),
    }
}

fn throughput(broker: &Broker, options: &Options) -> Vec<(Contender, Rounds)> {
    let arena = Arena::new(broker, "bench.", options.workers);
    let facts = options.facts();
    eprintln!("writing {facts} facts");
    broker.preload(&arena.topic(FACT), facts);
    let expected = Expected::of(facts);
    let mut all: Vec<_> = options.contenders().into_iter().map(|contender| (contender, Rounds::default())).collect();
    for round in 1..=options.rounds() {
        for (contender, rounds) in &mut all {
            let figures = arena.run(*contender, round, (facts, &expected));
            eprintln!(
                "round {round}: {}: {:.0} events/s, steady {:.0}, {:.2} µs",
                contender.name(),
                figures.rate,
                figures.steady,
                figures.cpu
            );
            rounds.0.push(figures);
        }
    }
    all
}

fn latencies(broker: &Broker, options: &Options) -> Vec<(Contender, latency::Latency)> {
    let measure = |(place, contender): (usize, Contender)| {
        eprintln!("latency: {}", contender.name());
        let arena = Arena::new(broker, &format!("latency-{place}."), options.workers);
        (contender, latency::measure(&arena, contender, options.latency_seconds))
    };
    options.contenders().into_iter().enumerate().map(measure).collect()
}
