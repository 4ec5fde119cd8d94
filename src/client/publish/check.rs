//! Whether an event may be published, before any broker sees it: by the router's own checks.

use crate::catalogue::Catalogue;
use crate::ids::TypeId;
use crate::kernel;
use crate::reason::Reason;
use crate::time::Timestamp;

/// What is known of an event that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its type; the topic is the type's.
    pub event_type: TypeId,
    /// The record's key: `tenant/entity`.
    pub key: Vec<u8>,
}

/// Checks a whole envelope as the router will: envelope, type, owner, tenant, time, payload.
///
/// # Errors
/// Every breach.
pub fn check_event(catalogue: &Catalogue, value: &[u8], now: Timestamp) -> Result<Checked, Vec<Reason>> {
    let checkup = kernel::check(catalogue, value, now);
    match (checkup.event_type, checkup.key) {
        (Some(event_type), Some(key)) if checkup.reasons.is_empty() => Ok(Checked { event_type, key }),
        _ => Err(checkup.reasons),
    }
}
