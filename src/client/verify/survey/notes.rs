//! What is said beside the judgement: transactions that do not end, and what could not be judged.

use std::collections::{BTreeMap, HashMap};

use super::{Log, Survey, committed, kafka};
use crate::catalogue::{AuditMode, Catalogue};
use crate::client::verify::VerifyError;
use crate::client::verify::collect::Collector;
use crate::kafka::admin::TopicDescription;
use crate::verify::{Damage, Finding, Place, Scope, Topics};

impl Survey<'_> {
    /// The transactions that do not end.
    pub(in crate::client::verify) fn hanging(&self, topics: &Topics) -> impl Iterator<Item = Finding> {
        self.logs.iter().filter(|log| log.hangs()).map(|log| {
            let place = Place { topic: log.topic, partition: log.partition, offset: log.stable.0 };
            let sentence = format!(
                "a transaction is open here for more than {} s: committed readers do not see what stands behind it, \
                 up to offset {}",
                self.question.patience.as_secs(),
                log.high.0 - 1
            );
            topics.finding(Damage::Hanging, place, None, sentence)
        })
    }

    /// The partitions of which audit records tell of more than the group's position, where it has one at all: the two are of
    /// one transaction. Asked for once more, behind all that was read: a router that runs has moved on.
    pub(in crate::client::verify) fn moved_back(
        &self,
        topics: &Topics,
        read: &Collector,
    ) -> Result<Vec<Finding>, VerifyError> {
        let audited = |log: &&Log| read.last_audited(log.topic, log.partition).is_some();
        let audited: Vec<_> = self.logs.iter().filter(audited).collect();
        let names: Vec<_> = audited.iter().map(|log| kafka(topics, (log.topic, log.partition))).collect();
        let committed: HashMap<_, _> = committed(self.question, &names)?.into_iter().collect();
        let moved = audited.into_iter().zip(names).filter_map(|(log, name)| {
            let at = committed.get(&name).copied();
            let from = at.map_or(log.from.0, |at| at.0);
            let last = read.last_audited(log.topic, log.partition);
            let last = last.filter(|last| (from..log.high.0).contains(last))?;
            let place = Place { topic: log.topic, partition: log.partition, offset: from };
            let sentence = match at {
                Some(_) => format!(
                    "is the group's position, and records up to {last} are audited: it was moved back (or delivery at least \
                     once was interrupted), and a router decides on them again"
                ),
                None => format!(
                    "is where the group begins, for it has no position here, and records up to {last} are audited: it was \
                     removed, and a router decides on them again"
                ),
            };
            Some(topics.finding(Damage::Torn, place, None, sentence))
        });
        Ok(moved.collect())
    }

    /// What is not judged, and why.
    pub(in crate::client::verify) fn notes(&self, scope: &Scope) -> Vec<String> {
        let mut notes = self.notes.clone();
        if scope.audit == AuditMode::Off {
            let note = "the catalogue's audit is off: commands whose triggers have conditions may be missing unseen, and \
                        what commands say is not compared";
            notes.push(note.to_owned());
        }
        for (&(topic, partition), position) in &self.positions {
            let log = self.logs.iter().find(|log| (log.topic, log.partition) == (topic, partition));
            if let Some(log) = log.filter(|log| *position > log.high) {
                let name = scope.topics.name(topic);
                let (at, end) = (position.0, log.high.0);
                notes.push(format!("the group's position in {name}/{partition} is {at}, beyond the log's end {end}"));
            }
        }
        let cut: Vec<_> = (0..=scope.topics.audit())
            .filter(|topic| scope.whole_from.get(usize::from(*topic)).is_some_and(|from| (1..i64::MAX).contains(from)))
            .map(|topic| scope.topics.name(topic))
            .collect();
        if !cut.is_empty() {
            notes.push(format!("no longer whole, and so judged from their first records on: {}", cut.join(", ")));
        }
        if !scope.blind.is_empty() {
            notes.push("what a hanging transaction hides is not judged: verify again when it has ended".to_owned());
        }
        notes
    }

    /// What was removed before anything was decided on it. With a time to begin at, a log's start is not looked at.
    pub(in crate::client::verify) fn unread(&self, scope: &Scope, read: &Collector) -> Option<String> {
        let mut gaps: Vec<_> = read.unread().filter(|_| self.since().is_none()).collect();
        gaps.sort_unstable_by_key(|(one, _)| *one);
        let gaps: Vec<_> = gaps
            .into_iter()
            .map(|((topic, partition), gap)| {
                format!("{}/{partition} from {} to {}", scope.topics.name(topic), gap.start, gap.end - 1)
            })
            .collect();
        (!gaps.is_empty()).then(|| {
            format!(
                "removed before anything was decided on it, by retention or by hand (marks of transactions among it are \
                 nobody's loss): {}",
                gaps.join(", ")
            )
        })
    }
}

/// Says which topics are missing; an error where too few are left.
pub(super) fn missing(
    catalogue: &Catalogue,
    topics: &Topics,
    there: &BTreeMap<String, TopicDescription>,
) -> Result<Vec<String>, VerifyError> {
    let audited = catalogue.settings.audit.mode == AuditMode::On;
    let wanted = if audited { topics.audit() } else { topics.dead_letters() };
    let state = [topics.updates(), topics.state()];
    let wanted_ones = (0..=wanted).filter(|topic| catalogue.keeps_state() || !state.contains(topic));
    let missing: Vec<_> =
        wanted_ones.map(|topic| topics.name(topic).to_owned()).filter(|name| !there.contains_key(name)).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let needed = [topics.name(topics.dead_letters()), topics.name(wanted)];
    if missing.iter().any(|name| needed.contains(&&**name)) {
        return Err(VerifyError::Missing(missing));
    }
    Ok(vec![format!("not on the cluster, or not to be seen: {}", missing.join(", "))])
}
