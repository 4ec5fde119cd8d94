//! The ends of logs, as a worker asks for them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::worker::Worker;
use crate::ids::Position;
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::kernel::worker::SourcePartition;

/// How long a broker may take to tell.
const WATERMARK_TIMEOUT: Duration = Duration::from_secs(3);
/// The same where it is asked for a metric only, for all partitions together.
pub(super) const LAG_TIMEOUT: Duration = Duration::from_millis(300);

/// The start and the end of each log, as far as they were told.
pub(super) type Ends = BTreeMap<SourcePartition, (Position, Position)>;

impl Worker<'_> {
    /// The ends of many logs, in one request to each broker: one after the other, of thousands and from far away, would take
    /// longer than a member of the group may be silent. What is not told so is asked for by itself.
    pub(super) fn ends_of(&mut self, partitions: &[SourcePartition]) -> Ends {
        // One is asked for as quickly by itself.
        if partitions.len() < 2 {
            return Ends::new();
        }
        self.shared.watch.step(WATERMARK_TIMEOUT);
        let kafka: Vec<_> = partitions.iter().map(|one| self.names.kafka(*one)).collect();
        let told = self.watermarks().map_or_else(|_| Vec::new(), |asked| asked.of_many(&kafka, WATERMARK_TIMEOUT));
        partitions.iter().zip(told).filter_map(|(partition, ends)| Some((*partition, ends?))).collect()
    }

    /// The start and the end of a partition's log.
    pub(super) fn ends(&mut self, partition: SourcePartition, told: &Ends) -> Result<(Position, Position), Trouble> {
        if let Some(ends) = told.get(&partition) {
            return Ok(*ends);
        }
        self.shared.watch.step(WATERMARK_TIMEOUT);
        let kafka = self.names.kafka(partition);
        self.watermarks()?.of(&kafka, WATERMARK_TIMEOUT)
    }

    /// The ends of a log that should reach to this position. A broker that has just come back may not know yet how far
    /// it reaches, nor that it has it, so it is looked at again for a while.
    pub(super) fn ends_from(
        &mut self,
        (partition, position): (SourcePartition, Position),
        told: &Ends,
        until: Instant,
    ) -> Result<(Position, Position), Trouble> {
        let mut ends = self.ends(partition, told);
        while Instant::now() < until {
            let settled = match &ends {
                Ok((_, end)) => position <= *end,
                Err(trouble) => trouble.kind != TroubleKind::TopicMissing,
            };
            if settled || self.shared.stop.wait(Duration::from_millis(500)) {
                break;
            }
            ends = self.ends(partition, &Ends::new());
        }
        ends
    }

    /// The end of a log, if it is told at once: nothing is routed meanwhile.
    pub(super) fn end_now(&mut self, partition: SourcePartition) -> Option<Position> {
        let kafka = self.names.kafka(partition);
        Some(self.watermarks().ok()?.of(&kafka, LAG_TIMEOUT).ok()?.1)
    }

    /// How many partitions a topic has, if that is told at once.
    pub(super) fn partition_count(&mut self, topic: &str) -> Result<i32, Trouble> {
        self.watermarks()?.partitions(topic, LAG_TIMEOUT)
    }

    pub(super) fn watermarks(&mut self) -> Result<&Watermarks, Trouble> {
        let watermarks = match self.watermarks.take() {
            Some(watermarks) => watermarks,
            None => Watermarks::connect(&self.shared.options.settings)?,
        };
        Ok(self.watermarks.insert(watermarks))
    }
}
