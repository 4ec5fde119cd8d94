//! Topics that are deleted while the router runs: named where an operator looks, and all goes on once they are back.

use std::time::Duration;

use rdkafka::Offset;

use crate::reload::audited;
use crate::support::http::{get, metric};
use crate::support::{Bus, Cluster, Router, Sender, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);

/// A router at work, and its address.
fn at_work(bus: &Bus) -> (Router, String) {
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it routes", LATEST, || (metric(&address, "revbus_partitions_assigned") == Some(1)).then_some(()));
    (router, address)
}

/// Deletes a topic, and waits until it is gone: until then, what is written to it is taken.
fn delete(bus: &Bus, topic: &str) {
    let topic = bus.topic(topic);
    bus.broker.tool("topics", &["--delete", "--topic", &topic]);
    eventually("the topic is gone", LATEST, || {
        let there = bus.broker.tool("topics", &["--list"]);
        there.lines().all(|line| line != topic).then_some(())
    });
}

/// Waits until readiness names the topic.
fn named(bus: &Bus, address: &str, topic: &str) {
    let lacks = format!("the cluster lacks {}", bus.topic(topic));
    eventually("the topic is named", LATEST, || {
        let (code, said) = get(address, "/readyz");
        (code == 503 && said.contains(&lacks)).then_some(())
    });
}

/// A router that has routed five facts, and whose readiness names the topic without which five more wait.
fn in_want_of(bus: &Bus, topic: &str) -> (Router, String) {
    let (router, address) = at_work(bus);
    let sender = Sender::new(&bus.broker);
    facts::send(&sender, facts::mixed(bus, 0..5, 1000));
    audited(bus, 5);
    delete(bus, topic);
    facts::send(&sender, facts::mixed(bus, 5..10, 1000));
    named(bus, &address, topic);
    (router, address)
}

fn ready(address: &str) {
    eventually("it is ready", LATEST, || (get(address, "/readyz").0 == 200).then_some(()));
}

#[test]
fn a_topic_of_commands_that_is_gone_is_named_until_it_is_back() {
    let bus = Bus::lean(Cluster::shared(), "gone", 1);
    let (router, address) = in_want_of(&bus, "compensation.calculate");
    // Positions are committed all the while, which is no sign that facts are routed.
    let committed = metric(&address, "revbus_transactions_total{result=\"committed\"}");
    let aborted = || metric(&address, "revbus_transactions_total{result=\"aborted\"}").unwrap();
    let before = aborted();
    eventually("it tries again", LATEST, || {
        assert_eq!(get(&address, "/readyz").0, 503);
        (aborted() > before + 2).then_some(())
    });
    assert_eq!(metric(&address, "revbus_transactions_total{result=\"committed\"}"), committed);
    let lag = format!("revbus_consumer_lag_records{{partition=\"0\",topic=\"{}\"}}", bus.topic("pipeline.deal_won"));
    eventually("its lag is that of the group", LATEST, || (metric(&address, &lag) == Some(5)).then_some(()));
    bus.apply();
    audited(&bus, 10);
    ready(&address);
    router.stop();
    assert_eq!(bus.drain("compensation.calculate").len(), 5);
    let log = std::fs::read_to_string(bus.dir.path().join("router-a.log")).unwrap();
    assert!(log.contains(&format!("the cluster lacks {}", bus.topic("compensation.calculate"))), "{log}");
}

/// Nothing is left that could fail, and nothing comes that could be committed.
#[test]
fn what_waited_and_was_deleted_is_no_trouble_any_more() {
    let bus = Bus::lean(Cluster::shared(), "vain", 1);
    let (router, address) = in_want_of(&bus, "compensation.calculate");
    bus.delete_records("pipeline.deal_won", Offset::End);
    ready(&address);
    router.stop();
}

#[test]
fn a_topic_of_facts_that_is_gone_is_named_until_it_is_back() {
    let bus = Bus::lean(Cluster::shared(), "lost", 1);
    let (router, address) = at_work(&bus);
    delete(&bus, "pipeline.deal_won");
    named(&bus, &address, "pipeline.deal_won");
    bus.apply();
    ready(&address);
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..5, 1000));
    audited(&bus, 5);
    router.stop();
    bus.judge(&sent);
}

/// Without its trail nothing is decided; with a new one, what the router remembers of the old one still holds.
#[test]
fn an_audit_topic_that_is_gone_is_named_until_it_is_back() {
    let bus = Bus::lean(Cluster::shared(), "trail", 1);
    let (router, address) = in_want_of(&bus, "revbus.audit");
    assert_eq!(bus.drain("compensation.calculate").len(), 5);
    bus.apply();
    ready(&address);
    // Once more, what the first trail told of.
    facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..5, 1000));
    audited(&bus, 10);
    router.stop();
    assert_eq!(bus.drain("compensation.calculate").len(), 10);
    let outcomes: Vec<_> = bus.drain("revbus.audit").iter().map(|record| record.json()["outcome"].clone()).collect();
    assert_eq!(outcomes, [["routed"; 5], ["duplicate"; 5]].concat());
}
