//! Topics of state that are not as they should be: missing, uneven, with records of others or of a later version.

use std::time::Duration;

use serde_json::json;

use crate::observe::get;
use crate::reload::{audited, metric, text};
use crate::support::entities::{CATALOGUE, Update, World, healthy, put_at};
use crate::support::letters::replay;
use crate::support::{Bus, Cluster, Outgoing, Router, eventually};

const LATEST: Duration = Duration::from_secs(60);

/// Whatever the router says before it ends with the code that the cluster is not as the catalogue needs it.
fn refused(bus: &Bus) -> String {
    let mut router: Router = bus.router("a");
    assert_eq!(router.exit_within(LATEST), 3, "{}", router.output());
    router.output()
}

#[test]
fn missing_and_uneven_topics_of_state_are_named_with_what_to_do() {
    let bus = Bus::new(Cluster::shared(), "uneven", CATALOGUE, 2);
    let said = refused(&bus);
    for part in ["revbus.state,", "revbus.state_updates", "revbus.replies", "revbus topics apply --catalogue", "--yes"]
    {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    bus.apply();
    let updates = bus.topic("revbus.state_updates");
    bus.broker.tool("topics", &["--alter", "--topic", &updates, "--partitions", "3"]);
    let said = refused(&bus);
    for part in [&format!("{updates} has 3 partitions"), &format!("{} has 2", bus.topic("revbus.state")), "same number"]
    {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[test]
fn a_state_topic_that_forgets_by_age_is_refused() {
    let bus = Bus::new(Cluster::shared(), "ageing", CATALOGUE, 2);
    bus.apply();
    let state = bus.topic("revbus.state");
    bus.broker.set_on_topic(&state, "cleanup.policy=delete");
    let said = refused(&bus);
    assert!(said.contains(&format!("{state} is not compacted")) && said.contains("topics apply"), "{said}");
    bus.apply();
    bus.broker.knows_of_topic(&state, "cleanup.policy=compact");
    let mut router = bus.router("b");
    let address = router.address();
    eventually("it begins", LATEST, || (get(&address, "/readyz").0 == 200).then_some(()));
    router.stop();
}

/// Deciding without what they say would give versions twice (decision 72).
#[test]
fn values_of_a_later_form_keep_their_partition_waiting_and_no_other() {
    let world = World::new(Cluster::shared(), "later", 2);
    let later = json!({"v": 2, "version": 1, "state": {}}).to_string();
    let value = world.bus.outgoing("revbus.state", "acme/success/account/x", later);
    world.sender.send(&[Outgoing { partition: Some(0), ..value }]);
    let mut router = world.bus.router("a");
    let address = router.address();
    eventually("it says why it waits", LATEST, || {
        let (code, body) = get(&address, "/readyz");
        (code == 503 && body.contains("values of form 2") && body.contains("upgrade it")).then_some(())
    });
    let ids: Vec<_> = (0..12).map(|n| format!("id{n}")).collect();
    let updates: Vec<_> = ids.iter().map(|id| Update { id, ..Update::of(id, "put", healthy(1)) }).collect();
    let places = world.sender.send(&updates.iter().map(|update| update.outgoing(&world.bus)).collect::<Vec<_>>());
    let on = |number| places.iter().filter(|(partition, _)| *partition == number).count();
    assert!(on(0) > 0 && on(1) > 0, "{places:?}");
    let facts = (0..20).map(|n| {
        let fact = json!({
            "event_id": format!("fact{n}"), "event_type": "success.health_changed", "source_module": "success",
            "tenant_id": "acme", "timestamp": "2024-01-15T10:30:00Z",
            "payload": {"action": "health_changed", "data": {"account_id": ids[n % 12], "old_score": 1, "new_score": 2}},
        });
        world.bus.outgoing("success.health_changed", &format!("acme/{}", ids[n % 12]), fact.to_string())
    });
    world.sender.send(&facts.collect::<Vec<_>>());
    audited(&world.bus, 20 + on(1));
    assert_eq!(world.bus.drain("alerts.notify").len(), 20, "facts of all partitions flow");
    let answered: Vec<_> = world.bus.drain("revbus.state").into_iter().map(|record| record.partition).collect();
    assert_eq!(answered.iter().filter(|partition| **partition == 1).count(), on(1), "updates of the other one too");
    assert_eq!(answered.iter().filter(|partition| **partition == 0).count(), 1, "and none beside the later value");
    assert_eq!(get(&address, "/readyz").0, 503);
    router.stop();
}

#[test]
fn foreign_records_on_the_state_topic_are_passed_over_and_counted() {
    let mut world = World::new(Cluster::shared(), "foreign", 1);
    let mut router = world.bus.router("a");
    world.put(put_at("e0", 1, 0));
    router.kill();
    let own = world.bus.outgoing("revbus.state", "acme/success/account/a1", "nonsense");
    let stray = world.bus.outgoing("revbus.state", "stray", "{\"v\":1}");
    world.sender.send(&[own, stray]);
    let mut router = world.bus.router("b");
    let address = router.address();
    // Compaction takes what stood there before it, so nobody may rely on that.
    let met = world.put(put_at("e1", 2, 1));
    assert_eq!((&met["outcome"], &met["version"]), (&json!("conflict"), &json!(0)), "what cannot be read is no entity");
    assert_eq!(world.put(put_at("e2", 2, 0))["version"], 1);
    assert_eq!(metric(&address, "revbus_state_foreign_records_total"), Some(2));
    assert!(router.output().contains("is no state value"), "{}", router.output());
    router.stop();
}

#[test]
fn a_dead_update_that_is_sent_back_comes_to_its_entity() {
    let mut world = World::new(Cluster::shared(), "undead", 3);
    let router = world.bus.router("a");
    let ids = ["a1", "a/b", "a%2Fb", "é"];
    for (n, id) in ids.into_iter().enumerate() {
        let (good, bad) = (format!("good{n}"), format!("bad{n}"));
        assert_eq!(world.put(Update { id, ..put_at(&good, 1, 0) })["version"], 1);
        assert_eq!(world.put(Update { id, ..put_at(&bad, 101, 1) })["outcome"], "invalid");
    }
    router.stop();
    let mended = text(&world.bus).replace("integer(0..100)", "integer(0..200)");
    std::fs::write(&world.bus.catalogue, mended).unwrap();
    assert_eq!(replay(&world.bus, &["--yes"], 0)["goes"], ids.len());
    let router = world.bus.router("a");
    let names: Vec<_> = (0..ids.len()).map(|n| format!("bad{n}")).collect();
    let sent: Vec<_> = names.iter().zip(ids).map(|(name, id)| Update { id, ..put_at(name, 101, 1) }).collect();
    for answer in world.answers(&sent) {
        assert_eq!(answer["payload"]["data"], json!({"outcome": "state_changed", "version": 2}));
    }
    router.stop();
    let entities = world.entities();
    for update in &sent {
        assert_eq!(entities[&update.key()]["state"]["health_score"], 101, "{}", update.id);
    }
    assert_eq!(entities.len(), ids.len());
}

#[test]
fn without_transactions_or_without_an_audit_trail_state_is_written_too() {
    for (name, more, arguments) in
        [("leaststate", "", &["--delivery", "at_least_once"][..]), ("unaudited", "audit: {mode: off}\n", &[])]
    {
        let bus = Bus::new(Cluster::shared(), name, &format!("{CATALOGUE}{more}"), 2);
        bus.apply();
        let mut world = World::on(bus);
        let router = world.bus.router_with("a", |command| command.args(arguments));
        assert_eq!(world.put(put_at("e0", 1, 0)), json!({"outcome": "state_changed", "version": 1}));
        assert_eq!(world.put(put_at("e1", 2, 1)), json!({"outcome": "state_changed", "version": 2}));
        assert_eq!(world.put(put_at("e2", 3, 1))["outcome"], "conflict");
        router.stop();
        let router = world.bus.router_with("b", |command| command.args(arguments));
        assert_eq!(world.put(put_at("e3", 3, 2))["version"], 3, "{name}: what was written is read back");
        eventually("the change is told", LATEST, || (world.bus.drain("alerts.notify").len() >= 2).then_some(()));
        router.stop();
        assert_eq!(world.versions()["acme/success/account/a1"], [1, 2, 3], "{name}");
        assert_eq!(world.bus.drain("alerts.notify").len(), 2, "{name}");
    }
}
