//! The router does not die, it stands still: the group gives its partitions to a peer, and then it comes back.

use std::cell::OnceCell;
use std::time::Duration;

use crate::cluster::{audited, settled, shared};
use crate::seed::{full, schedule};
use crate::support::read::members;
use crate::support::{Bus, Follower, eventually, while_flowing};

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
