//! The router does not die, it stands still: the group gives its partitions to a peer, and then it comes back.

use std::cell::OnceCell;
use std::time::Duration;

use crate::cluster::{audited, proxy, settled, shared};
use crate::proxy::{Api, Fate, Way};
use crate::seed::{full, schedule};
use crate::support::read::members;
use crate::support::{Bus, Follower, Router, eventually, while_flowing};

const PARTITIONS: u32 = 4;
/// Two workers a process, each a member of the group.
const WORKERS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(60);

fn settles(bus: &Bus, count: usize) {
    eventually(&format!("the group has {count} members"), PATIENCE, || {
        (members(&bus.broker, &bus.group()) == Some(count)).then_some(())
    });
}

/// SIGSTOP beyond the session's end, in the middle of a batch: a peer takes the partitions over, and the zombie, when
/// it wakes up, commits nothing of what it had open.
#[test]
fn a_zombie_commits_nothing_that_a_peer_has() {
    let stops = schedule("a_zombie", |random| {
        let points = ["after_begin", "after_produce", "before_commit", "after_flush", "after_positions"];
        let stops = (0..if full() { 20 } else { 1 }).map(|_| (random.pick(&points), random.between(5, 15)));
        stops.map(|(point, nth)| format!("STOP:{point}:{nth}")).collect::<Vec<_>>()
    });
    for stop in &stops {
        let bus = Bus::lean(shared(), "zombie", PARTITIONS);
        let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
        let zombie = bus.router_with("zombie", |command| command.env("REVBUS_FAIL_POINT", stop));
        settles(&bus, WORKERS);
        let peer = OnceCell::new();
        let sent = while_flowing(&bus, 20, 10, || {
            eventually("the router stands still", PATIENCE, || zombie.is_stopped().then_some(()));
            peer.set(bus.router("peer")).ok();
            settles(&bus, WORKERS);
            let before = audit.count();
            audited(&audit, before + 1000, PATIENCE);
            zombie.signal("CONT");
            settles(&bus, 2 * WORKERS);
        });
        settled(&audit, sent.len(), PATIENCE);
        zombie.stop();
        peer.into_inner().unwrap().stop();
        bus.judge(&sent);
    }
}

/// One worker hangs for longer than `max.poll.interval.ms`, in mid-batch or in its commit, and its client leaves the
/// group meanwhile. A peer has the partitions when the worker goes on: its transaction is alive, its membership is not.
/// With batches of one record the worker commits before it polls and hears of it, with large ones it hears of it first.
#[test]
fn a_worker_that_polls_too_late_commits_nothing_that_a_peer_has() {
    let pauses = schedule("a_worker_that_polls_too_late", |random| {
        let all = [("after_produce", "1"), ("after_produce", "10000"), ("after_flush", "10000")];
        let all: Vec<_> = (0..if full() { 20 } else { 1 }).flat_map(|_| random.shuffled(&all)).collect();
        let one = |(point, records)| (format!("PAUSE:{point}:{}", random.between(5, 20)), records);
        all.into_iter().map(one).collect::<Vec<_>>()
    });
    for (pause, records) in pauses {
        let bus = Bus::lean(shared(), "late", PARTITIONS);
        let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
        let short = ["--set", "session.timeout.ms=3000", "--set", "max.poll.interval.ms=3000"];
        let late = bus.router_with("late", |command| {
            command.args(short).args(["--batch-records", records]).env("REVBUS_FAIL_POINT", pause)
        });
        let peer = bus.router_with("peer", |command| command.args(short));
        settles(&bus, 2 * WORKERS);
        let sent = while_flowing(&bus, 10, 5, || {
            settles(&bus, 2 * WORKERS - 1);
            settles(&bus, 2 * WORKERS);
            let before = audit.count();
            audited(&audit, before + 100, PATIENCE);
        });
        settled(&audit, sent.len(), PATIENCE);
        late.stop();
        peer.stop();
        bus.judge(&sent);
    }
}

/// A client that is nobody: it has neither a generation nor a member id to give, and from such a one Kafka takes the
/// positions of a transaction unseen, as from one that is in no group. It comes to that when the group's coordinator
/// first knows only an older generation (one that took over, and the last generation died with its predecessor), and
/// then not the member. A worker hangs in mid-batch meanwhile, a peer routes its records, and then it goes on. With
/// `joining` the client is in the middle of a rebalance, and does not even say that it lost its partitions.
fn nobody(name: &str, joining: bool) {
    let pause = schedule(name, |random| format!("PAUSE:after_produce:{}", random.between(20, 80)));
    let proxy = proxy();
    // The ledger would wait until the open transaction ends, and then know the facts in it.
    let catalogue = format!("duplicate_window: 0s\n{}", include_str!("../it/lean.yaml"));
    let mut bus = Bus::new(shared(), "nobody", &catalogue, PARTITIONS);
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = |bus: &Bus, instance: &str, fail_point: Option<&str>| {
        let mut command = bus.lone_command(instance);
        // After its only record a batch is committed before anything is polled.
        command.args(["--set", "session.timeout.ms=1500", "--batch-records", "1"]);
        command.envs(fail_point.map(|point| ("REVBUS_FAIL_POINT", point)));
        Router::spawn(command, &bus.dir.path().join(format!("{instance}.log")))
    };
    bus.through = Some(proxy.address.clone());
    let late = router(&bus, "late", Some(&pause));
    settles(&bus, 1);
    bus.through = None;
    let peer = OnceCell::new();
    let sent = while_flowing(&bus, 10, 10, || {
        eventually("the worker hangs", PATIENCE, || late.output().contains("holds this worker up").then_some(()));
        let (mut outdated, mut joined) = (false, !joining);
        proxy.rule(move |frame| {
            joined |= (frame.way, frame.api) == (Way::Reply, Api::SyncGroup);
            if outdated || !joined || (frame.way, frame.api) != (Way::Request, Api::Heartbeat) {
                return Fate::Pass;
            }
            outdated = true;
            Fate::Outdate
        });
        peer.set(router(&bus, "peer", None)).ok();
        settles(&bus, 2);
        let before = audit.count();
        audited(&audit, before + 400, PATIENCE);
    });
    settled(&audit, sent.len(), PATIENCE);
    bus.judge(&sent);
    let output = late.output();
    assert!(output.contains("Broker: Unknown member"), "the late positions were refused: {output}");
    late.stop();
    peer.into_inner().unwrap().stop();
}

#[test]
fn a_client_that_is_nobody_commits_nothing_that_a_peer_has() {
    nobody("a_client_that_is_nobody", false);
}

#[test]
fn a_client_that_is_nobody_in_a_rebalance_commits_nothing_that_a_peer_has() {
    nobody("a_client_that_is_nobody_in_a_rebalance", true);
}
