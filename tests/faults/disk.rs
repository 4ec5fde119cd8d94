//! The broker's disk is full: it ends, and comes back when there is room. `REVBUS_FAULTS=full`.

use std::time::Duration;

use crate::cluster::{audited, settled};
use crate::seed::{full, schedule};
use crate::support::cluster::Kind;
use crate::support::disk::Disk;
use crate::support::{Bus, Cluster, Follower, while_flowing};

const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn a_full_disk_of_the_broker_loses_nothing_and_doubles_nothing() {
    if !full() {
        println!("a disk that runs full is for REVBUS_FAULTS=full");
        return;
    }
    let Some(disk) = Disk::mount("512m") else { return };
    let rounds = schedule("a_full_disk", |random| (0..3).map(|_| random.between(100, 2000)).collect::<Vec<_>>());
    let folder = disk.folder().join("broker");
    let mut cluster = Some(Cluster::start(Kind::Plain, Some(&folder)));
    let bus = Bus::lean(&cluster.as_ref().unwrap().broker, "disk", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let sent = while_flowing(&bus, 20, 10, || {
        for more in rounds {
            audited(&audit, audit.count() + more, PATIENCE);
            disk.fill();
            cluster.take().unwrap().ends_within(PATIENCE);
            disk.clear();
            cluster = Some(Cluster::start(Kind::Plain, Some(&folder)));
            assert_eq!(router.ended(), None, "the router waits for the broker: {}", router.output());
        }
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
