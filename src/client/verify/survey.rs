//! What is there to read, and what can be judged of it.
//!
//! The order matters while a router runs: first the group's positions, then the ends of what it writes, then those of
//! the audit, each waited for until no transaction before it is open. So whatever belongs to a consumed record, and
//! every audit record of what was derived, lies before an end that is read up to.

mod edges;
mod notes;

use std::collections::{BTreeMap, HashMap};
use std::thread;
use std::time::{Duration, Instant};

use super::{Question, VerifyError};
use crate::catalogue::{AuditMode, Catalogue, Kind};
use crate::ids::Position;
use crate::kafka::admin::{Admin, ConfigValue, TopicDescription};
use crate::kafka::consumer::TopicPartition;
use crate::kafka::positions;
use crate::kafka::span::Span;
use crate::kafka::trouble::Trouble;
use crate::kafka::watermarks::Watermarks;
use crate::time::Timestamp;
use crate::verify::{Floor, MARGIN, Reach, Scope, Topics};

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The pause between two looks at open transactions.
const PAUSE: Duration = Duration::from_millis(200);
/// The most groups that are named where none was meant.
const MOST_GROUPS: usize = 10;

/// The furthest that a clock is taken to be ahead, in milliseconds.
const MOST_AHEAD: i64 = 24 * 3_600_000;

/// A partition's log.
#[derive(Debug, Clone, Copy)]
struct Log {
    topic: u16,
    partition: i32,
    from: Position,
    /// Its true end when it was looked at.
    high: Position,
    /// Up to where no transaction is open.
    stable: Position,
}

impl Log {
    const fn hangs(&self) -> bool {
        self.stable.0 < self.high.0
    }
}

/// What is there.
pub(super) struct Survey<'a> {
    question: &'a Question<'a>,
    ends: Watermarks,
    logs: Vec<Log>,
    positions: HashMap<(u16, i32), Position>,
    /// How far the timestamp of a fact may lie ahead, in milliseconds.
    ahead: i64,
    notes: Vec<String>,
}

impl<'a> Survey<'a> {
    /// Looks, and waits for open transactions.
    pub(super) fn of(question: &'a Question<'a>) -> Result<(Self, Scope), VerifyError> {
        let catalogue = question.catalogue;
        let topics = Topics::of(catalogue).ok_or(VerifyError::TooManyTopics)?;
        let names: Vec<_> = (0..=topics.audit()).map(|topic| topics.name(topic)).collect();
        let there = Admin::connect(question.settings, TIMEOUT)?.describe_visible(&names)?.0;
        let notes = notes::missing(catalogue, &topics, &there)?;
        let Partitions { sources, written, last } = Partitions::of(catalogue, &topics, &there);
        let names: Vec<_> = sources.iter().map(|one| kafka(&topics, *one)).collect();
        let committed = committed(question, &names)?;
        if committed.is_empty() {
            return Err(no_positions(question));
        }
        let positions = committed
            .into_iter()
            .filter_map(|((topic, partition), at)| Some(((topics.number(&topic)?, partition), at)))
            .collect();
        let ends = Watermarks::connect(question.settings)?;
        let stable = Watermarks::stable(question.settings)?;
        let ahead =
            sources.iter().filter_map(|(topic, _)| there.get(topics.name(*topic))).map(ahead).max().unwrap_or(0);
        let mut survey = Self { question, ends, logs: Vec::new(), positions, ahead, notes };
        for partitions in [written, last] {
            let mut logs = survey.look(&topics, &partitions)?;
            settle(&topics, &stable, question.patience, &mut logs)?;
            survey.logs.append(&mut logs);
        }
        let read = survey.logs.iter().filter(|log| sources.contains(&(log.topic, log.partition)));
        let scope = Scope {
            audit: catalogue.settings.audit.mode,
            since: survey.since().unwrap_or(i64::MIN),
            partitions: (0..=topics.audit()).map(|topic| count(&topics, topic, &there)).collect(),
            whole_from: vec![i64::MIN; usize::from(topics.audit()) + 1],
            blind: survey.logs.iter().filter(|log| log.hangs()).map(|log| log.topic).collect(),
            window: i64::try_from(catalogue.settings.duplicate_window.as_millis())
                .unwrap_or(i64::MAX)
                .saturating_add(MARGIN),
            buried: survey.buried(there.get(topics.name(topics.state()))),
            sources: read.map(|log| survey.reach(log)).collect(),
            topics,
        };
        Ok((survey, scope))
    }

