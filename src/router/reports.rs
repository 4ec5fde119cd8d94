//! What is done with each report of the client, some seconds apart: lags as gauges, and another look at whatever waits.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::ends::LAG_TIMEOUT;
use super::worker::Worker;
use crate::kafka::consumer::Lag;
use crate::kernel::worker::SourcePartition;

/// A transaction that lasts longer is told of once: most producers end one, or have it ended, within a minute.
const LONG: Duration = Duration::from_secs(120);

/// Since when the last stable offset of each partition has stood still with records behind it.
#[derive(Debug, Default)]
pub(super) struct Standing(BTreeMap<SourcePartition, Stand>);

#[derive(Debug)]
struct Stand {
    offset: i64,
    since: Instant,
    told: bool,
}

impl Standing {
    /// For how long it has by now. The first time that this is long is told apart.
    fn look(&mut self, partition: SourcePartition, offset: i64, now: Instant) -> (Duration, bool) {
        let new = || Stand { offset, since: now, told: false };
        let stand = self.0.entry(partition).or_insert_with(new);
        if stand.offset != offset {
            *stand = new();
        }
        let time = now.duration_since(stand.since);
        let tell = time > LONG && !std::mem::replace(&mut stand.told, true);
        (time, tell)
    }

    /// Nothing is held back, or the partition has gone.
    pub(super) fn forget(&mut self, partition: SourcePartition) {
        self.0.remove(&partition);
    }
}

impl Worker<'_> {
    /// Between batches, for it may wait for the cluster.
    pub(super) fn look_around(&mut self) {
        let Some(report) = self.consumer.take_report() else { return };
        self.shared.metrics.throttled(report.throttled);
        self.report_lags(&report.lags, report.cut_off.is_none());
        self.report_ledger();
        self.report_entities();
        if let Some(why) = report.cut_off {
            self.in_trouble(why);
            self.look_for_a_way();
        } else {
            self.cut_off = None;
            self.tell_troubles(&report.lags);
            self.keep_reading(&report.lags);
            self.release_audited();
            self.subscribe();
            self.look_for_other_topics();
            self.look_again_at_stopped();
        }
    }

    /// What the client says about its lags, as gauges.
    fn report_lags(&mut self, lags: &[Lag], connected: bool) {
        let until = Instant::now() + LAG_TIMEOUT;
        for lag in lags {
            let Some(partition) = self.names.kernel(&(lag.topic.clone(), lag.partition)) else { continue };
            if !self.places.has(partition) {
                continue;
            }
            let committed = self.committed.get(&partition).map(|position| position.0);
            // What the client stands behind is committed, or has nothing to route; but for a batch that failed.
            let position =
                if self.troubles.has(partition) { committed.or(lag.position) } else { committed.max(lag.position) };
            // The client may not look at the end of what it does not fetch.
            let held = self.holds.holds(partition);
            let looks = held && connected && Instant::now() < until;
            let end = looks.then(|| self.end_now(partition)).flatten().map_or(lag.end, |end| end.0);
            let behind = end.saturating_sub(position.unwrap_or(0)).max(0);
            self.shared.metrics.set_lag(self.names.topic_of(partition), partition.partition, behind);
            self.report_held_back(partition, lag, if held { Some(false) } else { lag.held_back });
        }
    }

    /// What is not known stays as it was.
    fn report_held_back(&mut self, partition: SourcePartition, lag: &Lag, held_back: Option<bool>) {
        let Some(held_back) = held_back else { return };
        let time = if held_back {
            let (time, tell) = self.standing.look(partition, lag.end, Instant::now());
            if tell {
                tracing::warn!(
                    topic = lag.topic,
                    partition = lag.partition,
                    offset = lag.end,
                    "a producer's transaction has been open for long: records from its first one on are not read before it \
                     ends; `kafka-transactions.sh describe-producers` names the producer"
                );
            }
            time
        } else {
            self.standing.forget(partition);
            Duration::ZERO
        };
        self.shared.metrics.set_open_transaction(self.names.topic_of(partition), partition.partition, time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SourceId;

    #[test]
    fn an_offset_that_stands_still_for_long_is_told_of_once() {
        let partition = SourcePartition { topic: SourceId(0), partition: 3 };
        let begun = Instant::now();
        let mut standing = Standing::default();
        let mut look = |offset, second| standing.look(partition, offset, begun + Duration::from_secs(second));
        assert_eq!(look(7, 0), (Duration::ZERO, false));
        assert_eq!(look(7, 120), (Duration::from_secs(120), false));
        assert_eq!(look(7, 125), (Duration::from_secs(125), true));
        assert_eq!(look(7, 130), (Duration::from_secs(130), false), "once");
        assert_eq!(look(8, 135), (Duration::ZERO, false), "another transaction");
        assert_eq!(look(8, 300), (Duration::from_secs(165), true));
        standing.forget(partition);
        assert_eq!(standing.look(partition, 8, begun + Duration::from_secs(400)), (Duration::ZERO, false));
    }
}
