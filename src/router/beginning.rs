//! Where a group without positions begins. A bus may have been routed before: under another group, or so long ago that
//! Kafka has forgotten the positions (`offsets.retention.minutes`). Beginning at the start of the logs would then pay again
//! what was paid, and beginning at their ends would leave out what was not. The audit trail knows better: a position is
//! committed with the audit records of all that lies before it.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::{Options, Stop};
use crate::audit;
use crate::catalogue::{AuditMode, Catalogue, ControlTopic, Kind};
use crate::envelope;
use crate::ids::{Position, RecordOffset, hex};
use crate::kafka::consumer::TopicPartition;
use crate::kafka::positions;
use crate::kafka::reader::ReadRecord;
use crate::kafka::span::{Next, Span, SpanReader};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::kafka::watermarks::Watermarks;
use crate::kernel::Topology;

/// How long one question may take.
const CALL: Duration = Duration::from_secs(4);
/// How long the group's coordinator may be away: the first group of a cluster has none for some seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// One wait for a record.
const STEP: Duration = Duration::from_millis(50);
/// The pause between two looks at open transactions.
const PAUSE: Duration = Duration::from_millis(200);

/// What is known of a group when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It has positions, or nobody has routed this bus, as far as its audit trail tells.
    Clear,
    /// It has none, and the bus was routed before.
    Unclear,
    /// The process is to stop.
    Stopped,
}

/// The record of a partition that was audited last.
#[derive(Debug)]
struct Last {
    offset: RecordOffset,
    digest: Option<String>,
    event_id: Option<String>,
}

impl Last {
    /// Whether it is this one: by its digest, where the trail has that, else by its id.
    fn is(&self, value: Option<&[u8]>) -> bool {
        match (&self.digest, value) {
            (Some(digest), Some(value)) => *digest == hex(&Sha256::digest(value)),
            (None, Some(value)) => {
                let text = std::str::from_utf8(value).unwrap_or_default();
                envelope::read(text, &mut Vec::new()).event_id.as_deref() == self.event_id.as_deref()
            }
            // A tombstone has no digest.
            (digest, None) => digest.is_none(),
        }
    }
}

/// A group and its bus.
#[derive(Debug, Clone, Copy)]
pub struct Bus<'a> {
    /// How to reach the cluster, and the group.
    pub options: &'a Options,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// What the topics are like.
    pub topology: &'a Topology,
    /// Whether to stop.
    pub stop: &'a Stop,
}