    fn look(&self, topics: &Topics, partitions: &[(u16, i32)]) -> Result<Vec<Log>, Trouble> {
        let names: Vec<_> = partitions.iter().map(|one| kafka(topics, *one)).collect();
        let (lows, highs) = (self.ends.starts(&names, TIMEOUT)?, self.ends.ends(&names, TIMEOUT)?);
        let mut logs: Vec<_> = partitions
            .iter()
            .zip(lows.into_iter().zip(highs))
            .map(|(&(topic, partition), (low, high))| Log { topic, partition, from: low, high, stable: low })
            .collect();
        let Some(since) = self.since() else { return Ok(logs) };
        for is_trail in [false, true] {
            let chosen = logs.iter_mut().zip(&names).filter(|(log, _)| self.is_trail(topics, log.topic) == is_trail);
            let (mut chosen, names): (Vec<_>, Vec<_>) = chosen.map(|(log, name)| (log, name.clone())).unzip();
            // What belongs to the first records that are judged may be written a little before, and what became of a fact
            // whose producer's clock is ahead, long before.
            let before = MARGIN + if is_trail { self.ahead } else { 0 };
            let time = Timestamp::from_millis(since.saturating_sub(before).max(0));
            for (log, found) in chosen.iter_mut().zip(self.ends.first_at(&names, time, TIMEOUT)?) {
                log.from = found.unwrap_or(log.high);
            }
        }
        Ok(logs)
    }

    /// Whether what stands on a topic tells that a fact was decided on.
    fn is_trail(&self, topics: &Topics, topic: u16) -> bool {
        match self.question.catalogue.settings.audit.mode {
            AuditMode::On => topic == topics.audit(),
            AuditMode::Off => !self.positions.keys().any(|(source, _)| *source == topic),
        }
    }

    /// Before when tombstones may be gone.
    fn buried(&self, state: Option<&TopicDescription>) -> i64 {
        let kept = state.and_then(|topic| topic.config.get("delete.retention.ms")?.value.parse().ok());
        // The broker's clock need not be the router's.
        self.question.now.millis().saturating_sub(kept.unwrap_or(0)).saturating_add(MARGIN)
    }

    fn since(&self) -> Option<i64> {
        self.question.since.map(Timestamp::millis)
    }

    fn reach(&self, log: &Log) -> ((u16, i32), Reach) {
        let position = self.positions.get(&(log.topic, log.partition)).map_or(0, |position| position.0);
        let to = log.high.min(log.stable).0;
        let floor = Floor::Offset(log.from.0);
        ((log.topic, log.partition), Reach { from: log.from.0, to, end: i64::MAX, position, floor, hidden: false })
    }

    /// What is to be read.
    pub(super) fn spans(&self, topics: &Topics) -> Vec<Span> {
        let span = |log: &Log| {
            let partition = kafka(topics, (log.topic, log.partition));
            Span { partition, from: log.from, to: log.high.min(log.stable) }
        };
        self.logs.iter().map(span).filter(|span| span.from < span.to).collect()
    }
}

/// The group's positions now, also where a transaction is about to move them.
fn committed(
    question: &Question<'_>,
    partitions: &[TopicPartition],
) -> Result<Vec<(TopicPartition, Position)>, Trouble> {
    positions::committed(question.settings, question.group, partitions, TIMEOUT + question.patience)
}

