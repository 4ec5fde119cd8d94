//! The topics that a catalogue needs.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DesiredTopic, Overrides, Purpose};
use crate::catalogue::{Catalogue, ControlTopic, Kind, TopicSpec};

/// Room beside a value of `max_event_bytes` for key, headers and the batch around them.
const SOURCE_MARGIN: u64 = 64 * 1024;
/// How far topics that the router writes lie above the largest that it reads (decision 69): derived events and dead
/// letters are a little larger than their sources.
const DERIVED_MARGIN: u64 = 64 * 1024;

const MAX_MESSAGE_BYTES: &str = "max.message.bytes";

/// The topics that a catalogue needs: one an event type, in the order of the file, then the control topics.
///
/// Control topics have as many partitions as the widest fact topic, so that the router can place audit records and
/// dead letters by their source's partition, and the longest retention and strictest replication of all event types;
/// the audit is kept as long as the catalogue says, and what was replayed for ever. Where there are no facts, and state is
/// kept, `defaults` stand in for them.
#[must_use]
pub fn desired(catalogue: &Catalogue, overrides: Overrides) -> Vec<DesiredTopic> {
    let source = u64::from(catalogue.settings.max_event_bytes) + SOURCE_MARGIN;
    let configured =
        catalogue.facts().filter_map(|(_, fact, _)| fact.topic.config.get(MAX_MESSAGE_BYTES)?.parse().ok());
    let derived = configured.max().unwrap_or(source).max(source) + DERIVED_MARGIN;
    let mut out: Vec<DesiredTopic> = Vec::new();
    for (_, event_type) in catalogue.iter() {
        let (purpose, size) = match event_type.kind {
            Kind::Fact(_) => (Purpose::Fact, source),
            Kind::Command(_) => (Purpose::Command, derived),
        };
        out.push(topic(&event_type.topic, purpose, size, overrides));
    }
    let Some(base) = strictest(catalogue) else { return out };
    for control in ControlTopic::ALL {
        let name = catalogue.prefixed(control.name()).into();
        let spec = TopicSpec { name, retention: retention(catalogue, control, base.retention), ..base.clone() };
        let size = if written_by_modules(control) { source } else { derived };
        let holds = holds(control).filter(|_| catalogue.keeps_state());
        out.push(DesiredTopic { holds, ..topic(&spec, Purpose::Control(control), size, overrides) });
    }
    out
}

/// How long a control topic keeps its records, where the longest of all event types is `events`; `None` is for ever.
fn retention(catalogue: &Catalogue, control: ControlTopic, events: Option<Duration>) -> Option<Duration> {
    match control {
        // Retention goes by segments: a dead letter may lie there long after a mark of the same day is gone, and would be
        // sent twice. Marks are small.
        ControlTopic::Replays => None,
        ControlTopic::Audit => catalogue.audit_retention(),
        ControlTopic::DeadLetters
        | ControlTopic::State
        | ControlTopic::StateUpdates
        | ControlTopic::Requests
        | ControlTopic::Replies
        | ControlTopic::Workflows
        | ControlTopic::WorkflowState => events,
    }
}

/// What the topics of state hold.
const fn holds(control: ControlTopic) -> Option<&'static str> {
    match control {
        ControlTopic::State => Some("the state of each entity, the newest record a key; the router alone writes it"),
        ControlTopic::StateUpdates => Some("updates of entities, which modules write and the router decides on"),
        ControlTopic::Replies => Some("how updates ended, each for the client that asked"),
        ControlTopic::DeadLetters
        | ControlTopic::Audit
        | ControlTopic::Requests
        | ControlTopic::Workflows
        | ControlTopic::WorkflowState
        | ControlTopic::Replays => None,
    }
}

/// Whether the records of a control topic come from modules; the router's own may be larger.
const fn written_by_modules(control: ControlTopic) -> bool {
    matches!(control, ControlTopic::StateUpdates | ControlTopic::Requests | ControlTopic::Workflows)
}

fn topic(spec: &TopicSpec, purpose: Purpose, max_message_bytes: u64, overrides: Overrides) -> DesiredTopic {
    let compacted = matches!(purpose, Purpose::Control(control) if control.compacted());
    let mut config = BTreeMap::new();
    config.insert(MAX_MESSAGE_BYTES.to_owned(), max_message_bytes.to_string());
    if compacted {
        config.insert("cleanup.policy".to_owned(), "compact".to_owned());
    } else {
        config.insert("cleanup.policy".to_owned(), "delete".to_owned());
        let retention = spec.retention.map_or_else(|| "-1".to_owned(), |keep| keep.as_millis().to_string());
        config.insert("retention.ms".to_owned(), retention);
    }
    if let Some(replicas) = overrides.min_insync_replicas.or(spec.min_insync_replicas) {
        config.insert("min.insync.replicas".to_owned(), replicas.to_string());
    }
    config.extend(spec.config.iter().map(|(key, value)| (key.clone(), value.clone())));
    DesiredTopic {
        name: spec.name.to_string(),
        purpose,
        partitions: spec.partitions,
        replication_factor: overrides.replication_factor.unwrap_or(spec.replication_factor),
        config,
        holds: None,
    }
}

/// What control topics are made like. `None` for a catalogue without facts and state, which nothing needs.
fn strictest(catalogue: &Catalogue) -> Option<TopicSpec> {
    let stand_in = catalogue.stand_in();
    let facts = catalogue.facts().map(|(_, event_type, _)| &event_type.topic).chain(stand_in);
    let all = || catalogue.iter().map(|(_, event_type)| &event_type.topic).chain(stand_in);
    Some(TopicSpec {
        name: "".into(),
        partitions: facts.map(|topic| topic.partitions).max()?,
        replication_factor: all().map(|topic| topic.replication_factor).max()?,
        min_insync_replicas: all().filter_map(|topic| topic.min_insync_replicas).max(),
        retention: catalogue.longest_retention(),
        config: BTreeMap::new(),
    })
}
