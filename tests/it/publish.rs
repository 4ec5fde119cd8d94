//! `revbus publish`, against a real broker.

use crate::support::cluster::text;
use crate::support::{Bus, Cluster, facts};

/// The broker holds whole batches against the topic's limit: they must not grow past it.
#[test]
fn many_events_go_through_a_topic_that_takes_little() {
    let little = include_str!("lean.yaml").replacen("version: 1", "version: 1\nmax_event_bytes: 1024", 1);
    let bus = Bus::new(Cluster::shared(), "publish", &little, 1);
    bus.apply();
    let lines = (0..3_000).map(|n| format!("{}\n", facts::deal_won(n))).collect::<String>();
    let file = bus.dir.path().join("events.jsonl");
    std::fs::write(&file, lines).unwrap();
    let output = bus.command(&["publish", "--file", file.to_str().unwrap()]).output().unwrap();
    assert!(text(&output).contains("published 3000, refused 0"), "{}", text(&output));
    assert_eq!(bus.drain("pipeline.deal_won").len(), 3_000);
}
