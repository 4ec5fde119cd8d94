//! Producers that repeat themselves: a fact sent again pays nobody twice (decisions 39 and 61).

use std::time::Duration;

use revbus::time::Timestamp;
use serde_json::json;

use crate::support::http::{get, metric};
use crate::support::oracle::Expect;
use crate::support::{Bus, Cluster, Follower, Outgoing, Router, Sender, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);

/// Routing on without what they say would route facts twice (decision 72).
#[test]
fn audit_records_of_a_newer_version_keep_an_older_router_waiting() {
    let bus = Bus::lean(Cluster::shared(), "newer", 1);
    let sender = Sender::new(&bus.broker);
    let source = json!({"topic": bus.topic("pipeline.deal_won"), "partition": 0, "offset": 0});
    let record = json!({"v": 2, "outcome": "routed", "source": source, "tenant_id": "t", "event_id": "e"});
    sender.send(&[bus.outgoing("revbus.audit", "t/e", record.to_string())]);
    facts::send(&sender, facts::mixed(&bus, 0..5, 1000));
    let mut router = bus.router_with("a", |command| command.args(["--start", "earliest"]));
    let address = router.address();
    let why = eventually("it says why it waits", LATEST, || {
        let (code, body) = get(&address, "/readyz");
        (code == 503 && body.contains("version 2")).then_some(body)
    });
    assert!(why.contains("upgrade"), "{why}");
    let audit = crate::support::read::drain(&bus.broker, &[bus.topic("revbus.audit")]);
    assert_eq!(audit.len(), 1, "nothing was routed");
}

fn duplicate() -> Expect {
    Expect::Audited("duplicate")
}

#[test]
fn a_fact_sent_again_is_audited_and_not_routed_whoever_routes_it() {
    let bus = Bus::lean(Cluster::shared(), "again", 3);
    let sender = Sender::new(&bus.broker);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let audited = |count| eventually("all are audited", LATEST, || (audit.count() >= count).then_some(()));
    let mut router = bus.router("a");
    let first = facts::send(&sender, facts::mixed(&bus, 0..300, 1000));
    audited(300);
    let mut sent = first.clone();
    sent.extend(facts::repeat(&sender, &first[..100], &duplicate()));
    audited(400);
    // What one process knew, the next one reads back.
    router.kill();
    let mut router = bus.router("b");
    sent.extend(facts::repeat(&sender, &first[50..250], &duplicate()));
    sent.extend(facts::send(&sender, facts::mixed(&bus, 300..400, 1000)));
    audited(700);
    let address = router.address();
    let duplicates = "revbus_decisions_total{event_type=\"pipeline.deal_won\",outcome=\"duplicate\"} 200";
    eventually("they are counted", LATEST, || get(&address, "/metrics").1.contains(duplicates).then_some(()));
    eventually("the window is whole", LATEST, || {
        let (_, metrics) = get(&address, "/metrics");
        (metrics.contains("revbus_duplicate_window_seconds 600") && metrics.contains("revbus_duplicate_ids 400"))
            .then_some(())
    });
    router.stop();
    bus.judge(&sent);
}

/// Waits until a router has so many partitions, and their ledgers.
fn owns(address: &str, count: i64) {
    let all = || (metric(address, "revbus_partitions_assigned") == Some(count)).then_some(());
    eventually("it has its partitions", LATEST, all);
    eventually("they are ready", LATEST, || (get(address, "/readyz").0 == 200).then_some(()));
}

/// Facts on two partitions, in turn.
fn on_both(bus: &Bus, numbers: std::ops::Range<usize>) -> Vec<(Outgoing, Expect)> {
    numbers.map(|n| facts::probe(bus, n, i32::try_from(n % 2).unwrap())).collect()
}

/// What a router's log says of each reading back of its ledger, such as `partitions=2 events=10`.
fn read_back(bus: &Bus, router: &str) -> Vec<String> {
    let log = std::fs::read_to_string(bus.dir.path().join(format!("router-{router}.log"))).unwrap();
    let read = log.lines().filter_map(|line| line.split_once("is read back ")?.1.split_once(" millis"));
    read.map(|(what, _)| what.to_owned()).collect()
}

/// A partition that goes to another process and comes back: what was read of its past is known still, and only what came
/// since is read.
#[test]
fn a_partition_that_comes_back_is_remembered_with_what_was_done_elsewhere() {
    let bus = Bus::lean(Cluster::shared(), "return", 2);
    let sender = Sender::new(&bus.broker);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let audited = |count| eventually("all are audited", LATEST, || (audit.count() >= count).then_some(()));
    let one_worker = |name: &str| bus.lone_router(name, |command| command);
    let both = |first| on_both(&bus, first..first + 10);

    let before = one_worker("before");
    let mut sent = facts::send(&sender, both(0));
    audited(10);
    before.stop();
    let mut steady = one_worker("steady");
    let address = steady.address();
    owns(&address, 2);
    let mut guest = one_worker("guest");
    owns(&guest.address(), 1);
    owns(&address, 1);
    sent.extend(facts::send(&sender, both(10)));
    audited(20);
    guest.stop();
    owns(&address, 2);
    let all = sent.clone();
    sent.extend(facts::repeat(&sender, &all, &duplicate()));
    audited(40);
    steady.stop();
    bus.judge(&sent);
    assert_eq!(read_back(&bus, "steady"), ["partitions=2 events=10", "partitions=1 events=5"]);
}

