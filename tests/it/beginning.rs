//! Where a group without positions begins: on a bus that was routed before, whoever starts a router must say.

use std::time::Duration;

use rdkafka::admin::AdminOptions;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;
use rdkafka::{Offset, TopicPartitionList};

use crate::support::http::metric;
use crate::support::read::members;
use crate::support::{Bus, Cluster, Follower, Sender, block_on, eventually, facts};

const PATIENCE: Duration = Duration::from_secs(120);

/// As Kafka does by itself, a week after the last member has left.
fn forget_positions(bus: &Bus) {
    let group = bus.group();
    // A member that was about to join when it was told to stop may not have left.
    let left = || members(&bus.broker, &group).unwrap_or(0) == 0;
    eventually("its members are gone", PATIENCE, || left().then_some(()));
    for result in block_on(bus.admin().delete_groups(&[&group], &AdminOptions::new())).unwrap() {
        result.unwrap();
    }
}

#[test]
fn a_group_whose_positions_are_forgotten_goes_on_behind_the_audit_trail() {
    let bus = Bus::lean(Cluster::shared(), "forgotten", 3);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let mut sent = facts::send(&sender, facts::mixed(&bus, 0..60, 7));
    // Nobody has routed this bus yet, so there is nothing to ask.
    let router = bus.router_with("a", |command| command.args(["--start", "audited"]));
    eventually("the first are audited", PATIENCE, || (audit.count() >= 60).then_some(()));
    router.stop();
    forget_positions(&bus);
    sent.extend(facts::send(&sender, facts::mixed(&bus, 60..90, 7)));

    let mut refused = bus.router("b");
    assert_eq!(refused.exit_within(PATIENCE), 2);
    let said = refused.output();
    assert!(said.contains("has no positions") && said.contains("--start audited"), "{said}");
    assert_eq!(audit.count(), 60, "nothing is routed before somebody has said where to begin");

    let mut router = bus.router_with("c", |command| command.args(["--start", "audited"]));
    eventually("the rest is audited", PATIENCE, || {
        assert_eq!(router.ended(), None, "{}", router.output());
        (audit.count() >= 90).then_some(())
    });
    router.stop();
    assert_eq!(audit.count(), 90, "none is decided on again");
    bus.judge(&sent);
}

#[test]
fn a_router_that_died_in_its_first_transaction_begins_again() {
    let bus = Bus::lean(Cluster::shared(), "first", 1);
    let dead = bus.open_transaction("revbus.audit");
    // Open still, and then taken back: neither was ever committed.
    for instance in ["a", "b"] {
        let mut router = bus.router(instance);
        let address = router.address();
        eventually("it has partitions", PATIENCE, || {
            assert_eq!(router.ended(), None, "{}", router.output());
            metric(&address, "revbus_partitions_assigned").is_some_and(|count| count > 0).then_some(())
        });
        router.kill();
        if instance == "a" {
            dead.abort_transaction(PATIENCE).unwrap();
        }
    }
}

/// A process that was killed in mid-transaction leaves it open, with the group's positions in it, until its timeout: which its
/// successor need not wait for, who ends it.
#[test]
fn a_successor_begins_though_the_transaction_of_the_killed_one_is_open() {
    let bus = Bus::lean(Cluster::shared(), "killed", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let mut sent = facts::send(&sender, facts::mixed(&bus, 0..20, 1000));
    let router = bus.lone_router("a", |command| command);
    eventually("the first are audited", PATIENCE, || (audit.count() >= 20).then_some(()));
    router.stop();

    let killed = bus.begin_transaction(&format!("{}.a.0", bus.group()), "revbus.audit");
    let group: BaseConsumer = bus.broker.config().set("group.id", bus.group()).create().unwrap();
    let mut positions = TopicPartitionList::new();
    positions.add_partition_offset(&bus.topic("pipeline.deal_won"), 0, Offset::Offset(20)).unwrap();
    killed.send_offsets_to_transaction(&positions, &group.group_metadata().unwrap(), PATIENCE).unwrap();

    sent.extend(facts::send(&sender, facts::mixed(&bus, 20..40, 1000)));
    let mut router = bus.lone_router("a", |command| command);
    eventually("the rest is audited", PATIENCE, || {
        assert_eq!(router.ended(), None, "{}", router.output());
        (audit.count() >= 40).then_some(())
    });
    router.stop();
    bus.judge(&sent);
}

#[test]
fn who_says_so_begins_anywhere() {
    let bus = Bus::lean(Cluster::shared(), "anywhere", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    facts::send(&sender, facts::mixed(&bus, 0..20, 1000));
    let router = bus.router("a");
    eventually("all are audited", PATIENCE, || (audit.count() >= 20).then_some(()));
    router.stop();
    forget_positions(&bus);
    // The duplicate window has them all.
    let again = bus.router_with("b", |command| command.env("REVBUS_START", "earliest"));
    eventually("all are audited again", PATIENCE, || (audit.count() >= 40).then_some(()));
    again.stop();
    let duplicates = audit.seen().iter().filter(|(_, record)| record.json()["outcome"] == "duplicate").count();
    assert_eq!(duplicates, 20);
    // With positions nothing is asked.
    let mut router = bus.router("c");
    facts::send(&sender, facts::mixed(&bus, 20..21, 1000));
    eventually("it goes on", PATIENCE, || {
        assert_eq!(router.ended(), None, "{}", router.output());
        (audit.count() >= 41).then_some(())
    });
    router.stop();
}
