//! Module state from a module's own process: typed writes, a patch, a compare-and-set loop, and a watch.
//!
//! With a broker, the topics of the catalogue, and a running router:
//! `cargo run --example state_client -- 127.0.0.1:9092 topics.yaml tenant_001`

use std::sync::Arc;

use revbus::catalogue;
use revbus::client::state::{StateChange, StateClient, StateClientOptions, StateError, Versioned, Write};
use revbus::kafka::config::KafkaSettings;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The state of an account, as the catalogue declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Account {
    health_score: f64,
    risk_level: String,
}

/// Customer success looks after an account. Gives what it is in the end.
pub async fn run(options: StateClientOptions, id: &str) -> Result<Option<Versioned<serde_json::Value>>, StateError> {
    let client = StateClient::connect(options).await?;
    let mut watch = client.watch_state::<serde_json::Value>(client.module(), "account").await?;

    // Replaces the state, or creates it. `Write::creating()` would do the latter only.
    let account = Account { health_score: 80.0, risk_level: "low".to_owned() };
    let written = client.update_state("account", id, &account, Write::any()).await?;
    println!("put: version {}", written.version);

    // Changes one member. It must be the version that we have just made: else it is a conflict.
    let expecting = Write::expecting(written.version);
    let written = client.patch_state("account", id, &json!({"risk_level": "medium"}), expecting.clone()).await?;
    println!("patch: version {}", written.version);
    match client.patch_state("account", id, &json!({"risk_level": "high"}), expecting).await {
        Err(StateError::Conflict { current }) => println!("as it should be, a conflict: {current}"),
        other => println!("no conflict? {other:?}"),
    }

    // Asking again with the same event id does nothing twice: so after a deadline that was exceeded.
    let once = Write::any().with_event_id(&written.event_id);
    let again = client.patch_state("account", id, &json!({"risk_level": "medium"}), once).await?;
    println!("the same again: version {}, repeated: {}", again.version, again.repeated);

    // Reads, decides, and writes; again where somebody else was faster.
    let written = client
        .update_with("account", id, |account: Option<Account>| {
            let account = account.unwrap_or(Account { health_score: 50.0, risk_level: "low".to_owned() });
            Account { health_score: account.health_score - 10.0, ..account }
        })
        .await?;
    println!("update_with: version {}", written.version);

    // What the watch has seen of it.
    while let Some(change) = watch.next().await {
        let StateChange::Written { entity, now } = change? else { continue };
        println!("watched: {entity} version {}: {}", now.version, now.state);
        if entity.id == id && now.version >= written.version {
            break;
        }
    }
    client.get_after(&written).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(brokers), Some(file), Some(tenant)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("expected BROKERS CATALOGUE TENANT".into());
    };
    let (catalogue, _) = catalogue::compile(&file, &std::fs::read_to_string(&file)?);
    let catalogue = Arc::new(catalogue.ok_or("the catalogue does not compile: `revbus check` says why")?);
    let settings = KafkaSettings::of_brokers(&brokers);
    let options = StateClientOptions::new(settings, catalogue, &tenant, "customer_success");
    let account = run(options, "acme").await?;
    println!("in the end: {account:?}");
    Ok(())
}
