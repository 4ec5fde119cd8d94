//! What flows, fact by fact: the fact itself, what the audit trail says about it, the commands and dead letters that
//! came of it. Pure: records go in, in whatever order the topics give them, and an entry comes out for each fact once
//! it is known what came of it.

use std::collections::HashMap;

use serde_json::Value;

use super::tally::Tally;
use crate::catalogue::{Catalogue, ControlTopic, Kind};
use crate::client::tap::{Selected, Watched, select};
use crate::ids::TypeId;
use crate::kafka::reader::ReadRecord;
use crate::time::Timestamp;

/// How many facts and how many decisions wait for each other at most; further ones are counted and not shown.
const MOST_OPEN: usize = 100_000;

/// What came of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// These commands.
    Commands(Vec<String>),
    /// Nothing: it has no trigger, or none fired.
    Nothing,
    /// A dead letter: why, a sentence each, and the codes.
    DeadLetter(Vec<String>, Vec<String>),
    /// An entity has this version now, and these facts say so.
    Changed(u64, Vec<String>),
    /// Something else, such as `duplicate`.
    Other(String),
}

/// A fact and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is, as far as it can be told.
    pub tenant: String,
    /// The event type of its topic.
    pub event_type: String,
    /// What it is about.
    pub entity: String,
    /// What came of it.
    pub came: Came,
    /// How long it took from the fact's writing until that could be read, in milliseconds.
    pub millis: i64,
}

/// Topic, partition, offset.
type Place = (String, i32, i64);

struct Fact {
    event_type: String,
    tenant: String,
    entity: String,
    written: Option<Timestamp>,
}

/// What flows.
pub struct View {
    /// What each topic holds.
    holds: HashMap<String, Holds>,
    facts: HashMap<Place, Fact>,
    decisions: HashMap<Place, Came>,
    tally: Tally,
}

enum Holds {
    Facts(String),
    Commands(String),
    Updates,
    DeadLetters,
    Audit,
}

impl View {
    /// A view of a catalogue's topics.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        // Neither pattern can be unknown.
        let all = ["*.*", "dead_letters", "audit", "state_updates"].map(str::to_owned);
        let selected = select(catalogue, &all).unwrap_or_default();
        let holds = selected.into_iter().filter_map(|Selected { topic, holds }| {
            let holds = match holds {
                Watched::Events(id) => events(catalogue, id),
                Watched::Control(ControlTopic::DeadLetters) => Holds::DeadLetters,
                Watched::Control(ControlTopic::Audit) => Holds::Audit,
                Watched::Control(ControlTopic::StateUpdates) => Holds::Updates,
                Watched::Control(_) => return None,
            };
            Some((topic, holds))
        });
        Self { holds: holds.collect(), facts: HashMap::new(), decisions: HashMap::new(), tally: Tally::default() }
    }

    /// The topics to read.
    #[must_use]
    pub fn topics(&self) -> Vec<&str> {
        self.holds.keys().map(String::as_str).collect()
    }

    /// What was counted so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes a record. Gives a fact and what came of it, once both are known.
    pub fn read(&mut self, record: &ReadRecord, now: Timestamp) -> Option<Entry> {
        match self.holds.get(&record.topic)? {
            Holds::Commands(name) => {
                *self.tally.commands.entry(name.clone()).or_default() += 1;
                None
            }
            Holds::DeadLetters => {
                self.tally.dead_letters += 1;
                None
            }
            Holds::Facts(name) => {
                self.tally.facts += 1;
                let fact = fact(name, record);
                self.meet((record.topic.clone(), record.partition, record.offset.0), Half::Fact(fact), now)
            }
            Holds::Updates => {
                self.tally.facts += 1;
                let update = fact("state update", record);
                self.meet((record.topic.clone(), record.partition, record.offset.0), Half::Fact(update), now)
            }
            Holds::Audit => {
                let body: Value = serde_json::from_slice(record.value.as_deref()?).ok()?;
                let (place, came) = decision(&body)?;
                self.meet(place, Half::Decision(came), now)
            }
        }
    }

    /// A fact and the decision on it may come in either order.
    fn meet(&mut self, place: Place, half: Half, now: Timestamp) -> Option<Entry> {
        let (fact, came) = match half {
            Half::Fact(fact) => match self.decisions.remove(&place) {
                Some(came) => (fact, came),
                None => return wait(&mut self.facts, place, fact),
            },
            Half::Decision(came) => match self.facts.remove(&place) {
                Some(fact) => (fact, came),
                None => return wait(&mut self.decisions, place, came),
            },
        };
        self.count(&came);
        let millis = fact.written.map_or(0, |written| now.millis().saturating_sub(written.millis()).max(0));
        self.tally.latency.add(millis);
        Some(Entry { tenant: fact.tenant, event_type: fact.event_type, entity: fact.entity, came, millis })
    }

    fn count(&mut self, came: &Came) {
        let tally = &mut self.tally;
        match came {
            Came::Commands(commands) => {
                tally.routed += 1;
                tally.derived += commands.len() as u64;
            }
            Came::Nothing => tally.no_trigger += 1,
            Came::Changed(..) => tally.changed += 1,
            Came::Other(_) => tally.other += 1,
            Came::DeadLetter(_, codes) => {
                tally.dead += 1;
                for code in codes {
                    *tally.reasons.entry(code.clone()).or_default() += 1;
                }
            }
        }
    }

    /// No more comes: decisions that are left were on facts from before.
    pub fn finish(&mut self) {
        self.tally.earlier = self.decisions.len() as u64;
    }
}

