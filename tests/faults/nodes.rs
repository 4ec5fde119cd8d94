//! Three brokers: one of them goes, which is a coordinator of something, and all of them go. Three Java machines are
//! heavy, so this one is for `REVBUS_FAULTS=full`.

use std::path::Path;
use std::time::Duration;

use crate::cluster::{audited, settled};
use crate::seed::{full, schedule};
use crate::support::cluster::Kind;
use crate::support::{Broker, Bus, Cluster, Follower, Pace, while_flowing};

const NODES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(180);

/// What happens, and for how long.
#[derive(Debug, Clone, Copy)]
enum Gone {
    One(usize),
    All,
}

/// Starts brokers together: none is ready before most of them are there.
fn start(dir: &Path, nodes: impl Iterator<Item = usize>) -> Vec<(usize, Cluster)> {
    std::thread::scope(|scope| {
        let one =
            |node: usize| (node, scope.spawn(move || Cluster::start(Kind::Plain, Some(&dir.join(node.to_string())))));
        let started: Vec<_> = nodes.map(one).collect();
        started.into_iter().map(|(node, thread)| (node, thread.join().unwrap())).collect()
    })
}

#[test]
fn brokers_of_a_cluster_that_are_gone_for_a_while_lose_nothing_and_double_nothing() {
    if !full() {
        println!("three brokers are for REVBUS_FAULTS=full");
        return;
    }
    let gone = schedule("brokers_of_a_cluster", |random| {
        let all = [Gone::One(1), Gone::One(2), Gone::One(3), Gone::All];
        let all: Vec<_> = (0..5).flat_map(|_| random.shuffled(&all)).collect();
        let minute = (Gone::All, Duration::from_secs(60));
        let others = all.into_iter().map(|gone| (gone, Duration::from_secs(random.between(1, 60) as u64)));
        others.chain([minute]).collect::<Vec<_>>()
    });
    let dir = tempfile::Builder::new().prefix("revbus-nodes.").tempdir().unwrap();
    Cluster::prepare(NODES, dir.path());
    let mut nodes = start(dir.path(), 1..=NODES);
    let first = &nodes[0].1.broker;
    let bootstrap = nodes.iter().map(|(_, node)| node.broker.bootstrap.as_str()).collect::<Vec<_>>().join(",");
    let broker = Broker { bootstrap, ..first.clone() };
    let safe = "\ndefaults:\n  replication_factor: 3\n  min_insync_replicas: 2\n";
    let bus = Bus::new(&broker, "nodes", &[include_str!("../it/lean.yaml"), safe].concat(), 4);
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let flows = || audited(&audit, audit.count() + 200, PATIENCE);
    let sent = while_flowing(&bus, 10, 20, || {
        flows();
        for (gone, time) in gone {
            let (victims, left): (Vec<_>, Vec<_>) = nodes.drain(..).partition(|(node, _)| match gone {
                Gone::One(one) => one == *node,
                Gone::All => true,
            });
            let again: Vec<_> = victims.iter().map(|(node, _)| *node).collect();
            victims.into_iter().for_each(|(_, node)| node.kill());
            Pace::every(time).step();
            nodes = left;
            nodes.extend(start(dir.path(), again.into_iter()));
            assert_eq!(router.ended(), None, "the router waits for the brokers: {}", router.output());
            flows();
        }
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
