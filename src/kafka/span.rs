//! A reader of spans: what is committed between two offsets of some partitions, and no more. It belongs to no group.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;

use super::config::KafkaSettings;
use super::consumer::TopicPartition;
use super::listening::Listening;
use super::lists::{list, position_list};
use super::reader::{DEFAULTS, ReadRecord, record};
use super::trouble::{Trouble, TroubleKind};
use crate::ids::{Position, RecordOffset};

/// How many records are read between two looks at the client's positions.
const LOOK_EVERY: u32 = 10_000;
/// How long nothing may move.
const STALLED: Duration = Duration::from_secs(60);

/// What to read of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The partition.
    pub partition: TopicPartition,
    /// The first offset.
    pub from: Position,
    /// The offset behind the last one; there is one, and it is committed or aborted by now.
    pub to: Position,
}

/// What a look gave.
#[derive(Debug)]
pub enum Next {
    /// A record.
    Record(ReadRecord),
    /// Nothing within the time.
    Quiet,
    /// All spans are read.
    End,
}

/// What is left of a span of one partition, of which each record counts once. When a partition gets another leader,
/// librdkafka may take its log to be cut where it is not (position and epoch are not changed together: compare its issue
/// 4953), go back, and give records again.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    next: Position,
    end: Position,
}

impl Left {
    /// Nothing is read yet.
    #[must_use]
    pub const fn new(from: Position, end: Position) -> Self {
        Self { next: from, end }
    }

    /// Whether a record of the partition is in it, and comes for the first time; if so, it is read now.
    pub fn take(&mut self, offset: RecordOffset) -> bool {
        let is_next = (self.next.0..self.end.0).contains(&offset.0);
        if is_next {
            self.next = offset.next();
        }
        is_next
    }

    /// Whether nothing is left before this position.
    #[must_use]
    pub fn ends_by(&self, position: Position) -> bool {
        position >= self.end
    }
}

/// Reads spans.
pub struct SpanReader {
    consumer: BaseConsumer<Listening>,
    /// For each topic, for each of its partitions that is not read to its end: where that is.
    open: HashMap<String, HashMap<i32, Left>>,
    unlooked: u32,
    moved: (Instant, i64),
}

impl SpanReader {
    /// Starts to read.
    ///
    /// # Errors
    /// Settings that the client refuses.
    pub fn open(settings: &KafkaSettings, spans: &[Span]) -> Result<Self, Trouble> {
        let mut config = settings.consumer(DEFAULTS);
        // As in `Reader`: a name, since without one nothing can be assigned.
        config.set("group.id", "revbus-reader").set("auto.offset.reset", "earliest");
        let consumer: BaseConsumer<Listening> = config.create_with_context(Listening::default()).map_err(failed)?;
        let spans: Vec<_> = spans.iter().filter(|span| span.from < span.to).collect();
        let places: Vec<_> = spans.iter().map(|span| (span.partition.clone(), span.from)).collect();
        consumer.assign(&position_list(&places).map_err(failed)?).map_err(failed)?;
        let mut open: HashMap<String, HashMap<i32, Left>> = HashMap::new();
        for Span { partition: (topic, number), from, to } in spans {
            open.entry(topic.clone()).or_default().insert(*number, Left::new(*from, *to));
        }
        Ok(Self { consumer, open, unlooked: 0, moved: (Instant::now(), -1) })
    }

    /// The next record of any span; those of one partition come in their order.
    ///
    /// # Errors
    /// A topic is gone, we may not read it, or nothing has moved for a minute.
    pub fn next(&mut self, timeout: Duration) -> Result<Next, Trouble> {
        if self.unlooked >= LOOK_EVERY {
            // Before a record is taken: behind the last one of a span, the span counts as read.
            self.look()?;
        }
        if self.open.is_empty() {
            return Ok(Next::End);
        }
        self.unlooked += 1;
        let read = match self.consumer.poll(timeout) {
            Some(Ok(message)) => Some(record(&message)),
            Some(Err(error)) => {
                self.consumer.context().heard(&error, "read")?;
                None
            }
            None => None,
        };
        if read.is_none() {
            self.look()?;
        }
        let Some(read) = read else { return Ok(Next::Quiet) };
        let left = self.open.get_mut(&read.topic).and_then(|open| open.get_mut(&read.partition));
        let Some(left) = left.and_then(|left| left.take(read.offset).then_some(left)) else { return Ok(Next::Quiet) };
        if left.ends_by(read.offset.next()) {
            self.close(&[(read.topic.clone(), read.partition)])?;
        }
        Ok(Next::Record(read))
    }

    /// Closes the spans whose end the client has passed: markers and aborted records move its positions, and no record
    /// is seen of them.
    fn look(&mut self) -> Result<(), Trouble> {
        self.unlooked = 0;
        let positions = self.consumer.position().map_err(failed)?;
        let (mut passed, mut sum) = (Vec::new(), 0);
        for one in positions.elements() {
            let Offset::Offset(at) = one.offset() else { continue };
            sum += at;
            let left = self.open.get(one.topic()).and_then(|open| open.get(&one.partition()));
            if left.is_some_and(|left| left.ends_by(Position(at))) {
                passed.push((one.topic().to_owned(), one.partition()));
            }
        }
        if sum != self.moved.1 {
            self.moved = (Instant::now(), sum);
        } else if self.moved.0.elapsed() >= STALLED {
            let sentence = format!("no record came for {} s, and {} are due", STALLED.as_secs(), self.due());
            return Err(Trouble { kind: TroubleKind::Unreachable, sentence });
        }
        self.close(&passed)
    }

    fn due(&self) -> String {
        let mut due: Vec<_> = self
            .open
            .iter()
            .flat_map(|(topic, open)| {
                open.iter().map(move |(number, left)| format!("{topic}/{number}@{}", left.end.0 - 1))
            })
            .collect();
        due.sort();
        due.truncate(5);
        due.join(", ")
    }

    fn close(&mut self, partitions: &[TopicPartition]) -> Result<(), Trouble> {
        if partitions.is_empty() {
            return Ok(());
        }
        for (topic, number) in partitions {
            if let Some(open) = self.open.get_mut(topic) {
                open.remove(number);
            }
        }
        self.open.retain(|_, open| !open.is_empty());
        self.consumer.pause(&list(partitions)).map_err(failed)
    }
}

fn failed(error: KafkaError) -> Trouble {
    Trouble::of(&error, "read topics")
}
