//! Updates of state as a producer of any language writes them.

use serde_json::{Value, json};

use crate::linear::Ask;
use crate::support::{Bus, Outgoing};

/// The module that owns the entities, and their type.
pub const MODULE: &str = "customer_success";
pub const TYPE: &str = "account";
/// The fact that a change of the score emits.
pub const FACT: &str = "customer_success.health_score_changed";

/// What the catalogue of the facts lacks.
pub fn catalogue() -> String {
    let own = "    name: Customer Success\n";
    let state = r#"    state:
      account:
        fields:
          health_score: integer(0..1000000)
          note: string?
        emits:
          customer_success.health_score_changed:
            when: "new.health_score != old.health_score"
            map:
              account_id: "entity.id"
              old_score: "old.health_score"
              new_score: "new.health_score"
    outbound:
      customer_success.health_score_changed:
        key: account_id
        payload:
          account_id: string
          old_score: integer
          new_score: integer
"#;
    let lean = include_str!("../../it/lean.yaml");
    assert!(lean.contains(own));
    lean.replace(own, &format!("{own}{state}"))
}

/// An update.
#[derive(Debug, Clone)]
pub struct Update {
    pub event_id: String,
    pub by: &'static str,
    pub tenant: &'static str,
    pub entity: String,
    pub ask: Ask,
    pub expected: Option<u64>,
    /// Who wants an answer, and on which partition.
    pub reply_to: Option<(String, i32)>,
}

impl Update {
    pub fn key(&self) -> String {
        format!("{}/{MODULE}/{TYPE}/{}", self.tenant, self.entity)
    }

    pub fn outgoing(&self, bus: &Bus) -> Outgoing {
        let mut data = json!({"module": MODULE, "entity_type": TYPE, "entity_id": self.entity});
        let operation = match &self.ask {
            Ask::Put(state) => {
                data["state"] = state.clone();
                "put"
            }
            Ask::Patch(patch) => {
                data["patch"] = patch.clone();
                "patch"
            }
            Ask::Delete => "delete",
            Ask::Get => panic!("nobody reads by an update"),
        };
        if let Some(expected) = self.expected {
            data["expected_version"] = json!(expected);
        }
        let metadata = self.reply_to.as_ref().map_or_else(
            || json!({}),
            |(client, partition)| json!({"client_id": client, "reply_partition": partition}),
        );
        let event = json!({
            "event_id": self.event_id,
            "event_type": format!("state.{operation}"),
            "source_module": self.by,
            "tenant_id": self.tenant,
            "timestamp": "2026-01-05T10:00:00Z",
            "payload": {"action": operation, "data": data, "metadata": metadata},
        });
        bus.outgoing("revbus.state_updates", &self.key(), event.to_string())
    }
}

/// Updates of these numbers: of a few entities of two tenants, among them ones that conflict, that are another module's,
/// that are invalid, and that repeat the one before of their entity.
pub fn mixed(bus: &Bus, numbers: std::ops::Range<usize>) -> Vec<Outgoing> {
    numbers.map(|n| one(n).outgoing(bus)).collect()
}

fn one(n: usize) -> Update {
    const ENTITIES: usize = 14;
    let kind = n / ENTITIES % 10;
    if kind == 5 {
        return one(n - ENTITIES);
    }
    let score = |score: usize| json!({"health_score": score, "note": format!("of update {n}")});
    let (ask, expected) = match kind {
        0 => (Ask::Patch(json!({"note": null, "health_score": n % 7})), None),
        1 => (Ask::Put(score(n % 1000)), Some(0)),
        2 => (Ask::Put(score(n % 1000)), Some((n % 5) as u64)),
        3 => (Ask::Put(score(2_000_000)), None),
        7 if n.is_multiple_of(3) => (Ask::Delete, None),
        8 => (Ask::Patch(json!({"note": "the same score"})), None),
        _ => (Ask::Put(score(n % 1000)), None),
    };
    Update {
        event_id: format!("upd_{n}"),
        by: if kind == 6 { "pipeline" } else { MODULE },
        tenant: ["tenant_001", "tenant_002"][n % 2],
        entity: format!("account_{}", n % ENTITIES),
        ask,
        expected,
        reply_to: None,
    }
}

/// What a state may be, by the catalogue.
pub fn is_valid(state: &Value) -> bool {
    state["health_score"].as_i64().is_some_and(|score| (0..=1_000_000).contains(&score))
}
