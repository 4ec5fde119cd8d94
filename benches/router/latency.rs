//! Latency at a rate: fact sent → derived event seen, read committed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use crate::contender::Arena;
use crate::correct::{Output, Repeats, id};
use crate::entry::Entry;
use crate::facts::{self, FACT};
use crate::measure::Process;

/// Facts a second, where everything is idle most of the time.
pub const IDLE: usize = 1000;
/// What is not counted: joining the group, and half a minute in which a fresh broker's code is compiled.
const SKIPPED: usize = 30 * IDLE;
const LATEST: Duration = Duration::from_secs(30);

/// What was seen, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Facts a second.
    pub rate: usize,
    pub p50: f64,
    pub p99: f64,
    pub most: f64,
}

/// Measures for this long, after the router has woken up.
pub fn measure(arena: &Arena<'_>, entry: Entry, (rate, seconds): (usize, usize)) -> Latency {
    let contender = entry.contender;
    // What is faster is long enough for the broker sooner.
    let skipped = SKIPPED.max(5 * rate);
    let facts = skipped + seconds * rate;
    let group = format!("latency-{}", entry.slug());
    let output = contender.output();
    let id_of = |sequence| if output == Output::Copied { sequence as u128 } else { facts::derived_id(sequence, 0) };
    let sequences: HashMap<u128, usize> = (0..facts).map(|sequence| (id_of(sequence), sequence)).collect();
    let command = arena.command(entry, &group, 0);
    let reader = arena.broker.reader(&arena.topic(output.topic()), Offset::Beginning);
    let process = Process::start(command, &arena.log(&group));
    let (awake, begun) = (AtomicBool::new(false), Instant::now());
    let mut seen = vec![None; facts];
    let sent = std::thread::scope(|scope| {
        let sender = scope.spawn(|| send(arena, (facts, rate), &awake));
        let mut missing = facts;
        while missing > 0 {
            assert!(
                begun.elapsed() < LATEST + Duration::from_secs((facts / rate) as u64),
                "{missing} facts never came out"
            );
            let Some(message) = reader.poll(Duration::from_millis(100)) else { continue };
            let now = Instant::now();
            awake.store(true, Ordering::Relaxed);
            let value = id(rdkafka::Message::payload(&message.unwrap()).unwrap(), output);
            let slot: &mut Option<Instant> = &mut seen[sequences[&value]];
            if slot.is_some() {
                assert!(contender.repeats() == Repeats::Allowed, "a derived event came twice");
                continue;
            }
            *slot = Some(now);
            missing -= 1;
        }
        sender.join().unwrap()
    });
    process.stop();
    let times = sent.iter().zip(&seen).skip(skipped);
    let mut waits: Vec<_> = times.map(|(sent, seen)| (seen.unwrap() - *sent).as_secs_f64() * 1e3).collect();
    waits.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    Latency { rate, p50: quantile(0.5), p99: quantile(0.99), most: quantile(1.0) }
}

/// How long the sender waits for more, in milliseconds: at a rate at which somebody would.
const fn linger(rate: usize) -> &'static str {
    if rate > IDLE { "5" } else { "0" }
}

/// Sends a probe until something comes out, then the other facts at their rate; gives the time of each.
fn send(arena: &Arena<'_>, (facts, rate): (usize, usize), awake: &AtomicBool) -> Vec<Instant> {
    let mut config = arena.broker.config();
    config.set("partitioner", "murmur2_random").set("linger.ms", linger(rate));
    let producer: BaseProducer = config.create().unwrap();
    let topic = arena.topic(FACT);
    let mut sent = Vec::with_capacity(facts);
    let mut start = Instant::now();
    for sequence in 0..facts {
        let due = start + Duration::from_secs_f64(sequence as f64 / rate as f64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        sent.push(Instant::now());
        let (key, value) = (facts::key(sequence), facts::value(sequence));
        producer.send(BaseRecord::to(&topic).key(&key).payload(&value)).map_err(|(error, _)| error).unwrap();
        producer.poll(Duration::ZERO);
        if sequence == 0 {
            while !awake.load(Ordering::Relaxed) && start.elapsed() < LATEST {
                producer.poll(Duration::from_millis(10));
            }
            start = Instant::now();
        }
    }
    producer.flush(LATEST).unwrap();
    sent
}
