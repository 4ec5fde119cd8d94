//! `revbus publish`, against a real broker.

use std::fmt::Write as _;

use crate::support::cluster::text;
use crate::support::{Bus, Cluster};

/// The broker holds whole batches against the topic's limit: they must not grow past it.
#[test]
fn many_events_go_through_a_topic_that_takes_little() {
    let little = include_str!("lean.yaml").replacen("version: 1", "version: 1\nmax_event_bytes: 1024", 1);
    let bus = Bus::new(Cluster::shared(), "publish", &little, 1);
    bus.apply();
    let mut lines = String::new();
    for n in 0..3_000 {
        let _ = writeln!(
            lines,
            "{{\"event_id\":\"evt_{n}\",\"event_type\":\"pipeline.deal_won\",\"source_module\":\"pipeline\",\
             \"tenant_id\":\"tenant_001\",\"timestamp\":\"2026-01-05T00:00:00Z\",\"payload\":{{\"deal_id\":\"d{n}\",\
             \"final_amount\":1,\"close_date\":\"2026-01-05\",\"rep_id\":\"r\",\"account_id\":\"{}\"}}}}",
            "a".repeat(300)
        );
    }
    let file = bus.dir.path().join("events.jsonl");
    std::fs::write(&file, lines).unwrap();
    let output = bus.command(&["publish", "--file", file.to_str().unwrap()]).output().unwrap();
    assert!(text(&output).contains("published 3000, refused 0"), "{}", text(&output));
    assert_eq!(bus.drain("pipeline.deal_won").len(), 3_000);
}
