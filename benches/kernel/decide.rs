//! What deciding on one event costs under a catalogue.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use revbus::catalogue;
use revbus::ids::RecordOffset;
use revbus::kernel::{self, Effects, Input, NoMemory, Record, Rules, Topology};
use revbus::reason::Outcome;
use revbus::time::Timestamp;

use crate::world::FACT;

const EVENTS: usize = 10_000;
const PASSES: usize = 20;

/// Nanoseconds an event of the measured fact.
pub fn nanos(text: &str) -> f64 {
    let (compiled, found) = catalogue::compile("bench.yaml", text);
    let catalogue = Arc::new(compiled.unwrap_or_else(|| panic!("{:?}", found.first())));
    let topic = catalogue.resolve(FACT).unwrap().id();
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    let values: Vec<String> = (0..EVENTS).map(value).collect();
    let now = Timestamp::from_millis(1_790_000_000_000);
    let mut effects = Effects::new();
    let pass = |_| {
        let begun = Instant::now();
        for (offset, value) in (0..).zip(&values) {
            let record = Record {
                topic,
                partition: 0,
                offset: RecordOffset(offset),
                timestamp: Some(now),
                key: None,
                value: Some(value.as_bytes()),
                headers: &[],
            };
            let outcome = kernel::decide(&rules, &NoMemory, Input::Record(record), now, &mut effects);
            assert_eq!(outcome, Outcome::Routed);
            black_box(effects.produced());
        }
        begun.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
    };
    (0..PASSES).map(pass).fold(f64::INFINITY, f64::min)
}

fn value(sequence: usize) -> String {
    format!(
        "{{\"event_id\":\"evt_{sequence:012}\",\"event_type\":\"{FACT}\",\"source_module\":\"sales\",\
         \"tenant_id\":\"tenant_{:02}\",\"correlation_id\":\"cor_{sequence}\",\"timestamp\":\"2026-09-21T12:00:00Z\",\
         \"payload\":{{\"action\":\"order_placed\",\"data\":{{\"order_id\":\"ord_{sequence}\",\"account_id\":\"acc_{}\",\
         \"amount\":{}.5,\"currency\":\"EUR\",\"quantity\":3}},\"metadata\":{{}}}}}}",
        sequence % 20,
        sequence % 997,
        sequence % 900 + 20,
    )
}
