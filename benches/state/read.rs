//! Reads of a view.

use std::time::Instant;

use revbus::client::state::view::{ListPage, ListScope, StateView};

use crate::topic::{id, key};

const READS: u64 = 1_000_000;

/// Random reads by one thread, each found to be right.
pub fn measure(name: &str, view: &StateView, entities: u64) {
    let mut times = Vec::with_capacity(READS as usize);
    let ids: Vec<_> = (0..READS).map(|n| n.wrapping_mul(2_654_435_761) % entities).map(|n| (n, id(n))).collect();
    let begun = Instant::now();
    for (number, id) in &ids {
        let at = Instant::now();
        let entity = view.get(key(id)).unwrap().unwrap();
        times.push(at.elapsed().as_nanos());
        assert_eq!(entity.written.version.0, number + 1);
    }
    let speed = (READS as f64 / begun.elapsed().as_secs_f64()) as u64;
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100] as f64 / 1000.0;
    println!("reads from {name}: {speed}/s, p50 {:.2} µs, p99 {:.2} µs", at(50), at(99));
    let begun = Instant::now();
    let scope = ListScope { tenant: "tenant_001", module: "customer_success", entity_type: "account" };
    let listed = view.list(scope, ListPage { limit: 5000, ..ListPage::default() }).unwrap();
    let speed = (listed.entities.len() as f64 / begun.elapsed().as_secs_f64()) as u64;
    println!("listed from {name}: {speed} entities/s");
}
