//! A storm of dead letters, as a bad deploy makes it: the event type waits until somebody says that it is over.

use std::ops::Range;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::observe::{get, post};
use crate::support::oracle::Expect;
use crate::support::{Bus, Cluster, Follower, Outgoing, Sender, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);

/// So many records that are no events.
fn bad(bus: &Bus, numbers: Range<usize>) -> Vec<(Outgoing, Expect)> {
    let bad = |n| {
        let (record, _) = facts::probe(bus, n, 0);
        (Outgoing { value: Some(b"{}".to_vec()), ..record }, Expect::Dead("envelope_field_missing"))
    };
    numbers.map(bad).collect()
}

#[test]
fn a_storm_stops_its_event_type_until_somebody_resumes() {
    let bus = Bus::lean(Cluster::shared(), "storm", 1);
    let sender = Sender::new(&bus.broker);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let address = router.address();
    let mut sent = facts::send(&sender, bad(&bus, 0..1500));
    let why = eventually("it is stopped", LATEST, || {
        let (code, body) = get(&address, "/readyz");
        (code == 503 && body.contains("dead letters")).then_some(body)
    });
    assert!(why.contains("pipeline.deal_won [0] is stopped") && why.contains("/-/resume"), "{why}");
    let (_, metrics) = get(&address, "/metrics");
    assert!(metrics.contains("revbus_dead_letter_storms_total{event_type=\"pipeline.deal_won\"} 1"), "{metrics}");

    sent.extend(facts::send(&sender, (1500..1510).map(|n| facts::probe(&bus, n, 0)).collect()));
    // And whatever of the bad ones came behind the transaction that stopped them.
    let waits = || {
        let waiting = 1510 - audit.count();
        let line = format!("revbus_consumer_lag_records{{partition=\"0\",topic=\"{}\"}} {waiting}\n", sent[0].topic);
        (waiting >= 10 && get(&address, "/metrics").1.contains(&line)).then_some(())
    };
    eventually("what comes now waits", LATEST, waits);
    assert_eq!(post(&address, "/-/resume"), (200, "1 event type goes on\n".to_owned()));
    eventually("it goes on", LATEST, || (audit.count() >= 1510).then_some(()));
    eventually("it is ready", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));

    // The catalogue need not change for that.
    sent.extend(facts::send(&sender, bad(&bus, 1510..3010)));
    eventually("it is stopped again", LATEST, || (get(&address, "/readyz").0 == 503).then_some(()));
    let (code, answer) = post(&address, "/-/reload");
    assert!(code == 200 && answer.starts_with("unchanged"), "{code} {answer}");
    eventually("it is ready after a reload", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));
    eventually("it goes on after a reload", LATEST, || (audit.count() >= 3010).then_some(()));
    router.stop();
    bus.judge(&sent);
}

/// Waits until so many of the group's positions say that they are stopped.
fn said(bus: &Bus, partitions: usize) {
    let consumer: BaseConsumer = bus.broker.config().set("group.id", bus.group()).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_range(&bus.topic("pipeline.deal_won"), 0, 7);
    eventually(&format!("{partitions} positions say so"), LATEST, || {
        let committed = consumer.committed_offsets(list.clone(), Duration::from_secs(20)).unwrap();
        let said = committed.elements().iter().filter(|one| one.metadata().contains("stopped=")).count();
        (said == partitions).then_some(())
    });
}

/// A stop is the group's: a peer that is given the partitions keeps it. Whoever starts afterwards goes on.
#[test]
fn a_stopped_event_type_stays_stopped_in_a_peer_until_one_starts_anew() {
    let bus = Bus::lean(Cluster::shared(), "stays", 8);
    let sender = Sender::new(&bus.broker);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let is_stopped = |address: &str, partitions: usize| {
        eventually("it is stopped", LATEST, || {
            let (code, body) = get(address, "/readyz");
            let stopped =
                body.lines().filter(|line| line.contains("is stopped: ") && line.contains("/-/resume")).count();
            (code == 503 && stopped == partitions).then_some(())
        });
    };
    let is_ready =
        |address: &str| eventually("it is ready", LATEST, || (get(address, "/readyz").0 == 200).then_some(()));
    let good = |numbers: Range<usize>| facts::send(&sender, numbers.map(|n| facts::probe(&bus, n, 0)).collect());

    let mut first = bus.router("first");
    let address = first.address();
    // One in ten is good: for a peer this patient it is no storm.
    let mut peer = bus.router_with("peer", |command| command.args(["--dead-letter-limit", "99%"]));
    let of_peer = peer.address();
    eventually("they share the partitions", LATEST, || {
        let shares = [&address, &of_peer].map(|address| assigned(&get(address, "/metrics").1));
        (shares == [4, 4]).then_some(())
    });
    let mixed = (0..4000).map(|n| {
        // In each partition, so that it does not matter whose records are counted first.
        let (record, expect) = if (n / 8) % 10 == 9 { facts::probe(&bus, n, 0) } else { bad(&bus, n..n + 1).remove(0) };
        (Outgoing { partition: Some((n % 8) as i32), ..record }, expect)
    });
    let mut sent = facts::send(&sender, mixed.collect());
    is_stopped(&address, 4);
    said(&bus, 4);
    is_ready(&of_peer);
    first.kill();
    is_stopped(&of_peer, 8);
    said(&bus, 8);
    let routed = audit.count();
    sent.extend(good(4000..4100));
    peer.stop();
    assert_eq!(audit.count(), routed, "nothing was routed since");

    let mut later = bus.router_with("later", |command| command.args(["--dead-letter-limit", "99%"]));
    let address = later.address();
    eventually("it goes on", LATEST, || (audit.count() >= 4100).then_some(()));
    is_ready(&address);
    said(&bus, 0);
    later.stop();
    bus.judge(&sent);
}

/// How many partitions a process has.
fn assigned(metrics: &str) -> u64 {
    let lines = metrics.lines().filter(|line| line.starts_with("revbus_partitions_assigned"));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn off_means_that_bad_records_never_stop_a_partition() {
    let bus = Bus::lean(Cluster::shared(), "calm", 1);
    let sender = Sender::new(&bus.broker);
    let mut command = bus.router_command("a");
    command.args(["--dead-letter-limit", "off"]);
    let mut router = crate::support::Router::spawn(command, &bus.dir.path().join("router.log"));
    let address = router.address();
    let bad = (0..3000).map(|n| {
        let (record, _) = facts::probe(&bus, n, 0);
        (Outgoing { value: None, ..record }, Expect::Dead("empty_record"))
    });
    let mut sent = facts::send(&sender, bad.collect());
    sent.extend(facts::send(&sender, vec![facts::probe(&bus, 3000, 0)]));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("all are audited", LATEST, || (audit.count() >= 3001).then_some(()));
    assert_eq!(get(&address, "/readyz").0, 200);
    router.stop();
    bus.judge(&sent);
}
