//! What deciding on an update of an entity costs, and what an entity takes in a worker's memory.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use revbus::catalogue;
use revbus::ids::{RecordOffset, SourceId};
use revbus::kernel::worker::SourcePartition;
use revbus::kernel::{
    Effects, Entities, EntityWrite, Input, Ledger, LedgerKeys, LedgerLimits, PartitionView, Record, Rules,
    StateUpdates, Topology, decide,
};
use revbus::reason::Outcome;
use revbus::time::Timestamp;

/// How many entities the updates are of: each pass puts every one of them once.
const ENTITIES: usize = 10_000;
const PASSES: usize = 20;
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const PARTITION: SourcePartition = SourcePartition { topic: SourceId(0), partition: 0 };

const CATALOGUE: &str = "
version: 1
allow: [RB0154]
audit: {mode: off}
modules:
  success:
    state:
      account:
        fields: {health_score: number(0..100), risk_level: enum(low|medium|high), note: string}
";

/// Nanoseconds a put of a state of 500 bytes, over an entity that is there; with its value kept, and without an answer.
pub fn nanos() -> f64 {
    let (compiled, found) = catalogue::compile("bench.yaml", CATALOGUE);
    let catalogue = Arc::new(compiled.unwrap_or_else(|| panic!("{:?}", found.first())));
    let topology = Topology::unlimited(&catalogue);
    let rules = Rules::new(catalogue, topology);
    let limits = LedgerLimits { window: Duration::from_secs(600), ids: 1 };
    let ledger = Ledger::new(LedgerKeys::new(&[7; 16]), limits);
    let values: Vec<String> = (0..ENTITIES).map(update).collect();
    let (mut effects, mut entities) = (Effects::new(), Entities::default());
    let mut pass = |_| {
        let begun = Instant::now();
        for (offset, value) in (0..).zip(&values) {
            let record = Record {
                topic: StateUpdates,
                partition: 0,
                offset: RecordOffset(offset),
                timestamp: Some(NOW),
                key: None,
                value: Some(value.as_bytes()),
                headers: &[],
            };
            let view = PartitionView { past: ledger.of(PARTITION, NOW), entities: &entities };
            let outcome = decide(&rules, &view, Input::Update(record), NOW, &mut effects);
            assert_eq!(outcome, Outcome::StateChanged);
            let put = effects.entity().unwrap();
            let EntityWrite::Value(written) = put.write else { panic!("a put leaves a value") };
            entities.write(effects.bytes(put.key), Some(effects.bytes(written)));
            black_box(effects.produced());
        }
        entities.commit();
        begun.elapsed().as_secs_f64() * 1e9 / ENTITIES as f64
    };
    (0..PASSES).map(&mut pass).fold(f64::INFINITY, f64::min)
}

/// What so many entities take, in bytes an entity: what is resident more than before, and their keys and values alone.
pub fn memory(count: usize) -> (f64, f64) {
    let before = resident();
    let mut entities = Entities::default();
    for n in 0..count {
        let value = format!(
            "{{\"v\":1,\"version\":1,\"written_at\":\"2026-09-21T12:00:00Z\",\"written_by\":{{\"module\":\"success\"}},\
             \"event_id\":\"evt_{n:012}\",\"state\":{}}}",
            state(n)
        );
        entities.fold(key(n).as_bytes(), Some(value.as_bytes()));
    }
    let each = |bytes: usize| bytes as f64 / count as f64;
    let taken = (each(resident().saturating_sub(before)), each(entities.bytes()));
    assert_eq!(entities.len(), count);
    taken
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
}

fn key(n: usize) -> String {
    format!("tenant_{:02}/success/account/acc_{n}", n % 20)
}

/// A state of 500 bytes.
fn state(n: usize) -> String {
    let open = format!("{{\"health_score\":{}.5,\"risk_level\":\"medium\",\"note\":\"", n % 90 + 10);
    format!("{open}{}\"}}", "x".repeat(500 - open.len() - 2))
}

fn update(n: usize) -> String {
    format!(
        "{{\"event_id\":\"evt_{n:012}\",\"event_type\":\"state.put\",\"source_module\":\"success\",\
         \"tenant_id\":\"tenant_{:02}\",\"timestamp\":\"2026-09-21T12:00:00Z\",\"payload\":{{\"action\":\"put\",\
         \"data\":{{\"module\":\"success\",\"entity_type\":\"account\",\"entity_id\":\"acc_{n}\",\"state\":{}}},\
         \"metadata\":{{}}}}}}",
        n % 20,
        state(n)
    )
}
