//! A topic of facts changes under the router: it is deleted and made anew, or it gets more partitions.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::time::Duration;

use rdkafka::admin::AdminOptions;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::cluster::{audited, settled, shared};
use crate::seed::schedule;
use crate::support::{Bus, Follower, Record, Sender, block_on, eventually, facts, oracle, read, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

/// Deletes a topic, and creates it again.
fn make_anew(bus: &Bus, topic: &str) {
    for result in block_on(bus.admin().delete_topics(&[topic], &AdminOptions::new())).unwrap() {
        result.unwrap();
    }
    eventually("the topic is gone", PATIENCE, || read::topics(&bus.broker, topic).is_empty().then_some(()));
    bus.apply();
}

#[test]
fn added_partitions_are_routed() {
    let partitions = schedule("added_partitions", |random| random.between(3, 6));
    let bus = Bus::lean(shared(), "grown", 2);
    // The trail has a partition for each of the facts', so that none must wait for it.
    bus.grow(&["revbus.audit"], partitions);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let quick = ["--set", "topic.metadata.refresh.interval.ms=2000"];
    let router = bus.router_with("a", |command| command.args(quick));
    let probes = OnceCell::new();
    let sent = while_flowing(&bus, 20, 10, || {
        audited(&audit, 200, PATIENCE);
        bus.grow(&["pipeline.deal_won"], partitions);
        // Behind all sequence numbers of the load.
        let new = (2..partitions).map(|number| facts::probe(&bus, 10_000_000 + number, number as i32));
        probes.set(facts::send(&Sender::new(&bus.broker), new.collect())).ok();
        let before = audit.count();
        audited(&audit, before + 500, PATIENCE);
    });
    let sent = [sent, probes.into_inner().unwrap()].concat();
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}

/// Kafka forgets a group's positions with the topic: a new one of its name begins at its start.
#[test]
fn a_topic_that_was_made_anew_meanwhile_is_routed_from_its_start() {
    let (first, second) = schedule("a_topic_made_anew", |random| (random.between(100, 400), random.between(50, 800)));
    let bus = Bus::lean(shared(), "anew", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let before = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..first, 10));
    audited(&audit, before.len(), PATIENCE);
    router.stop();
    bus.judge(&before);
    let topic = bus.topic("pipeline.deal_won");
    let old: HashSet<_> = outputs(&bus, &topic).iter().map(Record::place).collect();

    make_anew(&bus, &topic);
    let after = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, first..first + second, 10));
    // The group has no other topic, and with this one Kafka has forgotten its positions. The trail tells of the old one.
    let router = bus.router_with("a", |command| command.args(["--start", "audited"]));
    settled(&audit, before.len() + after.len(), PATIENCE);
    router.stop();
    let new: Vec<_> = outputs(&bus, &topic).into_iter().filter(|record| !old.contains(&record.place())).collect();
    assert_eq!(oracle::judge(&bus.prefix, &after, &new), Vec::<String>::new());
}

/// The client goes on at its old position, past the records before it; the router reads the new topic from its start.
/// What it had read by then is known to the ledger; its order is gone.
#[test]
fn a_topic_made_anew_under_a_running_router_is_routed_from_its_start() {
    let (first, second) =
        schedule("a_topic_made_anew_under_a_router", |random| (random.between(50, 200), random.between(300, 800)));
    let bus = Bus::lean(shared(), "replaced", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let before = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..first, usize::MAX));
    audited(&audit, before.len(), PATIENCE);
    let topic = bus.topic("pipeline.deal_won");
    let old: HashSet<_> = outputs(&bus, &topic).iter().map(Record::place).collect();

    make_anew(&bus, &topic);
    let after = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, first..first + second, usize::MAX));
    let routed = || audit.seen().iter().filter(|(_, record)| record.json()["outcome"] == "routed").count();
    eventually("all facts of the new topic are routed", PATIENCE, || {
        (routed() >= before.len() + after.len()).then_some(())
    });
    router.stop();
    let again = |record: &Record| record.topic.ends_with("revbus.audit") && record.json()["outcome"] == "duplicate";
    let new = outputs(&bus, &topic).into_iter().filter(|record| !old.contains(&record.place()) && !again(record));
    let mut findings = oracle::judge(&bus.prefix, &after, &new.collect::<Vec<_>>());
    findings.retain(|finding| !finding.contains("stands behind"));
    assert!(findings.is_empty(), "{} findings: {:?}", findings.len(), &findings[..findings.len().min(5)]);
}

/// As a router leaves it that died before it noticed.
#[test]
fn a_position_of_a_deleted_topic_is_not_one_of_the_topic_made_anew() {
    let count = schedule("a_position_of_a_deleted_topic", |random| random.between(50, 200));
    let bus = Bus::lean(shared(), "stale", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..count, 10));
    let mut position = TopicPartitionList::new();
    position.add_partition_offset(&bus.topic("pipeline.deal_won"), 0, Offset::Offset(20)).unwrap();
    position.elements()[0].set_metadata("topic_id=3dTlYJcWQkm7DLWrAhBBvQ");
    let mut config = bus.broker.config();
    let group: BaseConsumer = config.set("group.id", bus.group()).create().unwrap();
    group.commit(&position, CommitMode::Sync).unwrap();

    let router = bus.router("a");
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}

/// All that the router wrote.
fn outputs(bus: &Bus, facts: &str) -> Vec<Record> {
    let topics = read::topics(&bus.broker, &bus.prefix).into_iter().filter(|name| name != facts);
    read::drain(&bus.broker, &topics.collect::<Vec<_>>())
}
