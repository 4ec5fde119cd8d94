//! From a record to its effects in the producer's queue.

use std::time::Duration;

use hashbrown::HashMap;

use super::names::{Names, Reads};
use super::worker::Worker;
use crate::catalogue::ControlTopic;
use crate::ids::{RecordOffset, SourceId};
use crate::kafka::message::Message;
use crate::kafka::producer::{Outgoing, RouterProducer, SendError};
use crate::kernel::worker::{Event, Failure};
use crate::kernel::{
    self, DEAD_HEADER_PREFIX, Effects, Entities, EntityWrite, Header, Input, Ledger, PartitionView, Placement, Produce,
    PutEntity, Record, Rules, StateUpdates, View,
};
use crate::reason::Outcome;
use crate::state::TOMBSTONE_HEADER;
use crate::telemetry::{PerType, Tallied, WorkerMetrics};
use crate::time::Timestamp;

/// How long a full queue is given before the next try. Polling for room instead would spin.
const QUEUE_FULL_WAIT: Duration = Duration::from_millis(1);

/// What is decided on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// By the rules.
    ByRules,
    /// The broker refuses what comes of it.
    Refused,
}

/// The effects of the current record, and how many of them are in the queue.
#[derive(Debug, Default)]
pub(super) struct Sender {
    effects: Effects,
    /// How it ended, and when that was decided.
    decided: Option<(Outcome, Timestamp)>,
    /// The dead letter and the entity count, whether or not there are such.
    sent: usize,
    /// The topics seen lately, by what stands for them.
    topics: HashMap<usize, SourceId>,
}

impl Sender {
    /// A record's topic.
    pub(super) fn source_of(&mut self, message: &Message<'_>, names: &Names) -> Option<SourceId> {
        let handle = message.topic_handle();
        if let Some(id) = self.topics.get(&handle) {
            return Some(*id);
        }
        let id = names.source_of(message.topic())?;
        self.topics.insert(handle, id);
        Some(id)
    }

    /// Handles of topics may stand for others after a rebalance.
    pub(super) fn forget_topics(&mut self) {
        self.topics.clear();
    }

    /// Decides on a record.
    fn decide(&mut self, (rules, view): (&Rules, &impl View), input: Input<'_>, now: Timestamp, verdict: Verdict) {
        let outcome = match verdict {
            Verdict::ByRules => kernel::decide(rules, view, input, now, &mut self.effects),
            Verdict::Refused => kernel::refuse(rules, input, now, &mut self.effects),
        };
        self.decided = Some((outcome, now));
        self.sent = 0;
    }

    /// Queues what is not queued yet.
    pub(super) fn send(
        &mut self,
        producer: &RouterProducer,
        message: &Message<'_>,
        names: &Names,
    ) -> Result<usize, SendError> {
        let Some((_, timestamp)) = self.decided else { return Ok(0) };
        if let (0, Some(dead)) = (self.sent, self.effects.dead_letter()) {
            let added = dead.headers.iter().map(|&(name, span)| (name, self.effects.bytes(span)));
            // Every name begins with nothing.
            let replaced = if dead.bare { &[] } else { DEAD_HEADER_PREFIX.as_bytes() };
            let value = message.value().map(|value| &value[..dead.cut.unwrap_or(value.len())]);
            producer.send(Outgoing {
                topic: names.dead_letters(),
                partition: Some(dead.partition),
                key: if dead.bare { None } else { message.key() },
                value,
                timestamp,
                headers: Some(message.headers_with(replaced, added)),
            })?;
        }
        self.sent = self.sent.max(1);
        if let (1, Some(put)) = (self.sent, self.effects.entity()) {
            producer.send(self.outgoing_entity(put, timestamp, names))?;
        }
        self.sent = self.sent.max(2);
        while let Some(produce) = self.effects.produced().get(self.sent - 2) {
            producer.send(self.outgoing(produce, timestamp, names))?;
            self.sent += 1;
        }
        let dead = if self.effects.dead_letter().is_some() { message.value().map_or(0, <[u8]>::len) } else { 0 };
        Ok(self.effects.produced_bytes() + dead)
    }

