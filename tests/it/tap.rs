//! Watching what flows, by `revbus tap`.

use std::time::Duration;

use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Router, Sender, eventually, facts};

const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_cluster_that_is_away_is_told_and_waited_for() {
    let dir = tempfile::Builder::new().prefix("revbus-tap.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    let bus = Bus::new(&cluster.broker, "tapped", include_str!("lean.yaml"), 1);
    bus.apply();
    let mut command = bus.command(&["tap"]);
    command.args(["pipeline.deal_won", "--from", "beginning", "-o", "json"]);
    let mut tap = Router::spawn(command, &dir.path().join("tap.log"));
    let publish = |sequence: usize| {
        let fact = facts::deal_won(sequence);
        Sender::new(&bus.broker).send(&[bus.outgoing("pipeline.deal_won", "tenant_001/deal", fact.to_string())]);
        let id = fact["event_id"].as_str().unwrap().to_owned();
        eventually(&format!("{id} is seen"), PATIENCE, || tap.output().contains(&id).then_some(()));
    };
    publish(1);
    cluster.stop();
    eventually("it is told that the cluster is away", PATIENCE, || {
        let told = |line: &str| line.contains("waiting for it") && line.contains(&bus.topic("pipeline.deal_won"));
        tap.output().lines().any(told).then_some(())
    });
    let _cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    publish(2);
    tap.signal("INT");
    assert_eq!(tap.exit_within(PATIENCE), 0, "{}", tap.output());
}
