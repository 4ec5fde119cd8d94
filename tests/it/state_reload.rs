//! State that comes and goes with the catalogue of a running router.

use std::time::Duration;

use crate::observe::{get, post};
use crate::reload::{metric, text};
use crate::support::edition::{digest, replace};
use crate::support::entities::{CATALOGUE, World, put_at};
use crate::support::{Bus, Cluster, Router, eventually};

const LATEST: Duration = Duration::from_secs(60);
const TOPICS: [&str; 3] = ["revbus.replies", "revbus.state", "revbus.state_updates"];

/// The catalogue without `state`.
fn stateless(text: &str) -> String {
    let (before, rest) = text.split_once("    state:\n").unwrap();
    let (_, behind) = rest.split_once("  alerts:\n").unwrap();
    format!("{before}  alerts:\n{behind}")
}

#[test]
fn state_comes_and_goes_with_the_catalogue_and_no_update_is_lost() {
    let bus = Bus::new(Cluster::shared(), "statecomes", CATALOGUE, 2);
    let full = text(&bus);
    let less = stateless(&full);
    replace(&bus.catalogue, &less);
    bus.apply();
    // As if an earlier revbus had made the topics.
    for topic in TOPICS {
        bus.broker.tool("topics", &["--delete", "--topic", &bus.topic(topic)]);
    }
    let mut router = bus.router("a");
    let address = router.address();
    let assigned = |count| {
        eventually(&format!("{count} partitions are assigned"), LATEST, || {
            (metric(&address, "revbus_partitions_assigned") == Some(count)).then_some(())
        });
    };
    let take = |bus: &Bus, text: &str| {
        replace(&bus.catalogue, text);
        assert_eq!(post(&address, "/-/reload"), (200, format!("the catalogue {} decides\n", digest(text))));
    };
    assigned(2);
    replace(&bus.catalogue, &full);
    let (code, said) = post(&address, "/-/reload");
    assert_eq!(code, 422, "{said}");
    for part in TOPICS.iter().copied().chain(["3 topics are missing", "revbus topics apply --catalogue"]) {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    bus.apply();
    take(&bus, &full);
    assigned(4);
    let mut world = World::on(bus);
    assert_eq!(world.put(put_at("e0", 1, 0))["version"], 1);

    // It goes, and what is sent meanwhile waits.
    take(&world.bus, &less);
    assigned(2);
    eventually("it is ready without", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));
    let waiting = [put_at("e1", 2, 1)];
    world.send(&waiting);
    take(&world.bus, &full);
    assert_eq!(world.answers(&waiting)[0]["payload"]["data"]["version"], 2);
    // There and back at once, many times over: whatever the group is at when the next one comes.
    let names: Vec<_> = (2..10).map(|n| format!("e{n}")).collect();
    let flicker: Vec<_> = names.iter().zip(2..).map(|(name, version)| put_at(name, 3, version)).collect();
    for (update, text) in flicker.iter().zip([&less, &full].into_iter().cycle()) {
        take(&world.bus, text);
        world.send(std::slice::from_ref(update));
    }
    for (answer, version) in world.answers(&flicker).iter().zip(3..) {
        assert_eq!(answer["payload"]["data"]["version"], version, "{answer}");
    }
    router.stop();
    assert_eq!(world.versions()["acme/success/account/a1"], (1..=10).collect::<Vec<_>>());
}

/// Producers that are made anew between two batches leave nothing unknown: what is known is not read back again.
#[test]
fn entities_are_read_back_once_where_nothing_is_unknown() {
    let mut world = World::new(Cluster::shared(), "readonce", 2);
    // One worker: with another one partitions would move, and be read by whoever gets them.
    let mut router = world.bus.lone_router("a", |command| command);
    let address = router.address();
    assert_eq!(world.put(put_at("e1", 1, 0))["version"], 1);
    let readings = |router: &Router| router.output().matches("the entities are read back").count();
    let before = readings(&router);
    let larger = format!("{}max_event_bytes: 3000000\n", text(&world.bus));
    replace(&world.bus.catalogue, &larger);
    world.bus.apply();
    assert_eq!(post(&address, "/-/reload").0, 200);
    let rebuilt = || (metric(&address, "revbus_producers_rebuilt_total") == Some(1)).then_some(());
    eventually("the worker has another producer", LATEST, rebuilt);
    assert_eq!(world.put(put_at("e2", 2, 1))["version"], 2);
    assert_eq!(readings(&router), before);
    router.kill();
    // What is not known is read.
    let router = world.bus.router("b");
    assert_eq!(world.put(put_at("e3", 3, 2))["version"], 3);
    assert!(readings(&router) > 0);
    router.stop();
}
