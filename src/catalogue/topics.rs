//! The keys that `defaults` and every event type share: how the topic is made, and how strict its records are.

use std::collections::BTreeMap;
use std::time::Duration;

use super::codes;
use super::configs::CONFIGS;
use super::fields::{Fields, entries};
use super::names::shorten;
use super::report::Report;
use super::tree::Node;
use super::{RecordKey, TopicSpec};
use crate::schema::Additional;

/// The keys.
pub(super) const TOPIC_KEYS: &[&str] = &[
    "partitions",
    "replication_factor",
    "min_insync_replicas",
    "retention",
    "config",
    "encoding",
    "additional_fields",
    "record_key",
    "cloudevents",
];

/// More partitions than a cluster bears for one topic.
const MAX_PARTITIONS: u32 = 10_000;
/// More replicas than anyone has brokers to keep.
const MAX_REPLICAS: u32 = 99;
/// The shortest and the longest retention that is not `forever`.
const RETENTION: (&str, &str) = ("1m", "36500d");

/// The values of the keys.
#[derive(Debug, Clone)]
pub(super) struct TopicKeys {
    partitions: u32,
    replication_factor: u16,
    min_insync_replicas: Option<u16>,
    retention: Option<Duration>,
    config: BTreeMap<String, String>,
    pub(super) additional: Additional,
    pub(super) record_key: RecordKey,
    pub(super) cloudevents: bool,
}

impl Default for TopicKeys {
    fn default() -> Self {
        Self {
            partitions: 6,
            replication_factor: 1,
            min_insync_replicas: None,
            retention: Some(Duration::from_secs(7 * 24 * 3600)),
            config: BTreeMap::new(),
            additional: Additional::Allow,
            record_key: RecordKey::Any,
            cloudevents: false,
        }
    }
}

impl TopicKeys {
    /// These values, with those that `fields` gives in their place.
    pub(super) fn with(&self, report: &mut Report<'_>, fields: &Fields<'_>) -> Self {
        let mut keys = self.clone();
        keys.read_topic(report, fields);
        keys.read_records(report, fields);
        if let Some(needed) = keys.min_insync_replicas
            && needed > keys.replication_factor
            && let Some(node) = fields.get("min_insync_replicas").or_else(|| fields.get("replication_factor"))
        {
            let message = format!("{needed} replicas in sync are asked for, and there are {}", keys.replication_factor);
            report
                .error(codes::TOO_FEW_REPLICAS, &node.span, message)
                .hint("raise `replication_factor`, or nothing can be written to this topic");
        }
        keys
    }

    /// The topic of this name.
    pub(super) fn spec(&self, name: String) -> TopicSpec {
        TopicSpec {
            name: name.into(),
            partitions: self.partitions,
            replication_factor: self.replication_factor,
            min_insync_replicas: self.min_insync_replicas,
            retention: self.retention,
            config: self.config.clone(),
        }
    }

    fn read_topic(&mut self, report: &mut Report<'_>, fields: &Fields<'_>) {
        let mut number =
            |key: &str, most: u32| fields.get(key).and_then(|node| report.integer(node, &format!("`{key}`"), 1..=most));
        let replicas = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        self.partitions = number("partitions", MAX_PARTITIONS).unwrap_or(self.partitions);
        self.replication_factor = number("replication_factor", MAX_REPLICAS).map_or(self.replication_factor, replicas);
        self.min_insync_replicas =
            number("min_insync_replicas", MAX_REPLICAS).map(replicas).or(self.min_insync_replicas);
        if let Some(node) = fields.get("retention") {
            self.retention = retention(report, node, RETENTION, self.retention);
        }
        if let Some(node) = fields.get("config") {
            self.config.extend(config(report, node));
        }
    }

    fn read_records(&mut self, report: &mut Report<'_>, fields: &Fields<'_>) {
        if let Some(node) = fields.get("encoding")
            && report.word(node, "`encoding`", &[("json", false), ("avro", true)]) == Some(true)
        {
            report.error(codes::NOT_YET, &node.span, "`encoding: avro` does not work yet").hint("leave it at `json`");
        }
        let additional = fields.get("additional_fields").and_then(|node| additional_fields(report, node));
        self.additional = additional.unwrap_or(self.additional);
        let words = [("any", RecordKey::Any), ("required", RecordKey::Required)];
        let record_key = fields.get("record_key").and_then(|node| report.word(node, "`record_key`", &words));
        self.record_key = record_key.unwrap_or(self.record_key);
        let cloudevents = fields.get("cloudevents").and_then(|node| report.boolean(node, "`cloudevents`"));
        self.cloudevents = cloudevents.unwrap_or(self.cloudevents);
    }
}

/// How long records are kept; `None` is for ever.
pub(super) fn retention(
    report: &mut Report<'_>,
    node: &Node,
    range: (&str, &str),
    otherwise: Option<Duration>,
) -> Option<Duration> {
    match report.scalar(node, "`retention`") {
        Some("forever") => None,
        Some(_) => report.duration(node, "`retention`", range).or(otherwise),
        None => otherwise,
    }
}

/// What becomes of fields that a contract does not declare.
pub(super) fn additional_fields(report: &mut Report<'_>, node: &Node) -> Option<Additional> {
    let words = [("allow", Additional::Allow), ("refuse", Additional::Refuse)];
    report.word(node, "`additional_fields`", &words)
}

fn config(report: &mut Report<'_>, node: &Node) -> BTreeMap<String, String> {
    let mut config = BTreeMap::new();
    for entry in entries(report, node, "`config`").unwrap_or_default() {
        let Some(value) = report.scalar(entry.value, &format!("`{}`", shorten(entry.key))) else { continue };
        match CONFIGS.iter().find(|(name, _)| *name == entry.key) {
            None => {
                let help = report.suggest(entry.key, CONFIGS.iter().map(|(name, _)| *name));
                let message = format!("Kafka 4 knows no topic configuration `{}`", shorten(entry.key));
                report.warning(codes::UNKNOWN_CONFIG, entry.at, message).help(help);
            }
            Some((name, values)) if !values.take(value) => {
                let message = format!("`{name}` is {values}, and this is `{}`", shorten(value));
                report.error(codes::BAD_VALUE, &entry.value.span, message).hint("Kafka would refuse it");
            }
            Some(_) => {}
        }
        if entry.key == "cleanup.policy" && value.contains("compact") {
            let message = "compaction drops all but the newest event of each key";
            report.error(codes::COMPACTED_EVENTS, &entry.value.span, message).hint("leave it at `delete`");
        }
        config.insert(entry.key.to_owned(), value.to_owned());
    }
    config
}
