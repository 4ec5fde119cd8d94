//! What a partition of updates knows: its past, and its entities.

use super::registry::Entities;
use crate::kernel::{Look, PartitionLedger, Settlement, View};

/// The past and the entities of one partition, at one moment.
#[derive(Debug, Clone, Copy)]
pub struct PartitionView<'v> {
    /// What was decided on.
    pub past: PartitionLedger<'v>,
    /// What is there.
    pub entities: &'v Entities,
}

impl View for PartitionView<'_> {
    fn look(&self, tenant: &str, event_id: &str) -> Look {
        self.past.look(tenant, event_id)
    }

    fn settlement(&self, tenant: &str, event_id: &str) -> Option<Settlement> {
        self.past.settlement(tenant, event_id)
    }

    fn entity(&self, key: &[u8]) -> Option<&[u8]> {
        self.entities.get(key)
    }
}
