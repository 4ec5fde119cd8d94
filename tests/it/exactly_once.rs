//! EO-1 and EO-2 under kill -9: nothing lost, nothing twice, whatever moment the router dies at.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::support::{Bus, Cluster, Follower, Sender, Sent, eventually, facts};

const ROUNDS: usize = 4;
const ROUND: usize = 2_490;
/// Good facts sent when the router is back, one a partition: their commands show that it works again.
const PROBES: usize = 10;
const PARTITIONS: i32 = 6;

#[test]
fn three_kills_lose_nothing_and_double_nothing() {
    let bus = Bus::shipped(Cluster::shared(), "kill", PARTITIONS as u32);
    let commands = Follower::of(&bus.broker, &[bus.topic("compensation.calculate")]);
    let mut router = bus.router("a");
    let mut sent = Vec::new();
    let mut waits = Vec::new();
    for round in 0..ROUNDS {
        let first = round * (ROUND + PROBES);
        sent.extend(std::thread::scope(|scope| {
            let batch = facts::mixed(&bus, first..first + ROUND, 10);
            let broker = &bus.broker;
            let load = scope.spawn(move || {
                let sender = Sender::new(broker);
                batch.chunks(50).flat_map(|slice| facts::send(&sender, slice.to_vec())).collect::<Vec<_>>()
            });
            // In the middle of the flow: some of this round's commands are there, more facts are on their way.
            let (before, some) = (commands.count(), 100 + 400 * round);
            eventually("commands flow", Duration::from_secs(30), || (commands.count() >= before + some).then_some(()));
            if round < ROUNDS - 1 {
                router.kill();
                router = bus.router("a");
            }
            let back = Instant::now();
            let probes = probe(&bus, first + ROUND, &commands);
            if round < ROUNDS - 1 {
                waits.push(back.elapsed());
            }
            load.join().unwrap().into_iter().chain(probes).collect::<Vec<_>>()
        }));
    }
    assert_eq!(sent.len(), 10_000);
    // A busy machine may stretch one of them; what holds all of them up is the router's.
    let best = waits.iter().min().unwrap();
    assert!(*best <= Duration::from_secs(15), "commands flowed again only after {waits:?}");
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every fact is audited", Duration::from_secs(60), || (audit.count() >= sent.len()).then_some(()));
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
    eventually("commands flow again on every partition", Duration::from_secs(40), || {
        let seen = commands.seen();
        for (_, command) in &seen[looked..] {
            due.remove(command.json()["payload"]["metadata"]["causation_id"].as_str().unwrap_or(""));
        }
        looked = seen.len();
        due.is_empty().then_some(())
    });
    sent
}
