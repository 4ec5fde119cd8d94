//! A rolling upgrade: two catalogues in one group. The owner of a partition decides with its own (decision 75).

use std::fs;
use std::time::Duration;

use crate::reload::{FEWER, audited, fewer, lead, text, wider};
use crate::support::edition::{digest, expect_by_digest};
use crate::support::{Bus, Cluster, Follower, Router, Sender, eventually, facts, read, while_flowing};

const LATEST: Duration = Duration::from_secs(60);

/// Starts a router with this catalogue. It does not look at the file again.
fn start(bus: &Bus, instance: &str, text: &str) -> Router {
    fs::write(&bus.catalogue, text).unwrap();
    let mut router = bus.router(instance);
    router.address();
    router
}

#[test]
fn two_catalogues_share_a_group_and_the_owner_of_a_partition_decides() {
    let bus = Bus::lean(Cluster::shared(), "rolling", 4);
    let (old, new) = (text(&bus), wider(&fewer(&text(&bus))));
    fs::write(&bus.catalogue, &new).unwrap();
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let decides = |text: &str, count: usize| {
        let (digest, before) = (digest(text), audit.count());
        eventually("a catalogue decides", LATEST, || {
            let seen = audit.seen();
            let by = seen[before..].iter().filter(|(_, record)| record.json()["catalogue"] == *digest).count();
            (by > count).then_some(())
        });
    };
    let members = |count| {
        eventually("all are members", LATEST, || {
            (read::members(&bus.broker, &bus.group()) == Some(count)).then_some(())
        });
    };
    let mut leads = Vec::new();
    let mut sent = while_flowing(&bus, 50, 20, || {
        let (a, b) = (start(&bus, "a", &old), start(&bus, "b", &old));
        members(4);
        decides(&old, 200);
        a.stop();
        let a = start(&bus, "a", &new);
        members(4);
        // Side by side, each for its partitions; what only the new catalogue knows is read where that decides.
        decides(&old, 200);
        decides(&new, 200);
        leads = facts::send(&Sender::new(&bus.broker), (0..40).map(|n| lead(&bus, n)).collect());
        let called = Follower::of(&bus.broker, &[bus.topic("leads_desk.call")]);
        eventually("the new facts are routed", LATEST, || (called.count() == 40).then_some(()));
        b.stop();
        let b = start(&bus, "b", &new);
        members(4);
        decides(&new, 400);
        a.stop();
        b.stop();
    });
    let last = start(&bus, "a", &new);
    audited(&bus, sent.len() + leads.len());
    last.stop();
    let counts = expect_by_digest(&bus, &mut sent, &[(digest(&old), facts::DEAL_WON), (digest(&new), FEWER)]);
    assert!(counts.len() == 2 && counts.values().all(|count| *count > 200), "{counts:?}");
    sent.extend(leads);
    bus.judge(&sent);
}
