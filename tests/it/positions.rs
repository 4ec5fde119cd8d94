//! Where reading goes on: after records were deleted unread, where the audit topic is too narrow, and while the broker
//! is away.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::observe::get;
use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Follower, Sender, eventually, facts};

/// Its metrics have this line, or begin one with it.
fn measured(address: &str, line: &str) {
    let (_, metrics) = get(address, "/metrics");
    assert!(metrics.contains(line), "no `{line}` in {metrics}");
}

#[test]
fn records_deleted_unread_are_counted_and_reading_goes_on_at_the_start() {
    let bus = Bus::lean(Cluster::shared(), "gap", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let router = bus.router("a");
    let mut sent = facts::send(&sender, facts::mixed(&bus, 0..50, 1000));
    eventually("the first are audited", Duration::from_secs(120), || (audit.count() >= 50).then_some(()));
    router.stop();

    let missed = facts::send(&sender, facts::mixed(&bus, 50..100, 1000));
    bus.delete_records("pipeline.deal_won", Offset::Offset(missed[40].offset));

    let mut router = bus.router("b");
    let address = router.address();
    eventually("the rest is audited", Duration::from_secs(120), || (audit.count() >= 60).then_some(()));
    measured(&address, &format!("revbus_position_gap_records_total{{topic=\"{}\"}} 40", missed[0].topic));
    router.stop();
    sent.extend(missed.into_iter().skip(40));
    bus.judge(&sent);
}

#[test]
fn a_position_that_was_moved_back_is_named_and_what_the_ledger_knows_is_not_paid_again() {
    let bus = Bus::lean(Cluster::shared(), "behind", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..50, 1000));
    eventually("all are audited", Duration::from_secs(120), || (audit.count() >= 50).then_some(()));
    router.stop();
    let fact = sent[0].topic.clone();

    bus.move_group("pipeline.deal_won", |end| end - 20);
    let mut router = bus.router("b");
    let address = router.address();
    eventually("the last 20 are audited again", Duration::from_secs(120), || (audit.count() >= 70).then_some(()));
    measured(&address, &format!("revbus_positions_moved_back_total{{topic=\"{fact}\"}} 1\n"));
    let output = router.output();
    let line = output.lines().find(|line| line.contains("moved back")).expect("the log names it");
    assert!(line.contains("ERROR") && line.contains("from=30") && line.contains("audited=49"), "{line}");
    router.stop();

    let again: Vec<_> = audit.seen().iter().skip(50).map(|(_, record)| record.json()["outcome"].to_string()).collect();
    let routed = again.iter().filter(|outcome| *outcome == "\"routed\"").count();
    let first =
        audit.seen().iter().take(50).skip(30).filter(|(_, record)| record.json()["outcome"] == "routed").count();
    assert_eq!((routed, again.iter().filter(|one| *one == "\"duplicate\"").count() >= first), (0, true), "{again:?}");

    // A start at the right place says nothing.
    let mut router = bus.router("c");
    let address = router.address();
    let more = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 50..51, 1000));
    eventually("it goes on", Duration::from_secs(120), || (audit.count() >= 70 + more.len()).then_some(()));
    measured(&address, &format!("revbus_positions_moved_back_total{{topic=\"{fact}\"}} 0\n"));
    router.stop();
}

/// Then the ledger knows nothing of what is decided on again, and everything is paid again: not without a word.
#[test]
fn a_position_that_was_moved_back_behind_the_window_is_named_too() {
    let lean = include_str!("lean.yaml").replacen("version: 1\n", "version: 1\nduplicate_window: 1ms\n", 1);
    let bus = Bus::new(Cluster::shared(), "long", &lean, 1);
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..20, 1000));
    eventually("all are audited", Duration::from_secs(120), || (audit.count() >= 20).then_some(()));
    router.stop();
    bus.move_group("pipeline.deal_won", |end| end - 5);
    let mut router = bus.router("b");
    let address = router.address();
    eventually("the last 5 are audited again", Duration::from_secs(120), || (audit.count() >= 25).then_some(()));
    measured(&address, &format!("revbus_positions_moved_back_total{{topic=\"{}\"}} 1\n", sent[0].topic));
    router.stop();
}