    fn outgoing_entity<'e>(&'e self, put: &'e PutEntity, timestamp: Timestamp, names: &'e Names) -> Outgoing<'e> {
        let (value, headers) = match put.write {
            EntityWrite::Value(span) => (Some(self.effects.bytes(span)), None),
            EntityWrite::Tombstone(span) => {
                let header = (TOMBSTONE_HEADER.as_bytes(), Some(self.effects.bytes(span)));
                (None, Some(crate::kafka::headers::build(&[header])))
            }
        };
        let key = Some(self.effects.bytes(put.key));
        Outgoing { topic: names.state(), partition: Some(put.partition), key, value, timestamp, headers }
    }

    fn outgoing<'e>(&'e self, produce: &'e Produce, timestamp: Timestamp, names: &'e Names) -> Outgoing<'e> {
        let headers = self.effects.headers_of(produce);
        let headers = (headers.len() > 0).then(|| {
            let list: Vec<Header<'_>> = headers.map(|(name, value)| (name.as_bytes(), Some(value))).collect();
            crate::kafka::headers::build(&list)
        });
        Outgoing {
            topic: names.topic(produce.topic),
            partition: match produce.placement {
                Placement::ByKey => None,
                Placement::Partition(number) => Some(number),
            },
            key: produce.key.map(|span| self.effects.bytes(span)),
            value: Some(self.effects.bytes(produce.value)),
            timestamp,
            headers,
        }
    }

    /// What the next record of the batch must know, once it is all queued.
    fn remember(&self, (ledger, now): (&mut Ledger, Timestamp), entities: Option<&mut Entities>) {
        let effects = &self.effects;
        if let Some(key) = effects.remember() {
            match effects.settlement() {
                Some(settlement) => ledger.remember_update(key, settlement, now),
                None => ledger.remember(key, now),
            }
        }
        if let (Some(put), Some(entities)) = (effects.entity(), entities) {
            let value = match put.write {
                EntityWrite::Value(span) => Some(effects.bytes(span)),
                EntityWrite::Tombstone(_) => None,
            };
            entities.write(effects.bytes(put.key), value);
        }
    }

    /// Counts what was decided, once it is all queued.
    fn tally(&self, reads: Reads, metrics: &mut WorkerMetrics) {
        let observed = self.effects.observed();
        let topic = match reads {
            Reads::Fact(topic) => topic.into(),
            Reads::StateUpdates => Tallied::Update(observed.operation),
        };
        metrics.count(PerType::Consumed, topic);
        for (seen, what) in [
            (observed.aliased, PerType::AliasUse),
            (observed.foreign_key, PerType::RecordKeyMismatch),
            (observed.zoneless, PerType::TimestampWithoutZone),
            (self.effects.dead_letter().is_some(), PerType::DeadLetter),
        ] {
            if seen {
                metrics.count(what, topic);
            }
        }
        for produce in self.effects.produced() {
            match produce.topic {
                kernel::Topic::Event(derived) => metrics.count(PerType::Derived, derived.into()),
                kernel::Topic::Control(ControlTopic::Audit) => metrics.audited(),
                kernel::Topic::Control(_) => {}
            }
        }
        for code in self.effects.dead_letter().iter().flat_map(|dead| &dead.codes) {
            metrics.reason(topic, *code);
        }
        if let Some((outcome, _)) = self.decided {
            metrics.decided(topic, outcome);
            if outcome == Outcome::Routed {
                metrics.event_time(observed.event_time.unwrap_or(Timestamp::from_millis(0)));
            }
        }
    }
}

/// A consumed record, as the kernel knows it.
fn record<'a, T>(message: &'a Message<'_>, topic: T, headers: &'a [Header<'a>]) -> Record<'a, T> {
    Record {
        topic,
        partition: message.partition(),
        offset: RecordOffset(message.offset()),
        timestamp: message.timestamp(),
        key: message.key(),
        value: message.value(),
        headers,
    }
}

impl Worker<'_> {
    /// Decides on the current record and queues its effects.
    pub(super) fn route(&mut self, verdict: Verdict) -> Event {
        let Some((message, partition)) = &self.current else { return Event::Failed(Failure::Indeterminate) };
        // Nothing is taken into a batch that is no fact's, and no other edition is while the batch is open.
        let Some(reads) = self.names.reads(partition.topic) else { return Event::Failed(Failure::Indeterminate) };
        let headers: Vec<Header<'_>> = message.headers();
        let (rules, now) = (&self.edition.rules, Timestamp::now());
        let past = self.ledger.of(*partition, self.steady.at(self.elapsed));
        match reads {
            Reads::Fact(topic) => {
                let input = Input::Record(record(message, topic, &headers));
                self.sender.decide((rules, &past), input, now, verdict);
            }
            Reads::StateUpdates => {
                // Its partition is held until its entities are read back.
                let Some(entities) = self.registry.of(partition.partition) else {
                    return Event::Failed(Failure::Indeterminate);
                };
                let input = Input::Update(record(message, StateUpdates, &headers));
                self.sender.decide((rules, &PartitionView { past, entities }), input, now, verdict);
            }
        }
        self.send()
    }

    /// Goes on queueing, after the queue was full.
    pub(super) fn resend(&mut self) -> Event {
        self.shared.metrics.queue_full_wait();
        if self.shared.stop.wait(QUEUE_FULL_WAIT) {
            // Whoever waits for room while the broker is away would not end in time.
            return Event::Failed(Failure::MustAbort);
        }
        self.send()
    }

    fn send(&mut self) -> Event {
        let (Some((message, partition)), Some(producer)) = (&self.current, &self.producer) else {
            return Event::Failed(Failure::Indeterminate);
        };
        match self.sender.send(producer, message, &self.names) {
            Ok(bytes) => {
                let now = self.steady.at(self.elapsed);
                self.sender.remember((&mut self.ledger, now), self.registry.of_mut(partition.partition));
                if let Some(reads) = self.names.reads(partition.topic) {
                    self.sender.tally(reads, &mut self.metrics);
                }
                self.log_dead_letter();
                Event::Sent(bytes)
            }
            Err(SendError::QueueFull) => Event::QueueFull,
            Err(SendError::Failed(failure)) => {
                tracing::error!(
                    topic = message.topic(),
                    partition = message.partition(),
                    offset = message.offset(),
                    ?failure,
                    "what comes of a record could not be queued"
                );
                Event::Failed(failure)
            }
        }
    }

    /// One line a dead letter, rate-limited; never a payload (decision 77).
    fn log_dead_letter(&mut self) {
        let (Some(dead), Some((message, partition))) = (self.sender.effects.dead_letter(), &self.current) else {
            return;
        };
        let Some(suppressed) = self.dead_letter_log.admit(std::time::Instant::now()) else { return };
        let header = |wanted: &str| {
            let span = dead.headers.iter().find(|(name, _)| *name == wanted).map(|(_, span)| *span);
            span.map(|span| String::from_utf8_lossy(self.sender.effects.bytes(span)).into_owned()).unwrap_or_default()
        };
        tracing::warn!(
            topic = %self.names.topic_of(*partition),
            partition = partition.partition,
            offset = message.offset(),
            reason = header("revbus.dead.reason"),
            suppressed,
            "dead letter"
        );
    }
}
