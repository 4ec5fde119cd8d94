//! How a worker takes a new edition: between two batches, whole, and without leaving its group.
//!
//! What a worker keeps from batch to batch is kept under names or [`SourceId`](crate::ids::SourceId)s, which mean the
//! same in every edition; what is kept by event type is made anew here.

use std::mem;
use std::sync::Arc;

use super::carry::COMMIT_TIMEOUT;
use super::holds::Hold;
use super::names::Names;
use super::worker::Worker;
use crate::kernel::worker::{Refit, SourcePartition};

impl Worker<'_> {
    /// Takes the edition in force, if it is a new one. With no batch open.
    pub(super) fn renew(&mut self) -> Option<Refit> {
        let edition = self.shared.editions.other_than(&self.edition)?;
        let before = mem::replace(&mut self.edition, edition);
        self.names = Arc::clone(&self.edition.names);
        self.metrics = self.shared.metrics.worker(&self.edition.rules.catalogue);
        self.subscribe();
        self.follow_audit(self.edition.rules.topology.audit.partitions);
        self.hold_retired(&self.places.assigned().collect::<Vec<_>>());
        let returned = self.release_returned(&before.names);
        self.shared.editions.took(self.shared.number, self.edition.number);
        let digest = &self.edition.rules.catalogue.digest;
        tracing::info!(worker = self.shared.number, catalogue = %digest, "the new catalogue decides");
        Some(if self.edition.size_limits != before.size_limits {
            Refit::Producer
        } else if returned {
            Refit::Positions
        } else {
            Refit::Nothing
        })
    }

    /// Tells the group which topics are read, where they have changed; the group gives and takes partitions then.
    pub(super) fn subscribe(&mut self) {
        if self.subscribed == self.edition.topics {
            return;
        }
        let topics: Vec<&str> = self.edition.topics.iter().map(|topic| &**topic).collect();
        match self.shared.watch.call("subscribe", COMMIT_TIMEOUT, || self.consumer.subscribe(&topics)) {
            Ok(()) => self.subscribed.clone_from(&self.edition.topics),
            // Topics that are not read any more are held; it is tried again with the client's next report.
            Err(trouble) => self.in_trouble(trouble.sentence),
        }
    }

    /// The audit topic as the edition found it.
    fn follow_audit(&mut self, partitions: i32) {
        if partitions > self.audit_partitions {
            self.audit_grew(partitions);
        } else {
            self.audit_partitions = partitions;
            self.hold_unaudited(&self.places.assigned().collect::<Vec<_>>());
        }
    }

    /// Stops reading partitions whose topic is no fact's any more, until the group has taken them back.
    pub(super) fn hold_retired(&mut self, partitions: &[SourcePartition]) {
        for partition in partitions {
            if self.names.reads(partition.topic).is_none() {
                self.hold(*partition, Hold::Retired, String::new());
            }
        }
    }

    /// Lets partitions go whose topic is a fact's again before the group took them; whether there were any. A record of
    /// them may have been passed over: they must go back to their committed positions.
    fn release_returned(&mut self, before: &Names) -> bool {
        let returned =
            |one: &SourcePartition| before.reads(one.topic).is_none() && self.names.reads(one.topic).is_some();
        let returned: Vec<_> = self.places.assigned().filter(returned).collect();
        self.release(&returned, Hold::Retired);
        !returned.is_empty()
    }
}
