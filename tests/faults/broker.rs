//! The broker goes away, in good order or not, and comes back while records flow; the router waits, and loses and
//! doubles nothing.

use std::time::Duration;

use crate::cluster::{audited, settled};
use crate::seed::{full, schedule};
use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Follower, while_flowing};

const PATIENCE: Duration = Duration::from_secs(150);

/// How a broker ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It hands over what it has.
    Clean,
    /// SIGKILL.
    Hard,
}

#[test]
fn a_restarted_broker_loses_nothing_and_doubles_nothing() {
    let ends = schedule("a_restarted_broker", |random| {
        (0..if full() { 30 } else { 1 }).flat_map(|_| random.shuffled(&[End::Clean, End::Hard])).collect::<Vec<_>>()
    });
    let dir = tempfile::Builder::new().prefix("revbus-restart.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Plain, Some(dir.path()));
    let bus = Bus::shipped(&cluster.broker, "restart", 2);
    let mut cluster = Some(cluster);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("a");
    let flows = |more| audited(&audit, audit.count() + more, PATIENCE);
    let sent = while_flowing(&bus, 20, 20, || {
        flows(200);
        for end in ends {
            let broker = cluster.take().unwrap();
            match end {
                End::Clean => broker.stop(),
                End::Hard => broker.kill(),
            }
            cluster = Some(Cluster::start(Kind::Plain, Some(dir.path())));
            assert_eq!(router.ended(), None, "the router waits for the broker: {}", router.output());
            flows(200);
        }
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
