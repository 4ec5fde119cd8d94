//! Health by tables of moments.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::{Health, PartitionHealth};
use super::metrics;

#[test]
fn a_process_is_ready_when_its_partitions_are_and_its_workers_poll() {
    let start = Instant::now();
    let at = |seconds: u64| start + Duration::from_secs(seconds);
    let topic: Arc<str> = "t".into();
    let health = Health::new(start);
    assert!(health.readiness(at(0)).unwrap_err()[0].starts_with("it has not begun"), "no worker yet");
    let first = health.worker(0, start);
    let second = health.worker(1, start);
    first.joined();
    let waits = "worker 1 has not been given its share by the group yet".to_owned();
    assert_eq!(health.readiness(at(1)), Err(vec![waits]), "a group that begins from now on has not begun");
    second.joined();
    assert_eq!(health.readiness(at(60)), Ok(()), "no partition");
    first.set_partition(&topic, 0, PartitionHealth::Restoring);
    second.set_partition(&topic, 1, PartitionHealth::Stopped("its position is beyond the end".to_owned()));
    assert_eq!(
        health.readiness(at(1)),
        Err(vec!["t [0] is being restored".to_owned(), "t [1] is stopped: its position is beyond the end".to_owned()])
    );
    first.set_partition(&topic, 0, PartitionHealth::Ready);
    second.remove_partition(&topic, 1);
    assert_eq!(health.readiness(at(10)), Ok(()));
    first.polled(at(12));
    assert_eq!(health.readiness(at(13)), Err(vec!["worker 1 has not polled successfully for 13 s".to_owned()]));
    second.polled(at(13));
    assert_eq!(health.readiness(at(22)), Ok(()));
    first.set_trouble(Some("no broker answers".to_owned()));
    assert_eq!(health.readiness(at(14)), Err(vec!["worker 0: no broker answers".to_owned()]));
    first.set_trouble(None);
    assert_eq!(health.readiness(at(14)), Ok(()));
}

#[test]
fn the_gauges_follow_the_health() {
    let now = Instant::now();
    let health = Health::new(now);
    let worker = health.worker(0, now);
    let topic: Arc<str> = "t".into();
    worker.set_partition(&topic, 0, PartitionHealth::Ready);
    worker.set_partition(&topic, 1, PartitionHealth::Restoring);
    worker.set_partition(&topic, 2, PartitionHealth::Stopped(String::new()));
    let text = metrics().render(&health, now).unwrap();
    for line in ["assigned 3", "restoring 1", "stopped 1"] {
        assert!(text.contains(&format!("\nrevbus_partitions_{line}\n")), "{line}");
    }
    assert!(text.contains("\nrevbus_ready 0\n"));
}