/// Nothing can be judged for a group without positions: most often its name is another one.
fn no_positions(question: &Question<'_>) -> VerifyError {
    let prefix = &*question.catalogue.settings.topic_prefix;
    // To name those that there are is a help, and no more.
    let there = positions::groups(question.settings, TIMEOUT).unwrap_or_default();
    let mut others: Vec<_> = there.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect();
    others.sort_unstable();
    others.truncate(MOST_GROUPS);
    VerifyError::NoPositions { group: question.group.to_owned(), others }
}

/// Waits until nothing before the ends of these logs is in an open transaction, or patience is over.
fn settle(topics: &Topics, stable: &Watermarks, patience: Duration, logs: &mut [Log]) -> Result<(), Trouble> {
    let deadline = Instant::now() + patience;
    loop {
        let mut open: Vec<_> = logs.iter_mut().filter(|log| log.hangs()).collect();
        let names: Vec<_> = open.iter().map(|log| kafka(topics, (log.topic, log.partition))).collect();
        for (log, end) in open.iter_mut().zip(stable.ends(&names, TIMEOUT)?) {
            log.stable = end;
        }
        if !logs.iter().any(Log::hangs) || Instant::now() >= deadline {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
}

/// The partitions that are there. What a router writes is looked at before the audit that tells of it, and what it
/// only reads behind that.
struct Partitions {
    /// What it reads.
    sources: Vec<(u16, i32)>,
    /// What it writes. Any fact may be among it: of what changes of state emit, the router may have another catalogue.
    written: Vec<(u16, i32)>,
    /// The audit, and then the rest of the sources.
    last: Vec<(u16, i32)>,
}

impl Partitions {
    fn of(catalogue: &Catalogue, topics: &Topics, there: &BTreeMap<String, TopicDescription>) -> Self {
        let (mut sources, mut written, mut audit, mut read) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let audited = catalogue.settings.audit.mode == AuditMode::On;
        for topic in 0..=topics.audit() {
            let is_state = topic == topics.updates() || topic == topics.state();
            if is_state && !catalogue.keeps_state() {
                continue;
            }
            let id = topics.event_type(topic);
            let is_fact = id.is_some_and(|id| matches!(catalogue.event_type(id).kind, Kind::Fact(_)));
            let is_source = is_fact || topic == topics.updates();
            let list = if topic == topics.audit() {
                &mut audit
            } else if is_source && !(audited && is_fact) {
                &mut read
            } else {
                &mut written
            };
            let partitions = (0..count(topics, topic, there)).map(|partition| (topic, partition));
            list.extend(partitions.clone());
            if is_source {
                sources.extend(partitions);
            }
        }
        audit.append(&mut read);
        Self { sources, written, last: audit }
    }
}

/// How far ahead of its clock the broker takes timestamps, in milliseconds, as far as anybody wants to read back for it;
/// so far too where we may not see it.
fn ahead(topic: &TopicDescription) -> i64 {
    let own_time = |kind: &ConfigValue| kind.value == "LogAppendTime";
    if topic.config.get("message.timestamp.type").is_some_and(own_time) {
        return 0;
    }
    let most = topic.config.get("message.timestamp.after.max.ms").and_then(|most| most.value.parse::<i64>().ok());
    most.map_or(MOST_AHEAD, |most| most.clamp(0, MOST_AHEAD))
}

/// How many partitions a topic has; 0 where it is not there.
fn count(topics: &Topics, topic: u16, there: &BTreeMap<String, TopicDescription>) -> i32 {
    there.get(topics.name(topic)).map_or(0, |found| found.partitions.cast_signed())
}

fn kafka(topics: &Topics, (topic, partition): (u16, i32)) -> TopicPartition {
    (topics.name(topic).to_owned(), partition)
}

#[cfg(test)]
mod tests;
