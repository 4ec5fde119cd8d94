//! The checks alone, for an event that stands on no topic yet.

use super::admit::admit;
use super::effects::Observed;
use crate::catalogue::Catalogue;
use crate::ids::{self, TypeId};
use crate::reason::Reason;
use crate::time::Timestamp;

/// What the checks on an event found out.
#[derive(Debug, Default)]
pub struct Checkup {
    /// Every breach; none where the router would not refuse it.
    pub reasons: Vec<Reason>,
    /// Its type, where the catalogue has it.
    pub event_type: Option<TypeId>,
    /// The key that its record should have, where tenant and entity are known.
    pub key: Option<Vec<u8>>,
}

/// Runs the checks that [`decide`](super::decide) begins with on the value of a record that is to go to the topic of
/// its own type: envelope, type, owner, tenant, time, payload (decision 60).
#[must_use]
pub fn check(catalogue: &Catalogue, value: &[u8], now: Timestamp) -> Checkup {
    let mut reasons = Vec::new();
    let admitted = admit(catalogue, (Some(value), None), now, &mut Observed::default(), &mut reasons);
    let key = admitted.envelope.tenant_id.as_deref().zip(admitted.entity.as_deref()).map(|(tenant, entity)| {
        let mut key = Vec::new();
        ids::push_key(&mut key, tenant, entity);
        key
    });
    Checkup { reasons, event_type: admitted.event_type, key }
}
