//! How the router ends (decision 70): each way has its exit code and its sentence.

use std::time::Duration;

use crate::support::read::members;
use crate::support::{Bus, Cluster, Follower, Router, Sender, eventually, facts};

/// A router that has its partitions and has routed something.
fn working(bus: &Bus) -> Router {
    let router = bus.router("a");
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(bus, 0..20, 10));
    eventually("facts are routed", Duration::from_secs(120), || (audit.count() >= sent.len()).then_some(()));
    router
}

#[test]
fn a_signal_ends_it_well_and_its_group_is_empty() {
    let bus = Bus::shipped(Cluster::shared(), "signal", 2);
    for signal in ["TERM", "INT"] {
        let mut router = working(&bus);
        router.signal(signal);
        assert_eq!(router.exit_within(Duration::from_secs(10)), 0, "SIG{signal}: {}", router.output());
        // It left; the broker need not wait for its session to time out.
        assert_eq!(members(&bus.broker, &bus.group()).unwrap_or(0), 0, "after SIG{signal}");
    }
}

#[test]
fn a_signal_ends_an_idle_router_that_just_started() {
    let bus = Bus::shipped(Cluster::shared(), "early", 2);
    let mut router = bus.router("a");
    router.address();
    router.stop();
}

#[test]
fn an_unreachable_broker_is_exit_code_3() {
    let mut bus = Bus::new(Cluster::shared(), "away", SMALL, 1);
    bus.broker.bootstrap = "127.0.0.1:1".into();
    let mut router = bus.router("a");
    assert_eq!(router.exit_within(Duration::from_secs(120)), 3, "{}", router.output());
    assert!(router.output().contains("127.0.0.1:1"), "{}", router.output());
}

#[test]
fn a_log_of_json_has_its_last_words_as_json() {
    let mut bus = Bus::new(Cluster::shared(), "words", SMALL, 1);
    bus.broker.bootstrap = "127.0.0.1:1".into();
    let mut router = bus.router_with("a", |command| command.args(["--log-format", "json"]));
    assert_eq!(router.exit_within(Duration::from_secs(120)), 3, "{}", router.output());
    let output = router.output();
    let lines: Vec<serde_json::Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(last["level"], "ERROR", "{last}");
    assert!(last["message"].as_str().unwrap().contains("127.0.0.1:1"), "{last}");
}

#[test]
fn missing_topics_are_exit_code_3_and_all_of_them_named() {
    let bus = Bus::new(Cluster::shared(), "missing", SMALL, 1);
    let mut router = bus.router("a");
    assert_eq!(router.exit_within(Duration::from_secs(120)), 3, "{}", router.output());
    let output = router.output();
    for topic in ["pipeline.won", "pay.calculate", "revbus.audit", "revbus.dead_letters"] {
        assert!(output.contains(&bus.topic(topic)), "{topic} in: {output}");
    }
    assert!(output.contains("revbus topics apply"), "{output}");
}

#[test]
fn an_unreadable_catalogue_is_exit_code_2_and_a_wrong_one_1() {
    let mut bus = Bus::new(Cluster::shared(), "wrong", "version: 1\nmoduls: {}\n", 1);
    assert_eq!(bus.router("a").exit_within(Duration::from_secs(10)), 1);
    bus.catalogue = bus.dir.path().join("nowhere.yaml");
    assert_eq!(bus.router("b").exit_within(Duration::from_secs(10)), 2);
}

const SMALL: &str = r#"
version: 1
modules:
  pipeline:
    name: Pipeline
    outbound:
      pipeline.won:
        key: deal_id
        payload:
          deal_id: string
        triggers:
          - pay.calculate
  pay:
    name: Pay
    actions:
      pay.calculate:
        payload:
          deal_id: string
"#;
