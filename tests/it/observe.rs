//! What an operator sees: health, readiness, and metrics that Prometheus' own checker accepts.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use rdkafka::producer::Producer;

use crate::support::cluster::text;
use crate::support::{Bus, Cluster, Follower, Sender, eventually, facts};

pub use crate::support::http::{get, metric, post};

const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn health_readiness_and_metrics_tell_what_happened() {
    let bus = Bus::shipped(Cluster::shared(), "observe", 2);
    let mut router = bus.router("a");
    let address = router.address();
    assert_eq!(get(&address, "/healthz").0, 200);
    eventually("it is ready", PATIENCE, || (get(&address, "/readyz").0 == 200).then_some(()));
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..100, 10));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every fact is audited", PATIENCE, || (audit.count() >= sent.len()).then_some(()));
    let (code, metrics) = get(&address, "/metrics");
    assert_eq!(code, 200);
    check(&metrics);
    for id in ["evt_", "tenant_0", "deal_0", "rep_0"] {
        assert!(!metrics.contains(id), "a label has an unbounded value ({id}): {metrics}");
    }
    assert_eq!(get(&address, "/nowhere").0, 404);
    router.stop();
    bus.judge(&sent);
}

#[test]
fn what_waits_behind_an_open_transaction_is_seen_though_there_is_no_lag() {
    let bus = Bus::lean(Cluster::shared(), "open", 1);
    let topic = bus.topic("pipeline.deal_won");
    let of_topic = |name: &str| format!("{name}{{partition=\"0\",topic=\"{topic}\"}}");
    let (time, lag) = (of_topic("revbus_open_transaction_seconds"), of_topic("revbus_consumer_lag_records"));
    let mut router = bus.router("a");
    let address = router.address();
    let foreign = bus.open_transaction("pipeline.deal_won");
    let sent = facts::send(&Sender::new(&bus.broker), vec![facts::probe(&bus, 0, 0)]);
    let waits = || metric(&address, &time).filter(|seconds| *seconds > 0);
    eventually("it is seen that the partition waits", PATIENCE, waits);
    assert_eq!(metric(&address, &lag), Some(0), "what may not be read is no lag");
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    foreign.abort_transaction(PATIENCE).unwrap();
    eventually("the fact behind it is audited", PATIENCE, || (audit.count() >= 1).then_some(()));
    let over = || (metric(&address, &time) == Some(0)).then_some(());
    eventually("it is seen that it waits no more", PATIENCE, over);
    router.stop();
    bus.judge(&sent);
}

#[test]
fn what_a_quota_costs_is_seen() {
    let bus = Bus::lean(Cluster::shared(), "throttled", 1);
    let sender = Sender::new(&bus.broker);
    // Some 100 kB wait: more than a window of ten seconds allows, and no batch is as much, for such a one never comes.
    let some = (0..300).step_by(30).map(|first| first..first + 30);
    let sent: Vec<_> = some.flat_map(|some| facts::send(&sender, facts::mixed(&bus, some, 1000))).collect();
    let client = ["--entity-type", "clients", "--entity-name", "revbus.slowed"];
    bus.broker.tool("configs", &[&["--alter", "--add-config", "consumer_byte_rate=5000"], &client[..]].concat());
    let mut router = bus.router("slowed");
    let address = router.address();
    eventually("it is seen that reading was slowed down", PATIENCE, || {
        let (_, metrics) = get(&address, "/metrics");
        let value = metrics.lines().find_map(|line| line.strip_prefix("revbus_read_throttled_seconds_total "));
        (value.unwrap().parse::<f64>().unwrap() > 0.0).then_some(())
    });
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every fact is audited", PATIENCE, || (audit.count() >= sent.len()).then_some(()));
    router.stop();
    bus.judge(&sent);
}

fn check(metrics: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is missing: scripts/test brings it, or: apt-get install -y prometheus");
    promtool.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{metrics}", text(&output));
}
