//! Where judging begins: what retention has taken is no damage, and neither is what lies across the beginning of a
//! window.

use std::collections::HashMap;
use std::time::Duration;

use super::{Log, Survey, TIMEOUT, kafka};
use crate::catalogue::AuditMode;
use crate::client::verify::collect::Collector;
use crate::ids::Position;
use crate::kafka::trouble::Trouble;
use crate::verify::{Floor, MARGIN, Scope, Topics};

impl Survey<'_> {
    /// Draws the edges, once everything is read: what retention has taken meanwhile, where the audit trail begins.
    pub(in crate::client::verify) fn bound(&self, scope: &mut Scope, read: &Collector) -> Result<(), Trouble> {
        let mut trails: HashMap<i32, Trail> = HashMap::new();
        let names: Vec<_> = self.logs.iter().map(|log| kafka(&scope.topics, (log.topic, log.partition))).collect();
        let (lows, ends) = (self.ends.starts(&names, TIMEOUT)?, self.ends.ends(&names, TIMEOUT)?);
        for (log, (low, end)) in self.logs.iter().zip(lows.into_iter().zip(ends)) {
            let begins = self.begins(&scope.topics, log, low, read);
            let whole_from = &mut scope.whole_from[usize::from(log.topic)];
            *whole_from = begins.unwrap_or(i64::MIN).max(*whole_from);
            if log.topic == scope.topics.audit() {
                trails.insert(log.partition, Trail { cut: begins, since: self.since(), hangs: log.hangs() });
            }
            if let Some(reach) = scope.sources.get_mut(&(log.topic, log.partition)) {
                let first = log.from.max(low).0;
                reach.from = if self.is_compacted(&scope.topics, log.topic) { reach.to } else { first };
                reach.floor = Floor::Offset(first);
                // A read-uncommitted client tells the true end, and what is audited stood in the log before.
                reach.end = end.0;
            }
        }
        match scope.audit {
            AuditMode::On => follow(&trails, scope, read),
            AuditMode::Off => self.stand_in(scope),
        }
        Ok(())
    }

    /// Where nothing is audited, the sources stand in for the audit: what came of a record before the first of them is
    /// not judged, and neither is what came late of a record before the window.
    fn stand_in(&self, scope: &mut Scope) {
        let whole = scope.sources.keys().filter_map(|(topic, _)| scope.whole_from.get(usize::from(*topic))).max();
        let whole = whole.copied().filter(|_| self.question.since.is_none()).unwrap_or(i64::MAX);
        scope.whole_from[usize::from(scope.topics.audit())] = whole;
        if let Some(since) = self.since() {
            scope.sources.values_mut().for_each(|reach| reach.floor = Floor::Time(since));
        }
    }

    /// From when on a log has all its records, where it has lost some; with room for records that belong together.
    fn begins(&self, topics: &Topics, log: &Log, low: Position, read: &Collector) -> Option<i64> {
        if low.0 == 0 || log.from > low {
            return None;
        }
        let first = read.first(log.topic, log.partition).map(|first| first.saturating_add(MARGIN));
        first.or_else(|| {
            let kept = i64::try_from(self.retention(topics, log.topic)?.as_millis()).ok()?;
            Some(self.question.now.millis().saturating_sub(kept).saturating_add(MARGIN))
        })
    }

    /// How long a topic keeps its records; `None` is for ever.
    fn retention(&self, topics: &Topics, topic: u16) -> Option<Duration> {
        let catalogue = &self.question.catalogue;
        match topics.event_type(topic) {
            Some(id) => catalogue.event_type(id).topic.retention,
            None if topic == topics.audit() => catalogue.audit_retention(),
            None => catalogue.longest_retention(),
        }
    }

    fn is_compacted(&self, topics: &Topics, topic: u16) -> bool {
        let spec = topics.event_type(topic).map(|id| &self.question.catalogue.event_type(id).topic);
        spec.and_then(|spec| spec.config.get("cleanup.policy")).is_some_and(|policy| policy.contains("compact"))
    }
}

/// The audit trail of the source partitions of one number.
#[derive(Debug, Clone, Copy)]
struct Trail {
    /// From when on it is there, where it has lost its beginning.
    cut: Option<i64>,
    /// From when on it is asked for, where that is said. It was read from long enough before.
    since: Option<i64>,
    /// Whether a transaction in it does not end.
    hangs: bool,
}

/// Judges sources from where their audit trail begins.
fn follow(trails: &HashMap<i32, Trail>, scope: &mut Scope, read: &Collector) {
    for (&(topic, partition), reach) in &mut scope.sources {
        let Some(trail) = trails.get(&partition) else {
            // The router leaves alone what the audit topic has no partition for.
            reach.hidden = true;
            continue;
        };
        reach.hidden = trail.hangs;
        reach.floor = match (trail.cut, trail.since, read.first_audited(topic, partition)) {
            (None, None, _) => reach.floor,
            // A trail that is whole tells of every record, also of those before the first that it tells of.
            (None, Some(since), _) => Floor::Time(since),
            // The audit records of a source's partition stand in its order: the first says from where on they are there.
            (Some(_), _, Some(first)) => match reach.floor {
                Floor::Offset(floor) => Floor::Offset(floor.max(first)),
                floor @ Floor::Time(_) => floor,
            },
            (Some(cut), since, None) => Floor::Time(since.map_or(cut, |since| since.max(cut))),
        };
    }
}

#[cfg(test)]
mod tests;