enum Half {
    Fact(Fact),
    Decision(Came),
}

fn wait<T>(waiting: &mut HashMap<Place, T>, place: Place, half: T) -> Option<Entry> {
    if waiting.len() < MOST_OPEN {
        waiting.insert(place, half);
    }
    None
}

fn events(catalogue: &Catalogue, id: TypeId) -> Holds {
    let event_type = catalogue.event_type(id);
    let name = event_type.name.to_string();
    match event_type.kind {
        Kind::Fact(_) => Holds::Facts(name),
        Kind::Command(_) => Holds::Commands(name),
    }
}

/// Tenant and entity are those of the record's key: a bad fact may have no others. Of an update, the entity is
/// `module/type/id`.
fn fact(event_type: &str, record: &ReadRecord) -> Fact {
    let key = record.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let (tenant, entity) = key.split_once('/').unwrap_or(("-", &key));
    Fact {
        event_type: event_type.to_owned(),
        tenant: tenant.to_owned(),
        entity: entity.to_owned(),
        written: record.timestamp,
    }
}

/// What an audit record says: on which record was decided, and how.
fn decision(body: &Value) -> Option<(Place, Came)> {
    let source = body.get("source")?;
    let topic = source.get("topic")?.as_str()?.to_owned();
    let partition = i32::try_from(source.get("partition")?.as_i64()?).ok()?;
    let place = (topic, partition, source.get("offset")?.as_i64()?);
    let texts = |list: &str, member: &str| {
        let elements = body.get(list).and_then(Value::as_array).into_iter().flatten();
        elements.filter_map(|one| Some(one.get(member)?.as_str()?.to_owned())).collect::<Vec<_>>()
    };
    let came = match body.get("outcome")?.as_str()? {
        "routed" => Came::Commands(texts("derived", "event_type")),
        "no_trigger" => Came::Nothing,
        "state_changed" => Came::Changed(body.get("version")?.as_u64()?, texts("derived", "event_type")),
        "invalid" | "loop" | "failed" => {
            let mut codes = texts("reasons", "code");
            codes.sort_unstable();
            codes.dedup();
            Came::DeadLetter(texts("reasons", "message"), codes)
        }
        other => Came::Other(other.to_owned()),
    };
    Some((place, came))
}

#[cfg(test)]
mod tests;
