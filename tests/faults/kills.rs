//! EO-1 and EO-2 under kill -9: nothing lost, nothing twice, whatever moment the router dies at.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::cluster::{settled, shared};
use crate::seed::{full, schedule};
use crate::support::{Bus, Follower, Sender, Sent, eventually, facts};

const ROUND: usize = 2_490;
/// Good facts sent when the router is back, one a partition: their commands show that it works again.
const PROBES: usize = 10;
const PARTITIONS: i32 = 6;

#[test]
fn kills_at_any_moment_lose_nothing_and_double_nothing() {
    // How many commands of a round are there when the router dies.
    let kills = schedule("kills_at_any_moment", |random| {
        (0..if full() { 200 } else { 2 }).map(|_| random.between(100, 1300)).collect::<Vec<_>>()
    });
    let bus = Bus::shipped(shared(), "kill", PARTITIONS as u32);
    let commands = Follower::of(&bus.broker, &[bus.topic("compensation.calculate")]);
    let mut router = bus.router("a");
    let mut sent = Vec::new();
    let mut waits = Vec::new();
    for (round, some) in kills.into_iter().enumerate() {
        let first = round * (ROUND + PROBES);
        sent.extend(std::thread::scope(|scope| {
            let batch = facts::mixed(&bus, first..first + ROUND, 10);
            let broker = &bus.broker;
            let load = scope.spawn(move || {
                let sender = Sender::new(broker);
                batch.chunks(50).flat_map(|slice| facts::send(&sender, slice.to_vec())).collect::<Vec<_>>()
            });
            // In the middle of the flow: some of this round's commands are there, more facts are on their way.
            let before = commands.count();
            eventually("commands flow", Duration::from_secs(120), || (commands.count() >= before + some).then_some(()));
            router.kill();
            router = bus.router("a");
            let back = Instant::now();
            let probes = probe(&bus, first + ROUND, &commands);
            waits.push(back.elapsed());
            load.join().unwrap().into_iter().chain(probes).collect::<Vec<_>>()
        }));
    }
    // A busy machine may stretch one of them; what holds all of them up is the router's.
    let best = waits.iter().min().unwrap();
    assert!(*best <= Duration::from_secs(15), "commands flowed again only after {waits:?}");
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    settled(&audit, sent.len(), Duration::from_secs(60));
    router.stop();
    bus.judge(&sent);
}

/// Sends a good fact to each partition and waits for its command.
fn probe(bus: &Bus, first: usize, commands: &Follower) -> Vec<Sent> {
    let before = commands.count();
    let probes = (first..first + PROBES).zip((0..PARTITIONS).cycle());
    let sent = facts::send(&Sender::new(&bus.broker), probes.map(|(n, at)| facts::probe(bus, n, at)).collect());
    let mut due: HashSet<_> = (first..first + PROBES).map(|n| format!("evt_{n}")).collect();
    let mut looked = before;
    eventually("commands flow again on every partition", Duration::from_secs(120), || {
        let seen = commands.seen();
        for (_, command) in &seen[looked..] {
            due.remove(command.json()["payload"]["metadata"]["causation_id"].as_str().unwrap_or(""));
        }
        looked = seen.len();
        due.is_empty().then_some(())
    });
    sent
}