/// More is recent than the ledger has room for: the newest is known, and what was read once is not read again.
#[test]
fn of_more_than_can_be_held_the_newest_is_known() {
    let bus = Bus::lean(Cluster::shared(), "room", 2);
    let catalogue = std::fs::read_to_string(&bus.catalogue).unwrap();
    std::fs::write(&bus.catalogue, format!("{catalogue}duplicate_ids: 100\n")).unwrap();
    let sender = Sender::new(&bus.broker);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let audited = |count| eventually("all are audited", LATEST, || (audit.count() >= count).then_some(()));
    let one_worker = |name: &str| bus.lone_router(name, |command| command);

    let before = one_worker("before");
    let mut sent = facts::send(&sender, on_both(&bus, 0..1900));
    audited(1900);
    // The ledger knows the order of events by the second.
    let second = || Timestamp::now().millis() / 1000;
    let then = second();
    eventually("the next second", LATEST, || (second() > then).then_some(()));
    sent.extend(facts::send(&sender, on_both(&bus, 1900..2000)));
    audited(2000);
    before.stop();
    let mut steady = one_worker("steady");
    let address = steady.address();
    owns(&address, 2);
    let newest = sent[1900..].to_vec();
    sent.extend(facts::repeat(&sender, &newest, &duplicate()));
    audited(2100);
    let mut guest = one_worker("guest");
    owns(&guest.address(), 1);
    guest.stop();
    owns(&address, 2);
    assert_eq!(metric(&address, "revbus_duplicate_restores_cut_total"), Some(0), "time was no bound");
    steady.stop();
    bus.judge(&sent);
    let read = read_back(&bus, "steady");
    let events = read.iter().map(|what| what.split_once("events=").unwrap().1.parse::<usize>().unwrap());
    assert!(matches!(events.collect::<Vec<_>>()[..], [100..=200, 0]), "{read:?}");
}

#[test]
fn a_dead_letter_sent_again_is_none() {
    let bus = Bus::lean(Cluster::shared(), "mended", 1);
    let sender = Sender::new(&bus.broker);
    let router = bus.router("a");
    let (mut bad, _) = facts::mixed(&bus, 0..1, 1000).remove(0);
    let good = bad.value.clone();
    bad.value = Some(json!({ "event_id": "evt_0" }).to_string().into_bytes());
    let mut sent = facts::send(&sender, vec![(bad.clone(), Expect::Dead("envelope_field_missing"))]);
    bad.value = good;
    let (_, routed) = facts::mixed(&bus, 0..1, 1000).remove(0);
    sent.extend(facts::send(&sender, vec![(bad, routed)]));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("both are audited", LATEST, || (audit.count() >= 2).then_some(()));
    router.stop();
    bus.judge(&sent);
}

/// An aborted batch must not be remembered: its facts would be taken for repetitions of themselves.
#[test]
fn an_aborted_batch_is_routed_when_it_comes_again() {
    let bus = Bus::lean(Cluster::shared(), "aborted", 1);
    let commands = bus.topic("compensation.calculate");
    // Less than `topics apply` gave it, behind the router's back: the broker refuses what is larger.
    let sender = Sender::new(&bus.broker);
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it is ready", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));
    bus.broker.set_on_topic(&commands, "max.message.bytes=60000");
    let mut batch = facts::mixed(&bus, 0..50, 1000);
    let mut large = facts::deal_won(50);
    large["payload"]["data"]["notes"] = json!("x".repeat(70_000));
    let record = bus.outgoing("pipeline.deal_won", "tenant_010/deal_2", large.to_string());
    batch.insert(25, (record, Expect::Dead("produce_refused")));
    let sent = facts::send(&sender, batch);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("all are audited", LATEST, || (audit.count() >= 51).then_some(()));
    let (_, metrics) = get(&address, "/metrics");
    assert!(!metrics.contains("revbus_transactions_total{result=\"aborted\"} 0"), "no batch was aborted: {metrics}");
    router.stop();
    bus.judge(&sent);
}

/// A process without transactions may die between its audit record and its commands: what was not consumed yet is no
/// past.
#[test]
fn what_was_audited_and_not_consumed_is_routed() {
    let bus = Bus::lean(Cluster::shared(), "leftover", 1);
    let sender = Sender::new(&bus.broker);
    let sent = facts::send(&sender, facts::mixed(&bus, 0..1, 1000));
    let leftover = json!({
        "v": 1, "at": revbus::time::Timestamp::now().to_rfc3339(), "outcome": "routed",
        "source": { "topic": sent[0].topic, "partition": 0, "offset": 0 },
        "event_id": "evt_0", "event_type": "pipeline.deal_won", "tenant_id": "tenant_000",
    });
    sender.send(&[bus.outgoing("revbus.audit", "tenant_000/evt_0", leftover.to_string())]);
    let mut command = bus.router_command("a");
    // What somebody has forged on the trail makes this a bus that was routed before.
    command.args(["--start", "earliest"]);
    command.args(["--delivery", "at_least_once"]);
    let router = Router::spawn(command, &bus.dir.path().join("router.log"));
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("it is audited", LATEST, || (audit.count() >= 2).then_some(()));
    router.stop();
    assert_eq!(bus.drain("compensation.calculate").len(), 1, "{:?}", bus.drain("revbus.audit"));
}
