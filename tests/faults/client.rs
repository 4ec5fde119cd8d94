//! The Kafka client does something else than it was told, as it may when a rebalance crosses with a call. Faults of it are
//! planned as fail points (`src/kafka/fail.rs`).

use std::time::Duration;

use crate::cluster::{settled, shared};
use crate::seed::schedule;
use crate::support::http::metric;
use crate::support::oracle::Expect;
use crate::support::{Bus, Follower, Sender, eventually, facts, while_flowing};

const AUDIT: &str = "revbus.audit";
const PATIENCE: Duration = Duration::from_secs(120);

/// As the Kafka client does it in a rebalance, once in a while: neither first in a batch nor in the middle of one may a
/// record be decided on twice, and no position goes back.
#[test]
fn a_record_that_the_client_gives_again_is_taken_once() {
    let bus = Bus::lean(shared(), "again", 4);
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let plans = schedule("a_record_that_the_client_gives_again", |random| {
        [1, random.between(2, 100), random.between(100, 2000)].map(|nth| format!("CLIENT:gives_again:{nth}"))
    });
    let sent = while_flowing(&bus, 20, 20, || {
        for plan in &plans {
            // One worker: a second one that joins aborts the batch, and what is sent back is given again by right.
            let mut router = bus.lone_router("a", |command| command.env("REVBUS_FAIL_POINT", plan));
            let address = router.address();
            eventually("it is passed over", PATIENCE, || {
                metric(&address, "revbus_records_redelivered_total").filter(|count| *count > 0)
            });
            router.stop();
        }
    });
    let router = bus.router("a");
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}

/// While the ledger is read back its partitions are paused: what came of them nevertheless would be routed twice.
#[test]
fn a_pause_that_the_client_drops_lets_nothing_be_decided_before_the_ledger_is_back() {
    let bus = Bus::lean(shared(), "drop", 1);
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let audited = |count| eventually("all are audited", PATIENCE, || (audit.count() >= count).then_some(()));
    let sender = Sender::new(&bus.broker);
    let first = facts::send(&sender, facts::mixed(&bus, 0..100, 1000));
    let mut sent = first.clone();
    let router = bus.router("a");
    audited(sent.len());
    router.stop();
    for nth in 1..=3 {
        sent.extend(facts::repeat(&sender, &first, &Expect::Audited("duplicate")));
        let plan = format!("CLIENT:drops_pause:{nth}");
        let router = bus.router_with("a", |command| command.env("REVBUS_FAIL_POINT", &plan));
        audited(sent.len());
        router.stop();
    }
    bus.judge(&sent);
}

#[test]
fn a_resume_that_the_client_drops_leaves_no_partition_behind() {
    goes_on("stay", &["drops_resume:1", "drops_resume:2", "drops_resume:3"]);
}

/// As after an error of its reader that is lost in a rebalance: nobody hears of it, and nothing of the partition comes.
#[test]
fn a_partition_that_the_client_stops_reading_is_read_again() {
    goes_on("asleep", &["stops_reading:1", "stops_reading:7"]);
}

/// Whatever the client does, the facts that come before and after it are routed, by the same process.
fn goes_on(name: &str, faults: &[&str]) {
    let bus = Bus::lean(shared(), name, 1);
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let sender = Sender::new(&bus.broker);
    let mut sent = Vec::new();
    for fault in faults {
        let plan = format!("CLIENT:{fault}");
        let router = bus.router_with("a", |command| command.env("REVBUS_FAIL_POINT", &plan));
        for _ in 0..2 {
            let next = sent.len();
            sent.extend(facts::send(&sender, facts::mixed(&bus, next..next + 10, 1000)));
            eventually("all are audited", PATIENCE, || (audit.count() >= sent.len()).then_some(()));
        }
        router.stop();
    }
    bus.judge(&sent);
}
