//! A topic of facts changes under the router: it is deleted and made anew, or it gets more partitions.

use std::collections::HashSet;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;

use crate::cluster::{audited, shared};
use crate::seed::schedule;
use crate::support::{Broker, Bus, Follower, Record, Sender, eventually, facts, oracle, read, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

fn admin(broker: &Broker) -> AdminClient<DefaultClientContext> {
    broker.config().create().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn grow(bus: &Bus, topic: &str, partitions: usize) {
    let (topic, options) = (bus.topic(topic), AdminOptions::new());
    let wanted = [NewPartitions::new(&topic, partitions)];
    for result in block_on(admin(&bus.broker).create_partitions(&wanted, &options)).unwrap() {
        result.unwrap();
    }
}

#[test]
fn added_partitions_are_routed_without_a_restart() {
    let partitions = schedule("added_partitions", |random| random.between(3, 6));
    let bus = Bus::lean(shared(), "grown", 2);
    // The trail has a partition for each of the facts', so that none must wait for it.
    grow(&bus, "revbus.audit", partitions);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router_with("a", |command| command.args(["--set", "topic.metadata.refresh.interval.ms=2000"]));
    let mut probes = Vec::new();
    let sent = while_flowing(&bus, 20, 10, || {
        audited(&audit, 200, PATIENCE);
        grow(&bus, "pipeline.deal_won", partitions);
        // Behind all sequence numbers of the load.
        let new =
            (2..partitions as i32).map(|partition| facts::probe(&bus, 10_000_000 + partition as usize, partition));
        let new: Vec<_> = new.collect();
        probes = eventually("the broker has the partitions", PATIENCE, || {
            let all = read::partitions(&bus.broker, &[bus.topic("pipeline.deal_won")]).len();
            (all == partitions).then(|| facts::send(&Sender::new(&bus.broker), new.clone()))
        });
        eventually("the new partitions are routed", PATIENCE, || {
            let seen = audit.seen();
            let new: HashSet<_> = seen.iter().map(|(_, record)| record.partition).filter(|one| *one >= 2).collect();
            (new.len() == partitions - 2).then_some(())
        });
    });
    audited(&audit, sent.len() + probes.len(), PATIENCE);
    router.stop();
    bus.judge(&[sent, probes].concat());
}

#[test]
fn a_topic_that_was_deleted_and_made_anew_is_routed_from_its_start() {
    let (first, second) = schedule("a_topic_made_anew", |random| (random.between(100, 400), random.between(50, 800)));
    let bus = Bus::lean(shared(), "anew", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let router = bus.router("a");
    let before = facts::send(&sender, facts::mixed(&bus, 0..first, 10));
    audited(&audit, before.len(), PATIENCE);
    bus.judge(&before);
    let old: HashSet<_> = outputs(&bus, &before[0].topic).iter().map(Record::place).collect();

    let topic = bus.topic("pipeline.deal_won");
    for result in block_on(admin(&bus.broker).delete_topics(&[&topic], &AdminOptions::new())).unwrap() {
        result.unwrap();
    }
    eventually("the topic is gone", PATIENCE, || read::topics(&bus.broker, &topic).is_empty().then(|| bus.apply()));
    let after = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, first..first + second, 10));
    audited(&audit, before.len() + after.len(), PATIENCE);
    router.stop();
    let new: Vec<_> = outputs(&bus, &topic).into_iter().filter(|record| !old.contains(&record.place())).collect();
    assert_eq!(oracle::judge(&bus.prefix, &after, &new), Vec::<String>::new());
}

/// All that the router wrote.
fn outputs(bus: &Bus, facts: &str) -> Vec<Record> {
    let topics = read::topics(&bus.broker, &bus.prefix).into_iter().filter(|name| name != facts);
    read::drain(&bus.broker, &topics.collect::<Vec<_>>())
}
