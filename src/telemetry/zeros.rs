//! Series that start at 0, so that the first thing that is counted is already a rate.

use super::metrics::{Metrics, MetricsError, Rebalance, Reload};
use crate::catalogue::{Catalogue, Kind};
use crate::reason::Outcome;
use crate::state::Operation;

impl Metrics {
    /// This catalogue decides from now on. What was counted under the one before it stays.
    ///
    /// # Errors
    /// A mistake in the table of metrics.
    pub fn catalogue(&self, catalogue: &Catalogue) -> Result<(), MetricsError> {
        let families = &self.families;
        families.catalogue_info.reset();
        families.catalogue_info.get_metric_with_label_values(&[catalogue.digest.as_str()])?.set(1);
        for event_type in &catalogue.types {
            let name: &str = &event_type.name;
            match &event_type.kind {
                Kind::Command(_) => {
                    families.derived_events.get_metric_with_label_values(&[name])?;
                }
                Kind::Fact(_) => {
                    for family in [
                        &families.records_consumed,
                        &families.dead_letters,
                        &families.dead_letter_storms,
                        &families.alias_uses,
                        &families.record_key_mismatches,
                        &families.timestamps_without_zone,
                    ] {
                        family.get_metric_with_label_values(&[name])?;
                    }
                    families.partitions_made_anew.get_metric_with_label_values(&[&event_type.topic.name])?;
                    families.positions_moved_back.get_metric_with_label_values(&[&event_type.topic.name])?;
                    families.position_gap_records.get_metric_with_label_values(&[&event_type.topic.name])?;
                    for outcome in [Outcome::Routed, Outcome::NoTrigger, Outcome::Duplicate, Outcome::Invalid] {
                        families.decisions.get_metric_with_label_values(&[name, outcome.code()])?;
                    }
                }
            }
        }
        if catalogue.keeps_state() {
            self.start_updates_at_zero()?;
        }
        Ok(())
    }

    fn start_updates_at_zero(&self) -> Result<(), MetricsError> {
        let families = &self.families;
        for operation in Operation::ALL {
            let name = operation.event_type();
            families.records_consumed.get_metric_with_label_values(&[name])?;
            families.dead_letters.get_metric_with_label_values(&[name])?;
            for outcome in
                [Outcome::StateChanged, Outcome::Conflict, Outcome::Denied, Outcome::Duplicate, Outcome::Invalid]
            {
                families.decisions.get_metric_with_label_values(&[name, outcome.code()])?;
            }
        }
        Ok(())
    }

    /// What no catalogue names.
    pub(super) fn start_at_zero(&self) -> Result<(), MetricsError> {
        let families = &self.families;
        for reload in Reload::ALL {
            families.catalogue_reloads.get_metric_with_label_values(&[reload.code()])?;
        }
        for result in ["committed", "aborted"] {
            families.transactions.get_metric_with_label_values(&[result])?;
        }
        for kind in [Rebalance::Assigned, Rebalance::Revoked, Rebalance::Lost] {
            families.rebalances.get_metric_with_label_values(&[kind.code()])?;
        }
        Ok(())
    }
}
