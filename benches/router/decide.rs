//! What deciding costs by itself: the kernel over facts in memory, no Kafka.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use revbus::catalogue;
use revbus::ids::RecordOffset;
use revbus::kernel::worker::SourcePartition;
use revbus::kernel::{
    self, Effects, Input, Ledger, LedgerKeys, LedgerLimits, NoMemory, Record, Remembered, Rules, Topology, View,
};
use revbus::reason::Outcome;
use revbus::time::Timestamp;

use crate::entry::Work;
use crate::facts::{self, Audit, FACT};

const FACTS: usize = 20_000;
/// The best of so many passes: what disturbs a pass only ever makes it longer.
const PASSES: usize = 20;

/// Nanoseconds an event.
pub fn measure(audit: Audit) -> f64 {
    let (compiled, _) = catalogue::compile("bench.yaml", &facts::catalogue("bench.", audit, Work::plain(1)));
    let catalogue = Arc::new(compiled.unwrap());
    let topic = catalogue.resolve(FACT).unwrap().id();
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    let records: Vec<_> = (0..FACTS).map(|sequence| (facts::key(sequence), facts::value(sequence))).collect();
    let now = Timestamp::from_millis(1_790_000_000_000);
    let mut effects = Effects::new();
    let pass = |_| {
        let begun = Instant::now();
        for (offset, (key, value)) in (0..).zip(&records) {
            let record = Record {
                topic,
                partition: 0,
                offset: RecordOffset(offset),
                timestamp: Some(now),
                key: Some(key.as_bytes()),
                value: Some(value),
                headers: &[],
            };
            let outcome = kernel::decide(&rules, &NoMemory, Input::Record(record), now, &mut effects);
            assert_eq!(outcome, Outcome::Routed);
            black_box(effects.produced());
        }
        begun.elapsed().as_secs_f64() * 1e9 / FACTS as f64
    };
    (0..PASSES).map(pass).fold(f64::INFINITY, f64::min)
}

/// What the ledger against duplicates costs.
#[derive(Debug, Clone, Copy)]
pub struct LedgerCost {
    /// Nanoseconds an event: looked for, remembered, committed, and the oldest one forgotten.
    pub nanos: f64,
    /// Resident bytes an event, in a full ledger.
    pub bytes: f64,
}

/// Measures a full ledger of 500,000 events.
pub fn ledger() -> LedgerCost {
    const IDS: usize = 500_000;
    const BATCH: usize = 5_000;
    let keys = LedgerKeys::new(&[9; 16]);
    let limits = LedgerLimits { window: Duration::from_secs(600), ids: IDS };
    let partition = SourcePartition { topic: revbus::ids::SourceId(0), partition: 0 };
    let now = Timestamp::from_millis(1_790_000_000_000);
    let ids: Vec<_> = (0..2 * IDS).map(|n| format!("evt_bench_{n:010}")).collect();
    let before = resident();
    let mut ledger = Ledger::new(keys, limits);
    let past: Vec<_> =
        ids[..IDS].iter().map(|id| Remembered { key: keys.key(partition, "tenant_07", id), at: now }).collect();
    ledger.absorb(&past, None, now);
    drop(past);
    let begun = Instant::now();
    for batch in ids[IDS..].chunks(BATCH) {
        for id in batch {
            let kernel::Look::New(key) = ledger.of(partition, now).look("tenant_07", id) else { panic!("{id} is new") };
            ledger.remember(key, now);
        }
        ledger.commit(now);
    }
    let nanos = begun.elapsed().as_secs_f64() * 1e9 / IDS as f64;
    assert_eq!(ledger.len(), IDS);
    LedgerCost { nanos, bytes: (resident() - before) / IDS as f64 }
}

/// The resident memory of this process, in bytes.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}