/// Producers see a new partition before the router does, and what they put there comes from now on, if anything does.
#[test]
fn a_partition_that_comes_later_is_read_whole_also_from_now_on() {
    let bus = Bus::lean(Cluster::shared(), "later", 1);
    facts::send(&Sender::new(&bus.broker), vec![facts::probe(&bus, 0, 0)]);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router_with("a", |command| command.args(["--start", "latest"]));
    let mut of_group = TopicPartitionList::new();
    of_group.add_partition(&bus.topic("pipeline.deal_won"), 0);
    let group: BaseConsumer = bus.broker.config().set("group.id", bus.group()).create().unwrap();
    // Before anything is routed: a partition that goes elsewhere without a position would begin at its end again.
    eventually("it is said where the group begins", Duration::from_secs(120), || {
        let said = group.committed_offsets(of_group.clone(), Duration::from_secs(10)).ok()?;
        (said.elements()[0].offset() == Offset::Offset(1)).then_some(())
    });
    bus.grow(&["pipeline.deal_won", "revbus.audit", "revbus.dead_letters"], 3);
    let probes = (0..3).map(|partition| facts::probe(&bus, 10 + partition as usize, partition));
    facts::send(&Sender::new(&bus.broker), probes.collect());
    let audit_of_all = || {
        let wide = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
        eventually("all three are routed", Duration::from_secs(120), || (wide.count() >= 3).then_some(()));
        wide.count()
    };
    assert_eq!((audit_of_all(), audit.count()), (3, 1), "and not what was there before");
    router.stop();
}

#[test]
fn partitions_that_the_audit_topic_lacks_wait_for_it() {
    let bus = Bus::lean(Cluster::shared(), "narrow", 2);
    bus.grow(&["pipeline.deal_won"], 4);
    let mut router = bus.router("a");
    let address = router.address();
    let why = eventually("it is not ready", Duration::from_secs(120), || {
        let (code, body) = get(&address, "/readyz");
        (code == 503 && body.contains("[3]")).then_some(body)
    });
    assert!(why.contains("audit topic has 2 partitions") && why.contains("revbus topics apply"), "{why}");
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let sent =
        facts::send(&sender, (0..4).map(|partition| facts::probe(&bus, partition as usize, partition)).collect());
    eventually("the others are routed", Duration::from_secs(120), || (audit.count() >= 2).then_some(()));
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("all are routed", Duration::from_secs(120), || (audit.count() >= 4).then_some(()));
    let ready = || (get(&address, "/readyz").0 == 200).then_some(());
    eventually("it is ready", Duration::from_secs(120), ready);
    router.stop();
    bus.judge(&sent);
}

#[test]
fn while_the_broker_is_away_it_is_not_ready_and_still_ends_in_time() {
    let dir = tempfile::Builder::new().prefix("revbus-away.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    let bus = Bus::lean(&cluster.broker, "away", 2);
    let mut router = bus.router("a");
    let address = router.address();
    let ready = |code| {
        eventually(&format!("ready: {code}"), Duration::from_secs(60), || {
            (get(&address, "/readyz").0 == code).then_some(())
        })
    };
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let sender = Sender::new(&bus.broker);
    let first = facts::send(&sender, facts::mixed(&bus, 0..10, 1000));
    eventually("facts flow", Duration::from_secs(120), || (audit.count() >= first.len()).then_some(()));
    ready(200);
    cluster.stop();
    ready(503);
    let cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    ready(200);
    cluster.stop();
    ready(503);
    router.signal("TERM");
    assert_eq!(router.exit_within(Duration::from_secs(10)), 0, "{}", router.output());
}
