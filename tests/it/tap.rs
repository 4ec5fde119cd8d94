//! Watching what flows, by `revbus tap`.

use std::time::Duration;

use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Follower, Router, Sender, eventually, facts};

const PATIENCE: Duration = Duration::from_secs(120);

/// Whatever topic is read first: a history is told from its beginning.
#[test]
fn the_story_of_one_event_is_told_in_the_order_of_time() {
    let bus = Bus::lean(Cluster::shared(), "story", 2);
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..40, 1000));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    eventually("all are audited", PATIENCE, || (audit.count() >= sent.len()).then_some(()));
    router.stop();
    let mut command =
        bus.command(&["tap", "all", "--about", "evt_1", "--from", "1h", "--until-idle", "1s", "-o", "json"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let topics: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["topic"].as_str().unwrap().to_owned())
        .collect();
    let story = [
        "pipeline.deal_won",
        "compensation.calculate",
        "forecast.validate",
        "customer_success.onboard",
        "revbus.audit",
    ];
    assert_eq!((topics.first(), topics.last()), (Some(&bus.topic(story[0])), Some(&bus.topic(story[4]))), "{lines}");
    let (mut told, mut all) = (topics.clone(), story.map(|topic| bus.topic(topic)).to_vec());
    told.sort();
    all.sort();
    assert_eq!(told, all, "and of evt_10 to evt_19 nothing");
    let fact = lines.lines().next().unwrap();
    let at = serde_json::from_str::<serde_json::Value>(fact).unwrap()["timestamp"].as_str().unwrap().to_owned();
    let mut command = bus.command(&["tap", "all", "--about", "evt_1", "--from", "1h", "--until", &at, "-o", "json"]);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{fact}\n"), "what came of it came later");
}

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
