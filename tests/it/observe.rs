//! What an operator sees: health, readiness, and metrics that Prometheus' own checker accepts.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::cluster::text;
use crate::support::{Bus, Cluster, Follower, Sender, eventually, facts};

pub use crate::support::http::{get, post};

#[test]
fn health_readiness_and_metrics_tell_what_happened() {
    let bus = Bus::shipped(Cluster::shared(), "observe", 2);
    let mut router = bus.router("a");
    let address = router.address();
    assert_eq!(get(&address, "/healthz").0, 200);
    eventually("it is ready", Duration::from_secs(120), || (get(&address, "/readyz").0 == 200).then_some(()));
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..100, 10));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every fact is audited", Duration::from_secs(120), || (audit.count() >= sent.len()).then_some(()));
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
