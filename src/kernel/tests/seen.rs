//! Decisions, seen as texts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::super::{
    Effects, Input, NoMemory, Placement, Record, Rules, StateTopics, Topic, TopicFacts, Topology, decide,
};
use crate::catalogue::{Catalogue, ControlTopic, compile};
use crate::ids::RecordOffset;
use crate::time::Timestamp;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);

/// The rules of a catalogue, compiled once for each text: a debug build takes its time.
pub(super) fn rules(text: &str) -> Rc<Rules> {
    thread_local!(static KNOWN: RefCell<HashMap<String, Rc<Rules>>> = RefCell::new(HashMap::new()));
    KNOWN.with_borrow_mut(|known| {
        known.entry(text.to_owned()).or_insert_with(|| Rc::new(limited(text, usize::MAX))).clone()
    })
}

/// Rules on a cluster whose topics take no more than this.
pub(super) fn limited(text: &str, max_message_bytes: usize) -> Rules {
    let (catalogue, diagnostics) = compile("edge.yaml", text);
    let catalogue =
        Arc::new(catalogue.unwrap_or_else(|| panic!("{}", crate::diagnostic::render(text, &diagnostics, false))));
    let facts = TopicFacts { partitions: 8, max_message_bytes };
    let state = StateTopics { updates: facts, entities: facts, replies: facts };
    let types = vec![facts; catalogue.types.len()];
    let topology = Topology { types, dead_letters: facts, audit: facts, state };
    Rules::new(catalogue, topology)
}

pub(super) fn record<'a>(
    catalogue: &Catalogue,
    topic: &str,
    (key, value): (Option<&'a [u8]>, Option<&'a [u8]>),
    headers: &'a [(&'a [u8], Option<&'a [u8]>)],
) -> Record<'a> {
    let topic = catalogue.resolve(topic).unwrap_or_else(|| panic!("no topic {topic}")).id();
    Record { topic, partition: 3, offset: RecordOffset(41), timestamp: Some(NOW), key, value, headers }
}

/// Everything that a decision does, as texts.
pub(super) struct Seen {
    pub(super) outcome: &'static str,
    /// Command, key, event.
    pub(super) derived: Vec<(String, String, Value)>,
    pub(super) derived_text: Vec<String>,
    pub(super) derived_headers: Vec<String>,
    pub(super) audit: Value,
    pub(super) audit_text: String,
    pub(super) audit_key: Option<String>,
    pub(super) letter: Vec<(String, String)>,
    pub(super) observed: String,
}

impl Seen {
    pub(super) fn of(rules: &Rules, record: Record<'_>) -> Self {
        let mut effects = Effects::new();
        let outcome = decide(rules, &NoMemory, Input::Record(record), NOW, &mut effects);
        let text = |span| String::from_utf8(effects.bytes(span).to_vec()).unwrap();
        let mut seen = Self {
            outcome: outcome.code(),
            derived: Vec::new(),
            derived_text: Vec::new(),
            derived_headers: Vec::new(),
            audit: Value::Null,
            audit_text: String::new(),
            audit_key: None,
            letter: Vec::new(),
            observed: observed(&effects, record.key.is_some()),
        };
        for produce in effects.produced() {
            let value = text(produce.value);
            let json: Value = serde_json::from_str(&value).unwrap_or_else(|error| panic!("{error}: {value}"));
            match produce.topic {
                Topic::Event(id) => {
                    assert_eq!(produce.placement, Placement::ByKey);
                    let name = rules.catalogue.event_type(id).name.to_string();
                    seen.derived.push((name, produce.key.map(text).unwrap(), json));
                    seen.derived_text.push(value);
                    let headers = effects.headers_of(produce);
                    seen.derived_headers
                        .extend(headers.map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value))));
                }
                Topic::Control(topic) => {
                    assert_eq!((topic, produce.placement), (ControlTopic::Audit, Placement::Partition(3)));
                    assert_eq!(seen.audit, Value::Null, "two audit records");
                    (seen.audit, seen.audit_text, seen.audit_key) = (json, value, produce.key.map(text));
                }
            }
        }
        if let Some(letter) = effects.dead_letter() {
            seen.letter = letter.headers.iter().map(|(name, span)| ((*name).to_owned(), text(*span))).collect();
        }
        seen
    }

    pub(super) fn letter(&self, name: &str) -> String {
        self.letter.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// A missing key is what most rows have: only a different one is named.
fn observed(effects: &Effects, keyed: bool) -> String {
    let observed = effects.observed();
    let words = [
        (observed.aliased, "aliased"),
        (observed.zoneless, "zoneless"),
        (observed.foreign_key && keyed, "foreign_key"),
        (observed.audit_payload_left_out, "left_out"),
    ];
    words.iter().filter(|(seen, _)| *seen).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}
