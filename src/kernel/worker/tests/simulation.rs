//! A seeded simulation of a broker and a group of two that fails every kind of action at random, judged by what a reader
//! of committed records would see.

mod bus;
mod dice;
mod judge;
mod member;
mod routing;
mod updates;

use std::ops::Range;
use std::rc::Rc;

use super::*;
use crate::kernel::{Entities, Remembered};
use bus::Bus;
use judge::judge;
use member::Member;
use updates::Told;

/// The partition of updates.
const S: SourcePartition = SourcePartition { topic: SourceId(1), partition: 0 };
/// All that are consumed.
const ALL: [SourcePartition; 3] = [P, Q, S];
/// How many records each has.
const RECORDS: i64 = 40;

/// A decision as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decided {
    partition: SourcePartition,
    offset: i64,
    outcome: &'static str,
    /// Under which rules.
    edition: usize,
    /// What its audit record gives when it is read back.
    past: Option<Remembered>,
    /// Of an update, all of it.
    told: Option<Rc<Told>>,
}

/// Runs one schedule to its end: until all partitions are committed whole. Processes that end, or are killed, are
/// started again.
fn run(seed: u64) -> Result<(), String> {
    let mut bus = Bus::new(seed);
    let mut members = [0, 1].map(Member::new);
    for tick in 0..40_000 {
        // At any moment, and whoever is put out does not know yet.
        if bus.fails(300) {
            let member = usize::from(bus.fails(2));
            bus.put_out(member);
        }
        let member = &mut members[usize::from(bus.fails(2))];
        member.tick(&mut bus, Duration::from_millis(10 * tick))?;
        if bus.is_done() {
            return judge(&bus, &members);
        }
    }
    Err(format!("it did not come to an end: {:?}", bus.committed))
}

/// The seeds that are run: those of `REVBUS_SIMULATION`, such as `17` or `2000..500000`.
fn seeds() -> Range<u64> {
    let Ok(asked) = std::env::var("REVBUS_SIMULATION") else { return 0..2000 };
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("REVBUS_SIMULATION is no seed or range: {asked}"));
    match asked.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&asked)..number(&asked) + 1,
    }
}

/// Says which seed it was, however its run fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("REVBUS_SIMULATION={} repeats it", self.0);
        }
    }
}

#[test]
fn whatever_fails_every_record_is_seen_once_and_in_order() {
    let seeds = seeds();
    assert!(!seeds.is_empty(), "REVBUS_SIMULATION names no seed");
    for seed in seeds {
        let _told = Seed(seed);
        run(seed).unwrap();
    }
}
