//! Catalogues that keep state and have no facts: updates are all that the router reads.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::observe::post;
use crate::reload::text;
use crate::support::cluster;
use crate::support::edition::{digest, replace};
use crate::support::entities::{Update, World, healthy, put_at};
use crate::support::router::revbus;
use crate::support::{Bus, Cluster, eventually};

const LATEST: Duration = Duration::from_secs(60);
const DECLARED: &str = "
version: 1
modules:
  success:
    state:
      account:
        fields: {health_score: integer(0..100), risk_level: enum(low|medium|high)}
";
const OPEN: &str = "
version: 1
state_mode: open
modules:
  success: {name: Success}
";

/// Topics are planned and made, updates decided and answered, and the one catalogue takes the other's place.
#[test]
fn state_without_facts_is_enough_for_a_bus() {
    for (name, first, second) in [("declaredalone", DECLARED, OPEN), ("openalone", OPEN, DECLARED)] {
        let bus = Bus::new(Cluster::shared(), name, first, 3);
        let plan = cluster::text(&bus.command(&["topics", "plan"]).output().unwrap());
        for topic in ["dead_letters", "audit", "state", "state_updates", "replies", "replays"] {
            let planned =
                format!("create {} (3 partitions, replication factor 1)", bus.topic(&format!("revbus.{topic}")));
            assert!(plan.contains(&planned), "no `{planned}` in {plan}");
        }
        bus.apply();
        let mut router = bus.router("a");
        let mut world = World::on(bus);
        assert_eq!(world.put(put_at("e1", 1, 0)), json!({"outcome": "state_changed", "version": 1}));

        let before = text(&world.bus);
        let after = before.replace(first.trim(), second.trim());
        replace(&world.bus.catalogue, &after);
        let said = post(&router.address(), "/-/reload");
        assert_eq!(said, (200, format!("the catalogue {} decides\n", digest(&after))));
        assert_eq!(world.put(put_at("e2", 2, 1)), json!({"outcome": "state_changed", "version": 2}));
        // What only the open one takes, as it was or as it has come to be.
        let odd = world.put(Update::of("e3", "put", json!({"state": {"any": [1]}})));
        assert_eq!(odd["outcome"], if second == OPEN { "state_changed" } else { "invalid" }, "{odd}");
        router.stop();
        world.bus.verify();
    }
}

/// The contract is compared, and a dead letter of an update comes back.
#[test]
fn the_tools_take_a_catalogue_without_facts() {
    let bus = Bus::new(Cluster::shared(), "alonetools", DECLARED, 2);
    bus.apply();
    let former = tempfile::tempdir().unwrap();
    std::fs::copy(&bus.catalogue, former.path().join("topics.yaml")).unwrap();
    let check = |catalogue: &Path| {
        let mut command = revbus();
        command.args(["schema", "check", "--against"]).arg(former.path()).arg("--catalogue").arg(catalogue);
        let output = command.output().unwrap();
        (output.status.code(), cluster::text(&output))
    };
    let (code, said) = check(&bus.catalogue);
    assert_eq!(code, Some(0), "{said}");
    let summary = revbus().arg("check").arg(&bus.catalogue).output().unwrap();
    let summary = cluster::text(&summary);
    assert!(summary.contains("1 module, 0 facts, 0 commands, 0 triggers, 1 entity type"), "{summary}");
    assert!(!summary.contains("RB0156"), "a module that keeps state has what it is for: {summary}");

    let mut router = bus.router("a");
    let mut world = World::on(bus);
    assert_eq!(world.put(Update::of("e1", "put", healthy(101)))["outcome"], "invalid");
    replace(&world.bus.catalogue, &text(&world.bus).replace("0..100", "0..101"));
    assert_eq!(post(&router.address(), "/-/reload").0, 200);
    let output = world.bus.command(&["dlq", "replay"]).arg("--yes").output().unwrap();
    assert!(output.status.success(), "{}", cluster::text(&output));
    let version = || world.entities().get("acme/success/account/a1").map(|entity| entity["version"].clone());
    assert_eq!(eventually("the dead letter is decided on again", LATEST, version), 1);
    router.stop();
    let (_, said) = check(&world.bus.catalogue);
    assert!(said.contains("health_score"), "{said}");
}
