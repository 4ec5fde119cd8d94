//! Entities when a transaction's end is late: a successor that must know what its predecessor wrote last, and a worker
//! that does not know whether its own transaction was committed.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rdkafka::producer::{BaseProducer, Producer};
use serde_json::json;

use crate::cluster::{proxy, shared};
use crate::proxy::{Api, Fate, Proxy, Way};
use crate::seed::{full, schedule};
use crate::support::entities::{Update, World, healthy, put_at};
use crate::support::http::{get, metric};
use crate::support::{Bus, Router, eventually};

const PATIENCE: Duration = Duration::from_secs(90);
/// All states are the same, so that no change emits anything: the updates' transactions are the only ones with records.
const SCORE: u32 = 50;

/// A transaction of somebody else, open on the log of the entities: what is committed behind its record has no reader
/// that reads committed, as if the markers of that were still on their way.
struct Unfinished(BaseProducer);

impl Unfinished {
    fn on(bus: &Bus) -> Self {
        Self(bus.open_transaction("revbus.state"))
    }

    fn end(self) {
        self.0.abort_transaction(PATIENCE).unwrap();
    }
}

/// What becomes of the next reply to a commit of records. The broker answers once the end is decided, before it has
/// written the markers.
fn end_unheard(proxy: &Proxy, fate: Fate) -> Receiver<()> {
    let (decided, is_decided) = sync_channel(1);
    let (mut written, mut done) = (false, false);
    proxy.rule(move |frame| {
        written |= (frame.way, frame.api) == (Way::Request, Api::Produce);
        if done || !written || (frame.way, frame.api) != (Way::Reply, Api::EndTxn) {
            return Fate::Pass;
        }
        done = true;
        decided.try_send(()).ok();
        fate
    });
    is_decided
}

/// A router with one worker.
fn alone(bus: &Bus, log: &str) -> Router {
    Router::spawn(bus.lone_command("a"), &bus.dir.path().join(log))
}

fn ready(router: &mut Router) -> String {
    let address = router.address();
    eventually("it is ready", PATIENCE, || {
        let assigned = metric(&address, "revbus_partitions_assigned").is_some_and(|count| count > 0);
        (assigned && get(&address, "/readyz").0 == 200).then_some(())
    });
    address
}

/// The router dies between its commit request and its markers. Its successor must see what that commit made of the
/// entities, though the log's last stable offset stands before it (KAFKA-10167).
#[test]
fn a_successor_knows_the_versions_that_its_predecessor_made_last() {
    let batches = schedule("a_successor_knows", |random| {
        (0..if full() { 30 } else { 2 }).map(|_| random.between(2, 12) as u64).collect::<Vec<_>>()
    });
    let proxy = proxy();
    let mut world = World::new(shared(), "heir", 1);
    world.bus.through = Some(proxy.address.clone());
    for (round, &updates) in batches.iter().enumerate() {
        let id = format!("a{round}");
        let names: Vec<_> = (0..updates).map(|n| format!("e{round}_{n}")).collect();
        // The first one creates the entity, each other one expects what the one before it made.
        let batch: Vec<_> =
            names.iter().zip(0..).map(|(name, n)| Update { id: &id, ..put_at(name, SCORE, n) }).collect();
        let mut predecessor = alone(&world.bus, &format!("predecessor{round}.log"));
        ready(&mut predecessor);
        let unfinished = Unfinished::on(&world.bus);
        let decided = end_unheard(&proxy, Fate::Lose);
        world.send(&batch);
        decided.recv_timeout(PATIENCE).expect("its transaction ends");
        predecessor.kill();
        proxy.up();
        for (answer, version) in world.answers(&batch).iter().zip(1..) {
            assert_eq!(answer["payload"]["data"], json!({"outcome": "state_changed", "version": version}));
        }

        let (right, late) = (format!("right{round}"), format!("late{round}"));
        let late = Update { id: &id, ..put_at(&late, SCORE, updates - 1) };
        let next = [late, Update { id: &id, ..put_at(&right, SCORE, updates) }];
        let before = world.replies.count();
        world.send(&next);
        let mut router = alone(&world.bus, &format!("successor{round}.log"));
        let address = router.address();
        eventually("the successor reads the entities back, or decides without", PATIENCE, || {
            // The ledger's reading begins with that of the entities, and nothing holds it up.
            let reads = router.output().contains("the ledger against duplicates is read back")
                && metric(&address, "revbus_state_partitions_restoring") == Some(1);
            (reads || world.replies.count() > before).then_some(())
        });
        unfinished.end();
        let answers = world.answers(&next);
        let current = json!({"version": updates, "state": healthy(SCORE)["state"]});
        let conflict = json!({"outcome": "conflict", "version": updates, "current": current});
        assert_eq!(answers[0]["payload"]["data"], conflict, "expecting what the predecessor's last but one made");
        let changed = json!({"outcome": "state_changed", "version": updates + 1});
        assert_eq!(answers[1]["payload"]["data"], changed, "expecting what its last one made");
        router.stop();
        let versions = world.versions().remove(&next[0].key());
        assert_eq!(versions, Some((1..=updates + 1).collect()), "each version is given once, and none is left out");
    }
}

/// The reply to EndTxn is lost: the updates are applied, and the worker does not know. It reads the log again, so that
/// no version is given a second time.
#[test]
fn updates_whose_commit_was_not_answered_are_applied_once() {
    let fates = schedule("updates_whose_commit_was_not_answered", |random| {
        let fates = random.shuffled(&[Fate::Cut, Fate::Lose]);
        let rounds = if full() { 15 } else { 1 };
        (0..rounds).flat_map(|_| fates.clone()).map(|fate| (fate, random.between(1, 8))).collect::<Vec<_>>()
    });
    let proxy = proxy();
    let mut world = World::new(shared(), "unheard", 1);
    world.bus.through = Some(proxy.address.clone());
    let mut router = alone(&world.bus, "router.log");
    let address = ready(&mut router);
    let mut version = 0;
    let mut expect = |world: &mut World, updates: &[Update<'_>]| {
        for answer in world.ask(updates) {
            version += 1;
            assert_eq!(answer["payload"]["data"], json!({"outcome": "state_changed", "version": version}));
        }
    };
    let (mut sent, mut silent) = (0, 0);
    for (fate, count) in fates {
        let names: Vec<_> = (sent..sent + count).map(|n| format!("e{n}")).collect();
        let updates: Vec<_> = names.iter().map(|name| Update::of(name, "put", healthy(SCORE))).collect();
        let unheard = end_unheard(&proxy, fate);
        expect(&mut world, &updates);
        unheard.try_recv().expect("a reply was lost");
        // Whoever did not read the log again would begin at the version that it knew before.
        let after = format!("after{sent}");
        expect(&mut world, &[Update::of(&after, "put", healthy(SCORE))]);
        sent += count;
        silent += i64::from(fate == Fate::Lose);
    }
    assert_eq!(metric(&address, "revbus_producers_rebuilt_total"), Some(silent), "whose end was not known");
    router.stop();
    assert_eq!(world.versions().remove("acme/success/account/a1"), Some((1..=version).collect()));
}
