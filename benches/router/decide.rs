//! What deciding costs by itself: the kernel over facts in memory, no Kafka.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use revbus::catalogue;
use revbus::ids::RecordOffset;
use revbus::kernel::{self, Effects, Input, NoMemory, Record, Rules, Topology};
use revbus::reason::Outcome;
use revbus::time::Timestamp;

use crate::facts::{self, Audit, FACT};

const FACTS: usize = 20_000;
/// The best of so many passes: what disturbs a pass only ever makes it longer.
const PASSES: usize = 20;

/// Nanoseconds an event.
pub fn measure(audit: Audit) -> f64 {
    let (compiled, _) = catalogue::compile("bench.yaml", &facts::catalogue("bench.", audit));
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
