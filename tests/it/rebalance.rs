//! Two routers of one group, one of which comes and goes while records flow.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::support::read::members;
use crate::support::{Bus, Cluster, Follower, eventually, while_flowing};

const JOINS: usize = 20;
const PARTITIONS: u32 = 8;
/// Two workers a process, each a member of the group.
const WORKERS: usize = 2;

#[test]
fn a_router_that_joins_and_leaves_twenty_times_disturbs_nothing() {
    let bus = Bus::lean(Cluster::shared(), "rebalance", PARTITIONS);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let steady = bus.router("steady");
    let joined = |members_due| {
        eventually("the group settles", Duration::from_secs(30), || {
            (members(&bus.broker, &bus.group()) == Some(members_due)).then_some(())
        });
    };
    let sent = while_flowing(&bus, 10, 40, || {
        joined(WORKERS);
        for _ in 0..JOINS {
            let guest = bus.router("guest");
            joined(2 * WORKERS);
            guest.stop();
        }
    });
    eventually("every fact is audited", Duration::from_secs(30), || (audit.count() >= sent.len()).then_some(()));
    steady.stop();
    let (silence, partition) = longest_silence(&audit);
    assert!(silence < Duration::from_secs(15), "partition {partition} was silent for {silence:?}");
    bus.judge(&sent);
}

/// The longest time between two audit records of one partition, which is the partition of the facts.
fn longest_silence(audit: &Follower) -> (Duration, i32) {
    let mut last: HashMap<i32, Instant> = HashMap::new();
    let mut longest = (Duration::ZERO, -1);
    for (at, record) in audit.seen().iter() {
        if let Some(before) = last.insert(record.partition, *at) {
            longest = longest.max((*at - before, record.partition));
        }
    }
    assert_eq!(last.len(), PARTITIONS as usize, "every partition flowed");
    longest
}
