//! Publishing events: made of a few values or taken as they are, checked against their contract, keyed by their
//! entity, delivered.

mod check;
mod event;

use std::fmt;
use std::time::Duration;

use serde::Serialize;

pub use check::{Checked, check_event};
pub use event::{NewEvent, write_event};

use crate::catalogue::Catalogue;
use crate::kafka::config::KafkaSettings;
use crate::kafka::plain_producer::{Outgoing, PlainProducer};
use crate::kafka::trouble::{Trouble, TroubleKind};
use crate::reason::Reason;
use crate::time::Timestamp;

/// How long the last records may take.
const FINISH: Duration = Duration::from_secs(35);

/// How many refused events are named with their reasons; more are counted.
pub const MAX_NAMED: usize = 100;

/// Whether events are checked before they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks<'a> {
    /// Against their contracts; each goes to the topic of its type.
    Contract,
    /// Not at all: the bytes go to this topic.
    None {
        /// The topic.
        topic: &'a str,
    },
}

/// An event that was not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its line in the input; 1 where there is none.
    pub line: usize,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// What kind of trouble kept it from the cluster; `None` where its contract did.
    #[serde(skip)]
    pub trouble: Option<TroubleKind>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reasons.join("; "))
    }
}

/// What became of all events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many are on the brokers.
    pub published: u64,
    /// How many are not.
    pub refused: u64,
    /// Why, for the first [`MAX_NAMED`] of those, by line.
    pub reasons: Vec<Refused>,
    /// How many more were refused than `reasons` names.
    pub unnamed: u64,
}

/// Publishes events, one after the other.
pub struct Publisher<'a> {
    catalogue: &'a Catalogue,
    checks: Checks<'a>,
    producer: PlainProducer,
    refused: u64,
    reasons: Vec<Refused>,
}

impl<'a> Publisher<'a> {
    /// Makes a publisher, and waits until a broker has answered.
    ///
    /// # Errors
    /// None answered in time, or they do not let us in.
    pub fn connect(settings: &KafkaSettings, catalogue: &'a Catalogue, checks: Checks<'a>) -> Result<Self, Trouble> {
        let producer = PlainProducer::connect(settings)?;
        Ok(Self { catalogue, checks, producer, refused: 0, reasons: Vec::new() })
    }

    /// Checks an event and puts it into the queue. Where that cannot be, the summary says so.
    pub fn publish(&mut self, line: usize, value: &[u8], now: Timestamp) {
        let checked = check_event(self.catalogue, value, now);
        let (topic, key) = match (self.checks, checked) {
            (Checks::Contract, Err(reasons)) => return self.refuse(line, &reasons),
            (Checks::Contract, Ok(checked)) => {
                (&*self.catalogue.event_type(checked.event_type).topic.name, Some(checked.key))
            }
            (Checks::None { topic }, checked) => (topic, checked.ok().map(|checked| checked.key)),
        };
        let outgoing = Outgoing { topic, key: key.as_deref(), value: Some(value), headers: &[] };
        if let Err(trouble) = self.producer.send(line, &outgoing) {
            self.note(undelivered(line, trouble));
        }
    }

    fn refuse(&mut self, line: usize, reasons: &[Reason]) {
        let sentence = |reason: &Reason| format!("{} ({})", reason.message, reason.code.code());
        self.note(Refused { line, reasons: reasons.iter().map(sentence).collect(), trouble: None });
    }

    fn note(&mut self, refused: Refused) {
        self.refused += 1;
        if self.reasons.len() < MAX_NAMED {
            self.reasons.push(refused);
        }
    }

    /// Waits until the last event is delivered, and says what became of all.
    #[must_use]
    pub fn finish(self) -> Summary {
        let deliveries = self.producer.finish(FINISH);
        let mut reasons = self.reasons;
        reasons.extend(deliveries.undelivered.into_iter().map(|failed| undelivered(failed.tag, failed.trouble)));
        reasons.sort_by_key(|refused| refused.line);
        let refused = self.refused + deliveries.failed;
        let unnamed = refused.saturating_sub(reasons.len() as u64);
        Summary { published: deliveries.delivered, refused, reasons, unnamed }
    }
}

fn undelivered(line: usize, trouble: Trouble) -> Refused {
    Refused { line, reasons: vec![trouble.sentence], trouble: Some(trouble.kind) }
}

#[cfg(test)]
mod tests;
