//! The library's client of module state, against a router on a real broker.

use std::sync::Arc;
use std::time::Duration;

use revbus::client::state::{
    Current, Page, StateChange, StateClient, StateClientOptions, StateError, Versioned, Write,
};
use revbus::kafka::config::KafkaSettings;
use revbus::state::Version;
use serde_json::{Value, json};

use crate::support::{Bus, Cluster};

#[path = "../../examples/state_client.rs"]
#[allow(dead_code, reason = "its `main` is for people")]
mod example;

const CATALOGUE: &str = include_str!("../../src/client/state/sample.yaml");

fn options(bus: &Bus, tenant: &str, module: &str) -> StateClientOptions {
    let text = std::fs::read_to_string(&bus.catalogue).unwrap();
    let catalogue = revbus::catalogue::compile("topics.yaml", &text).0.unwrap();
    StateClientOptions::new(KafkaSettings::of_brokers(&bus.broker.bootstrap), Arc::new(catalogue), tenant, module)
}

async fn client(bus: &Bus, tenant: &str, module: &str) -> StateClient {
    StateClient::connect(options(bus, tenant, module)).await.unwrap()
}

fn bus(name: &str) -> Bus {
    let bus = Bus::new(Cluster::shared(), name, CATALOGUE, 3);
    bus.apply();
    bus
}

