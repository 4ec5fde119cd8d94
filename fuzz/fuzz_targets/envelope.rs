//! The decoder of envelopes, and all of the kernel behind it: whatever the value, there is an outcome, the same one each
//! time, and one dead letter exactly where the record is refused.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use revbus::catalogue::compile;
use revbus::ids::{RecordOffset, TypeId};
use revbus::kernel::{Effects, Input, NoMemory, Record, Rules, Topology, decide};
use revbus::reason::Outcome;
use revbus::time::Timestamp;

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let text = include_str!("../../tests/catalogue/small.yaml");
    let catalogue = Arc::new(compile("small.yaml", text).0.expect("the small catalogue compiles"));
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
});

fuzz_target!(|value: &[u8]| {
    let now = Timestamp::from_millis(1_790_000_000_000);
    let record = Record {
        topic: TypeId(0),
        partition: 0,
        offset: RecordOffset(7),
        timestamp: Some(now),
        key: None,
        value: Some(value),
        headers: &[],
    };
    let mut effects = Effects::new();
    let outcome = decide(&RULES, &NoMemory, Input::Record(record), now, &mut effects);
    let refused = !matches!(outcome, Outcome::Routed | Outcome::NoTrigger | Outcome::Duplicate);
    assert_eq!(effects.dead_letter().is_some(), refused, "{outcome:?}");
    let first = format!("{effects:?}");
    assert_eq!(decide(&RULES, &NoMemory, Input::Record(record), now, &mut effects), outcome);
    assert_eq!(format!("{effects:?}"), first);
});
