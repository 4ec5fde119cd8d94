//! A cluster that takes little: what a batch writes takes longer than its transaction may, until batches are smaller.

use std::time::Duration;

use crate::cluster::{audited, shared};
use crate::seed::full;
use crate::support::http::metric;
use crate::support::{Bus, Follower, Sender, facts};

/// Bytes a second that the broker takes of this router; what it sends beyond that, the broker makes it wait for.
const QUOTA: &str = "producer_byte_rate=60000";
/// What comes of so many facts is some 80 seconds' worth of that, and a commit is given eight.
const FACTS: usize = 2000;

#[test]
fn batches_become_as_small_as_a_quota_wants_them() {
    if !full() {
        println!("a producer quota is for REVBUS_FAULTS=full");
        return;
    }
    let bus = Bus::lean(shared(), "quota", 2);
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..FACTS, 10));
    let client = ["--entity-type", "clients", "--entity-name", "revbus.thrifty"];
    bus.broker.tool("configs", &[&["--alter", "--add-config", QUOTA], &client[..]].concat());
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut router = bus.router("thrifty");
    let address = router.address();
    audited(&audit, sent.len(), Duration::from_secs(600));
    let aborted = metric(&address, "revbus_transactions_total{result=\"aborted\"}");
    assert!(aborted > Some(0), "the quota is felt");
    router.stop();
    bus.judge(&sent);
}
