//! Sample updates of module state: how well the accounts of the sample companies do.

use serde_json::json;

use super::random::Random;
use super::story::Story;
use super::traffic::{Place, Sample};
use crate::catalogue::Catalogue;
use crate::client::state::{NewUpdate, object};
use crate::ids::new_event_id;
use crate::state::{EntityKey, UpdateBody};
use crate::time::Timestamp;

/// The entity type, as the catalogue that comes with revbus declares it.
const MODULE: &str = "customer_success";
const ENTITY_TYPE: &str = "account";

/// An account does better or worse; nothing where the catalogue keeps no accounts.
pub(super) fn health(catalogue: &Catalogue, story: &Story, random: &mut Random, now: Timestamp) -> Option<Sample> {
    catalogue.entity_type(MODULE, ENTITY_TYPE)?;
    let (tenant, account) = story.account(random);
    let entity = EntityKey::new(&tenant, MODULE, ENTITY_TYPE, account).ok()?;
    let score = random.below(101);
    let risk = ["high", "medium", "low"][usize::from(score >= 30) + usize::from(score >= 60)];
    let state = json!({ "health_score": score, "risk_level": risk, "last_updated": now.to_rfc3339() }).to_string();
    let update = NewUpdate {
        event_id: &new_event_id(now, &random.bytes()),
        entity,
        body: UpdateBody::Put(object(&state, "a state").ok()?),
        expected: None,
        by: (MODULE, Some("usr_sample")),
        reply_to: None,
    };
    Some(Sample { topic: Place::Updates, key: entity.to_bytes(), value: Some(update.to_bytes(now)), flaw: None })
}