impl Bus<'_> {
    /// Whether it is clear where the group begins.
    ///
    /// # Errors
    /// No broker answers, or they do not let us in.
    pub fn beginning(&self) -> Result<Beginning, Trouble> {
        if self.catalogue.settings.audit.mode == AuditMode::Off {
            return Ok(Beginning::Clear);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.is_clear() {
                Ok(true) => return Ok(Beginning::Clear),
                Ok(false) => return Ok(Beginning::Unclear),
                Err(trouble) if trouble.kind != TroubleKind::Unreachable || Instant::now() >= deadline => {
                    return Err(trouble);
                }
                Err(trouble) => tracing::debug!(%trouble, "the group's positions are not known yet"),
            }
            if self.stop.wait(PAUSE) {
                return Ok(Beginning::Stopped);
            }
        }
    }

    /// Asked for positions again where the bus was routed: a peer may have begun between the two questions, and what it audits
    /// and its positions are of one transaction.
    fn is_clear(&self) -> Result<bool, Trouble> {
        Ok(self.has_positions()? || !self.is_audited()? || self.has_positions()?)
    }

    /// Gives the group the positions behind all that the audit trail tells of; says how many. What the trail does not tell
    /// of has no position still. `None`: stopped meanwhile.
    ///
    /// # Errors
    /// The trail cannot be read, or the group has a member by now.
    pub fn adopt(&self) -> Result<Option<usize>, Trouble> {
        let Some(mut reached) = self.read_trail()? else { return Ok(None) };
        let sources: HashSet<_> = self.sources().into_iter().collect();
        reached.retain(|partition, _| sources.contains(partition));
        let Some(anew) = self.made_anew(&reached)? else { return Ok(None) };
        for (topic, partition) in &anew {
            tracing::warn!(
                topic,
                partition,
                "its log does not have the record that was audited last: made anew since, it is read from its start"
            );
        }
        reached.retain(|partition, _| !anew.contains(partition));
        let positions: Vec<_> = reached.into_iter().map(|(partition, last)| (partition, last.offset.next())).collect();
        // A peer may have begun while the trail was read.
        if !self.has_positions()? {
            positions::commit(&self.options.settings, &self.options.group, &positions)?;
        }
        Ok(Some(positions.len()))
    }

    /// A group that has some is not asked what a transaction makes of them that is still open: it may be of a process that was
    /// killed, and it is our workers who end it. Of one that has none, somebody may be about to commit the first.
    fn has_positions(&self) -> Result<bool, Trouble> {
        let (Options { settings, group, .. }, sources) = (self.options, self.sources());
        Ok(positions::any(settings, group, &sources, CALL)?
            || !positions::committed(settings, group, &sources, CALL)?.is_empty())
    }

    /// Whether anything is committed on the audit trail. What a router left that died in its first transaction is not.
    fn is_audited(&self) -> Result<bool, Trouble> {
        let (settings, audit) = (&self.options.settings, self.audit());
        let starts = Watermarks::connect(settings)?.starts(&audit, CALL)?;
        let ends = Watermarks::stable(settings)?.ends(&audit, CALL)?;
        let mut found = false;
        self.read(&spans(audit, starts, ends), |_| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// The partitions whose logs have another record where the last one was audited, or none: the trail tells of a topic that
    /// was there before.
    fn made_anew(&self, reached: &HashMap<TopicPartition, Last>) -> Result<Option<HashSet<TopicPartition>>, Trouble> {
        let settings = &self.options.settings;
        let ends = Watermarks::connect(settings)?;
        let (mut anew, mut spans) = (HashSet::new(), Vec::new());
        for (partition, last) in reached {
            let (low, high) = ends.of(partition, CALL)?;
            let from = Position(last.offset.0);
            if from >= high {
                anew.insert(partition.clone());
            } else if from >= low {
                spans.push(Span { partition: partition.clone(), from, to: last.offset.next() });
            }
        }
        let whole = self.read(&spans, |record| {
            let partition = (record.topic, record.partition);
            if reached.get(&partition).is_some_and(|last| !last.is(record.value.as_deref())) {
                anew.insert(partition);
            }
            ControlFlow::Continue(())
        })?;
        Ok(whole.then_some(anew))
    }

    /// What was audited last of each partition.
    fn read_trail(&self) -> Result<Option<HashMap<TopicPartition, Last>>, Trouble> {
        let Some(spans) = self.spans()? else { return Ok(None) };
        let mut reached: HashMap<TopicPartition, Last> = HashMap::new();
        let whole = self.read(&spans, |record| {
            if let Some(audit) = record.value.as_deref().and_then(audit::Record::read) {
                let last = Last {
                    offset: RecordOffset(audit.source.offset),
                    digest: audit.payload_digest.map(|digest| digest.into_owned()),
                    event_id: audit.event_id.map(|id| id.into_owned()),
                };
                // A topic that was made anew begins at 0 again: the order of the trail counts, not the offset.
                reached.insert((audit.source.topic.into_owned(), audit.source.partition), last);
            }
            ControlFlow::Continue(())
        })?;
        Ok(whole.then_some(reached))
    }

    /// Reads spans to their ends, or as far as `take` wants; `false`: stopped meanwhile.
    fn read(&self, spans: &[Span], mut take: impl FnMut(ReadRecord) -> ControlFlow<()>) -> Result<bool, Trouble> {
        let mut reader = SpanReader::open(&self.options.settings, spans)?;
        while !self.stop.is_set() {
            match reader.next(STEP)? {
                Next::Record(record) => {
                    if take(record).is_break() {
                        return Ok(true);
                    }
                }
                Next::Quiet => {}
                Next::End => return Ok(true),
            }
        }
        Ok(false)
    }

    /// The whole trail, once no transaction is open on it any more.
    fn spans(&self) -> Result<Option<Vec<Span>>, Trouble> {
        let (settings, audit, deadline) = (&self.options.settings, self.audit(), Instant::now() + PATIENCE);
        let ends = Watermarks::connect(settings)?;
        let (starts, ends) = (ends.starts(&audit, CALL)?, ends.ends(&audit, CALL)?);
        let stable = Watermarks::stable(settings)?;
        while stable.ends(&audit, CALL)?.iter().zip(&ends).any(|(stable, end)| stable < end) {
            if Instant::now() >= deadline {
                let sentence =
                    "a transaction is open on the audit trail and does not end: whoever has it must end first";
                return Err(Trouble { kind: TroubleKind::Refused, sentence: sentence.to_owned() });
            }
            if self.stop.wait(PAUSE) {
                return Ok(None);
            }
        }
        Ok(Some(spans(audit, starts, ends)))
    }

    fn audit(&self) -> Vec<TopicPartition> {
        let topic = self.catalogue.prefixed(ControlTopic::Audit.name());
        (0..self.topology.audit.partitions).map(|partition| (topic.clone(), partition)).collect()
    }

    /// The partitions that are decided on.
    fn sources(&self) -> Vec<TopicPartition> {
        let types = self.catalogue.types.iter().zip(&self.topology.types);
        let facts = types.filter(|(one, _)| matches!(one.kind, Kind::Fact(_)));
        let facts = facts.map(|(one, facts)| (one.topic.name.to_string(), facts.partitions));
        let updates = self.catalogue.keeps_state().then(|| {
            (self.catalogue.prefixed(ControlTopic::StateUpdates.name()), self.topology.state.updates.partitions)
        });
        let topics = facts.chain(updates);
        topics.flat_map(|(topic, count)| (0..count).map(move |partition| (topic.clone(), partition))).collect()
    }
}

fn spans(of: Vec<TopicPartition>, starts: Vec<Position>, ends: Vec<Position>) -> Vec<Span> {
    let spans = of.into_iter().zip(starts.into_iter().zip(ends));
    spans.map(|(partition, (from, to))| Span { partition, from, to }).collect()
}
