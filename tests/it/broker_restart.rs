//! The broker goes away and comes back while records flow; the router waits, and loses and doubles nothing.

use std::time::Duration;

use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Follower, eventually, while_flowing};

#[test]
fn a_restarted_broker_loses_nothing_and_doubles_nothing() {
    let dir = tempfile::Builder::new().prefix("revbus-restart.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    let bus = Bus::shipped(&cluster.broker, "restart", 2);
    let mut cluster = Some(cluster);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let flows = |more| {
        let due = audit.count() + more;
        eventually("records flow", Duration::from_secs(150), || (audit.count() >= due).then_some(()));
    };
    let sent = while_flowing(&bus, 20, 20, || {
        flows(200);
        for _ in 0..2 {
            cluster.take().unwrap().stop();
            cluster = Some(Cluster::start(Kind::Plain, Some(dir.path())));
            assert_eq!(router.ended(), None, "the router waits for the broker: {}", router.output());
            flows(200);
        }
    });
    eventually("every fact is audited", Duration::from_secs(150), || (audit.count() >= sent.len()).then_some(()));
    router.stop();
    bus.judge(&sent);
}