fn account(score: u64) -> Value {
    json!({"health_score": score, "risk_level": "low"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_tasks_that_count_lose_nothing() {
    const TASKS: u64 = 100;
    let bus = bus("count");
    let _router = bus.router("a");
    // Two clients meet as conflicts; tasks of one client take turns.
    let clients = [client(&bus, "t", "customer_success").await, client(&bus, "t", "customer_success").await];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let client = clients[task as usize % 2].clone();
        tasks.spawn(async move {
            let count = |old: Option<Value>| account(old.map_or(0, |old| old["health_score"].as_u64().unwrap()) + 1);
            client.update_with("account", "counter", count).await
        });
    }
    let mut versions = Vec::new();
    while let Some(done) = tasks.join_next().await {
        versions.push(done.unwrap().unwrap());
    }
    versions.sort_by_key(|written| written.version);
    let numbers: Vec<_> = versions.iter().map(|written| written.version.0).collect();
    assert_eq!(numbers, (1..=TASKS).collect::<Vec<_>>(), "no version is skipped or given twice");
    let last = clients[0].get_after::<Value>(&versions[99]).await.unwrap().unwrap();
    assert_eq!((last.state, last.version), (account(TASKS), Version(TASKS)));
    assert_eq!(last.written_by.module, "customer_success");
}

/// Where the answer has no room for the state, the view is read as it is behind the conflict.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_on_an_entity_that_no_answer_can_carry_is_counted_on_from() {
    let bus = bus("large");
    bus.broker.set_on_topic(&bus.topic("revbus.replies"), "max.message.bytes=20000");
    let _router = bus.router("a");
    let (client, other) = (client(&bus, "t", "customer_success").await, client(&bus, "t", "customer_success").await);
    let large = |score: u64| json!({"health_score": score, "risk_level": "low", "text": "x".repeat(30_000)});
    let first = client.update_state("account", "a", &large(1), Write::creating()).await.unwrap();
    client.get_after::<Value>(&first).await.unwrap();
    let mut seen = Vec::new();
    let written = client
        .update_with("account", "a", |old: Option<Value>| {
            seen.push(old.as_ref().map(|old| old["health_score"].as_u64().unwrap()));
            if seen.len() == 1 {
                // Somebody else is faster.
                let ten = large(10);
                let faster = other.update_state("account", "a", &ten, Write::any());
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(faster)).unwrap();
            }
            large(old.unwrap()["health_score"].as_u64().unwrap() + 1)
        })
        .await
        .unwrap();
    assert_eq!((written.version, seen), (Version(3), vec![Some(1), Some(10)]));
    let conflict = client.update_state("account", "a", &large(1), Write::creating()).await.unwrap_err();
    let StateError::Conflict { current: Current::TooLarge { version } } = conflict else { panic!("{conflict}") };
    assert_eq!(version, Version(3));
    let now = client.get_latest::<Value>("customer_success", "account", "a").await.unwrap().unwrap();
    assert_eq!((now.version, now.state), (Version(3), large(11)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_are_read_watched_listed_and_refused() {
    let bus = bus("clients");
    let _router = bus.router("a");
    let client = client(&bus, "t", "customer_success").await;
    let mut watch = client.watch_state::<Value>("customer_success", "account").await.unwrap();
    let written = client.update_state("account", "a/ü", &account(10), Write::creating()).await.unwrap();
    assert_eq!((written.version, written.repeated), (Version(1), false));
    assert_eq!(client.get_after::<Value>(&written).await.unwrap().unwrap().state, account(10));

    let again = Write::creating().with_event_id(&written.event_id);
    let again = client.update_state("account", "a/ü", &account(10), again).await.unwrap();
    assert_eq!((again.version, again.repeated), (Version(1), true));
    let conflict = client.update_state("account", "a/ü", &account(11), Write::creating()).await.unwrap_err();
    let StateError::Conflict { current: Current::There { version, state } } = conflict else { panic!("{conflict}") };
    assert_eq!((version, serde_json::from_str::<Value>(state.get()).unwrap()), (Version(1), account(10)));
    let absent = client.delete_state("account", "nobody", Write::expecting(Version(3))).await.unwrap_err();
    assert!(matches!(absent, StateError::Conflict { current: Current::Absent }), "{absent}");

    let bad = json!({"health_score": 101, "risk_level": "none"});
    let invalid = client.update_state("account", "bad", &bad, Write::any()).await.unwrap_err();
    let StateError::InvalidState { violations } = &invalid else { panic!("{invalid}") };
    assert_eq!(violations.len(), 2, "{invalid}");
    assert!(invalid.to_string().contains("health_score") && invalid.to_string().contains("risk_level"), "{invalid}");
    let number = client.update_state("account", "bad", &7, Write::any()).await.unwrap_err();
    assert!(number.to_string().contains("must be a JSON object, not a number"), "{number}");

    let patched = client.patch_state("account", "a/ü", &json!({"health_score": 20}), Write::any()).await.unwrap();
    let deleted = client.delete_state("account", "a/ü", Write::expecting(patched.version)).await.unwrap();
    assert_eq!((patched.version, deleted.version), (Version(2), Version(3)));
    assert_eq!(client.get_after::<Value>(&deleted).await.unwrap(), None);
    let mut seen = Vec::new();
    while seen.len() < 3 {
        seen.push(match watch.next().await.unwrap().unwrap() {
            StateChange::Written { entity, now } => (entity.id, now.version.0, now.state["health_score"].as_u64()),
            StateChange::Deleted { entity, version } => (entity.id, version.unwrap().0, None),
            StateChange::Missed(count) => panic!("missed {count}"),
        });
    }
    let of = |version, score| ("a/ü".to_owned(), version, score);
    assert_eq!(seen, [of(1, Some(10)), of(2, Some(20)), of(3, None)]);

    let mut last = None;
    for id in ["x1", "x2", "y1"] {
        last = Some(client.update_state("account", id, &account(1), Write::any()).await.unwrap());
    }
    client.get_after::<Value>(&last.unwrap()).await.unwrap();
    let page = Page { id_prefix: "x", limit: 1, ..Page::default() };
    let first = client.list_state::<Value>("customer_success", "account", page).await.unwrap();
    assert_eq!((first.entities.len(), first.next.as_deref()), (1, Some("x1")));
    // One that is of another type is an error of its own.
    let rated = client.patch_state("account", "x1", &json!({"rating": 5}), Write::any()).await.unwrap();
    client.get_after::<Value>(&rated).await.unwrap();
    let all = client.list_state::<Rated>("customer_success", "account", Page::default()).await.unwrap();
    let told = |(id, now): &(String, Result<Versioned<Rated>, StateError>)| match now {
        Ok(now) => format!("{id} {}", now.state.rating),
        Err(error) => format!("{id} {error}"),
    };
    let told: Vec<_> = all.entities.iter().map(told).collect();
    assert_eq!(told[0], "x1 5");
    assert!(told[1].starts_with("x2 ") && told[1].contains("customer_success/account/x2"), "{told:?}");
    assert!(told[1].contains("missing field `rating`") && told.len() == 3, "{told:?}");
}

/// What a caller takes an account for.
#[derive(Debug, serde::Deserialize)]
struct Rated {
    rating: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modules_and_tenants_keep_to_their_own() {
    let bus = bus("apart");
    let _router = bus.router("a");
    let owner = client(&bus, "t", "customer_success").await;
    let (reader, stranger) = (client(&bus, "t", "pipeline").await, client(&bus, "t", "forecast").await);
    let other = client(&bus, "u", "customer_success").await;
    let secret = owner.update_state("secret", "s", &json!({"note": "n"}), Write::any()).await.unwrap();
    let read = reader.get_after::<Value>(&secret).await.unwrap().unwrap();
    assert_eq!(read.state, json!({"note": "n"}));
    let denied = stranger.get_state::<Value>("customer_success", "secret", "s").await.unwrap_err();
    assert!(matches!(&denied, StateError::Denied { .. }), "{denied}");
    assert!(denied.to_string().contains("let in customer_success, pipeline"), "{denied}");
    assert!(stranger.watch_state::<Value>("customer_success", "secret").await.is_err());
    // Only the owner writes.
    let key = secret.entity.borrow();
    let denied = reader.write(key, revbus::state::UpdateBody::Delete, Write::any()).await.unwrap_err();
    assert!(matches!(&denied, StateError::Denied { .. }), "{denied}");
    // The other tenant sees nothing, has an entity of its own under the same name, and cannot name ours.
    let own = other.update_state("secret", "s", &json!({"note": "u"}), Write::creating()).await.unwrap();
    assert_eq!(other.get_after::<Value>(&own).await.unwrap().unwrap().state, json!({"note": "u"}));
    assert!(other.get_after::<Value>(&secret).await.unwrap().is_none_or(|found| found.state == json!({"note": "u"})));
    let bound = other.write(key, revbus::state::UpdateBody::Delete, Write::any()).await.unwrap_err();
    assert!(bound.to_string().contains("bound to tenant u"), "{bound}");
    let still = owner.get_after::<Value>(&secret).await.unwrap().unwrap();
    assert_eq!((still.state, still.version), (json!({"note": "n"}), Version(1)));
    let nobody = StateClient::connect(options(&bus, "t", "sales")).await.err().unwrap();
    assert!(nobody.to_string().contains("no module `sales`"), "{nobody}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_router_the_deadline_passes_and_asking_again_tells() {
    let bus = bus("late");
    let client = client(&bus, "t", "customer_success").await;
    let write = Write::any().within(Duration::from_secs(1)).with_event_id("evt_late");
    let late = client.update_state("account", "a", &account(1), write).await.unwrap_err();
    let StateError::DeadlineExceeded { event_id, .. } = &late else { panic!("{late}") };
    assert!(late.to_string().contains("Is a router running?"), "{late}");
    let _router = bus.router("a");
    let again = Write::any().with_event_id(event_id);
    let written = client.update_state("account", "a", &account(1), again).await.unwrap();
    assert_eq!(written.version, Version(1));
    // Whichever of the two records it was, it was done once.
    let now = client.get_after::<Value>(&written).await.unwrap().unwrap();
    assert_eq!((now.version, now.event_id.as_str()), (Version(1), "evt_late"));
    let third = client.update_state("account", "a", &account(1), Write::any().with_event_id("evt_late")).await.unwrap();
    assert_eq!((third.version, third.repeated), (Version(1), true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_without_the_topics_says_which_command_makes_them() {
    let bus = Bus::new(Cluster::shared(), "bare", CATALOGUE, 1);
    let error = StateClient::connect(options(&bus, "t", "customer_success")).await.err().unwrap();
    assert!(error.to_string().contains("`revbus topics apply --yes`"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_does_what_it_says() {
    let bus = bus("example");
    let _router = bus.router("a");
    let account = example::run(options(&bus, "t", "customer_success"), "acme").await.unwrap().unwrap();
    assert_eq!(account.state, json!({"health_score": 70.0, "risk_level": "medium"}));
    assert_eq!(account.version, Version(3));
}
