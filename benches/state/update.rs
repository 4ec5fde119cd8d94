//! Updates through a router: from the call to its answer, one at a time at a quiet rate, and as many as go at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use revbus::catalogue;
use revbus::client::state::{StateClient, StateClientOptions, Write};
use revbus::kafka::config::KafkaSettings;
use revbus::state::EntityKey;
use serde_json::json;

const CATALOGUE: &str = "version: 1
topic_prefix: PREFIX
modules:
  success:
    outbound:
      success.health_changed:
        key: account_id
        payload: {account_id: string, old_score: integer, new_score: integer}
    state:
      account:
        fields: {score: integer, note: string}
        emits:
          success.health_changed:
            when: \"new.score != old.score\"
            map: {account_id: \"entity.id\", old_score: \"old.score\", new_score: \"new.score\"}
";
const ENTITIES: u64 = 1_000;
/// Calls a second where latency is measured, for how long, and what is left out before: the code of a fresh broker is
/// compiled with use, as in `benches/router`.
const RATE: u32 = 200;
const MEASURED: Duration = Duration::from_secs(20);
const WARM: Duration = Duration::from_secs(30);
const AT_ONCE: u64 = 1_000;
const SATURATED: Duration = Duration::from_secs(10);

/// A router, ended when it is dropped.
struct Router(Child);

impl Drop for Router {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn revbus(arguments: &[&str], brokers: &str, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revbus"));
    command.args(arguments).args(["--brokers", brokers, "--catalogue"]).arg(file).stdout(Stdio::null());
    command
}

/// Measures, prints, and checks that each entity has the version of all its updates.
pub fn measure(brokers: &str) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("topics.yaml");
    let text = CATALOGUE.replace("PREFIX", &format!("bench{}.", std::process::id()));
    std::fs::write(&file, &text).unwrap();
    assert!(revbus(&["topics", "apply", "--yes"], brokers, &file).status().unwrap().success());
    let mut router = revbus(&["router", "--listen", "127.0.0.1:0"], brokers, &file);
    let _router = Router(router.stderr(Stdio::null()).spawn().unwrap());
    let catalogue = Arc::new(catalogue::compile("topics.yaml", &text).0.unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = StateClientOptions::new(KafkaSettings::of_brokers(brokers), catalogue, "acme", "success");
        let client = StateClient::connect(options).await.unwrap();
        // The first answer says that the router is there.
        put(&client, 0, 0).await;
        let mut written = 1 + latency(&client).await;
        written += saturated(&client).await;
        check(&client, written).await;
    });
}

async fn put(client: &StateClient, entity: u64, n: u64) {
    let state = json!({"score": n, "note": "n".repeat(460)});
    client.update_state("account", &format!("acc_{entity}"), &state, Write::any()).await.unwrap();
}

/// One call every few milliseconds, whether or not those before it are answered.
async fn latency(client: &StateClient) -> u64 {
    let (begun, mut due) = (Instant::now(), tokio::time::interval(Duration::from_secs(1) / RATE));
    let (mut calls, mut n) = (Vec::new(), 0);
    while begun.elapsed() < WARM + MEASURED {
        due.tick().await;
        n += 1;
        let (client, counts) = (client.clone(), begun.elapsed() > WARM);
        calls.push(tokio::spawn(async move {
            let asked = Instant::now();
            put(&client, n % ENTITIES, n).await;
            counts.then(|| asked.elapsed())
        }));
    }
    let mut took = Vec::new();
    for call in calls {
        took.extend(call.await.unwrap());
    }
    took.sort_unstable();
    let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1000.0;
    println!("updates at {RATE}/s, call to answer: p50 {:.1} ms, p99 {:.1} ms ({} calls)", at(50), at(99), took.len());
    n
}

async fn saturated(client: &StateClient) -> u64 {
    let (begun, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|entity| {
            let (client, done) = (client.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while begun.elapsed() < SATURATED {
                    let n = done.fetch_add(1, Ordering::Relaxed);
                    put(&client, entity, n).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let done = done.load(Ordering::Relaxed);
    println!("updates, {AT_ONCE} at once: {:.0}/s", done as f64 / begun.elapsed().as_secs_f64());
    done
}

async fn check(client: &StateClient, written: u64) {
    let view = client.view().await.unwrap();
    let mut versions = 0;
    for entity in 0..ENTITIES {
        let id = format!("acc_{entity}");
        let key = EntityKey::new("acme", "success", "account", &id).unwrap();
        versions += view.get(key).unwrap().map_or(0, |entity| entity.written.version.0);
    }
    assert_eq!(versions, written, "each update made one version");
}
