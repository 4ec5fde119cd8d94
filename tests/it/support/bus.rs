//! A bus of one test: a catalogue behind a prefix of its own, its topics, a group, a folder.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use tempfile::TempDir;

use super::cluster::{Broker, text};
use super::oracle::{self, Sent};
use super::read;
use super::record::{Outgoing, Record};
use super::router::{Router, revbus};
use super::wait::{block_on, eventually};

/// The environment of one test.
pub struct Bus {
    pub broker: Broker,
    /// In front of every topic, group and transactional id.
    pub prefix: String,
    pub catalogue: PathBuf,
    /// `--kafka-config`, for the router and for `topics apply`.
    pub kafka_config: Option<PathBuf>,
    /// Where the binary finds the broker, if not where the tests find it: a proxy.
    pub through: Option<String>,
    pub dir: TempDir,
}

impl Bus {
    /// The shipped catalogue, with this many partitions a topic; its topics are created.
    pub fn shipped(broker: &Broker, name: &str, partitions: u32) -> Self {
        let bus = Self::new(broker, name, &shipped(), partitions);
        bus.apply();
        bus
    }

    /// A catalogue with one topic of facts; its topics are created.
    pub fn lean(broker: &Broker, name: &str, partitions: u32) -> Self {
        let bus = Self::new(broker, name, include_str!("../lean.yaml"), partitions);
        bus.apply();
        bus
    }

    /// A catalogue of the test's own; its topics are not created yet.
    pub fn new(broker: &Broker, name: &str, catalogue: &str, partitions: u32) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("{name}{}.", NUMBER.fetch_add(1, Ordering::Relaxed));
        let dir = tempfile::Builder::new().prefix("revbus-it.").tempdir().unwrap();
        let path = dir.path().join("topics.yaml");
        std::fs::write(&path, edit(catalogue, &prefix, partitions)).unwrap();
        Self { broker: broker.clone(), prefix, catalogue: path, kafka_config: None, through: None, dir }
    }

    /// `revbus topics apply --yes`.
    pub fn apply(&self) {
        let output = self.command(&["topics", "apply"]).arg("--yes").output().unwrap();
        assert!(output.status.success(), "topics apply: {}", text(&output));
    }

    /// A verb with broker and catalogue filled in.
    pub fn command(&self, verb: &[&str]) -> Command {
        let mut command = revbus();
        let brokers = self.through.as_ref().unwrap_or(&self.broker.bootstrap);
        command.args(verb).args(["--brokers", brokers]).arg("--catalogue").arg(&self.catalogue);
        if let Some(file) = &self.kafka_config {
            command.arg("--kafka-config").arg(file);
        }
        command
    }

    /// Starts a router of this bus.
    pub fn router(&self, instance: &str) -> Router {
        self.router_with(instance, |command| command)
    }

    /// Starts a router of this bus whose command line or environment has more.
    pub fn router_with(&self, instance: &str, more: impl FnOnce(&mut Command) -> &mut Command) -> Router {
        self.spawn(instance, self.router_command(instance), more)
    }

    /// The same with one worker, so that no second member's coming takes its partitions away and back.
    pub fn lone_router(&self, instance: &str, more: impl FnOnce(&mut Command) -> &mut Command) -> Router {
        self.spawn(instance, self.lone_command(instance), more)
    }

    fn spawn(&self, instance: &str, mut command: Command, more: impl FnOnce(&mut Command) -> &mut Command) -> Router {
        more(&mut command);
        Router::spawn(command, &self.dir.path().join(format!("router-{instance}.log")))
    }

    /// The command line of a router of this bus.
    pub fn router_command(&self, instance: &str) -> Command {
        self.workers_command(instance, "2")
    }

    /// That of one with one worker.
    pub fn lone_command(&self, instance: &str) -> Command {
        self.workers_command(instance, "1")
    }

    fn workers_command(&self, instance: &str, workers: &str) -> Command {
        let mut command = self.command(&["router"]);
        command.args(["--group", "router", "--instance-id", instance, "--workers", workers, "--listen", "127.0.0.1:0"]);
        command
    }

    /// The group as the broker knows it (decision 74).
    pub fn group(&self) -> String {
        format!("{}router", self.prefix)
    }

    /// The full name of a topic.
    pub fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A client of Kafka's admin API.
    pub fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.broker.config().create().unwrap()
    }

    /// Somebody else's transaction, with one record on partition 0 of a topic, and open still: who reads committed records
    /// does not get past it.
    pub fn open_transaction(&self, topic: &str) -> BaseProducer {
        self.begin_transaction(&format!("{}open", self.prefix), topic)
    }

    /// The same, under this transactional id.
    pub fn begin_transaction(&self, id: &str, topic: &str) -> BaseProducer {
        let call = Duration::from_secs(90);
        let topic = self.topic(topic);
        let mut config = self.broker.config();
        // Longer than any test needs it.
        config.set("transactional.id", id).set("transaction.timeout.ms", "180000");
        let producer: BaseProducer = config.create().unwrap();
        producer.init_transactions(call).unwrap();
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::to(&topic).partition(0).key("k").payload("v")).map_err(|(error, _)| error).unwrap();
        producer.flush(call).unwrap();
        producer
    }

    /// Gives topics so many partitions, and waits until the broker tells of them: it answers before.
    pub fn grow(&self, topics: &[&str], partitions: usize) {
        let names: Vec<_> = topics.iter().map(|topic| self.topic(topic)).collect();
        let wanted: Vec<_> = names.iter().map(|name| NewPartitions::new(name, partitions)).collect();
        for result in block_on(self.admin().create_partitions(&wanted, &AdminOptions::new())).unwrap() {
            result.unwrap();
        }
        let there = || read::partitions(&self.broker, &names).len() == partitions * names.len();
        eventually("the broker has the partitions", Duration::from_secs(90), || there().then_some(()));
    }

    /// Deletes the records of the first partition of a topic that stand before an offset.
    pub fn delete_records(&self, topic: &str, before: Offset) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic(topic), 0, before).unwrap();
        block_on(self.admin().delete_records(&list, &AdminOptions::new())).unwrap();
    }

    /// Moves the group on the first partition of a topic to a position, which is chosen by the log's end.
    pub fn move_group(&self, topic: &str, choose: impl FnOnce(i64) -> i64) {
        let topic = self.topic(topic);
        let group: BaseConsumer = self.broker.config().set("group.id", self.group()).create().unwrap();
        let (_, end) = group.fetch_watermarks(&topic, 0, Duration::from_secs(20)).unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, Offset::Offset(choose(end))).unwrap();
        // Refused while the group still has a member.
        eventually("the group is empty", Duration::from_secs(120), || group.commit(&list, CommitMode::Sync).ok());
    }

    /// A record for a topic of this bus.
    pub fn outgoing(&self, topic: &str, key: &str, value: impl Into<Vec<u8>>) -> Outgoing {
        Outgoing {
            topic: self.topic(topic),
            key: Some(key.as_bytes().to_vec()),
            value: Some(value.into()),
            ..Outgoing::default()
        }
    }

    /// Every committed record of one topic.
    pub fn drain(&self, topic: &str) -> Vec<Record> {
        read::drain(&self.broker, &[self.topic(topic)])
    }

    /// Reads all that the router wrote and lets the oracle judge it, and then `revbus verify`; panics with their
    /// findings.
    pub fn judge(&self, sent: &[Sent]) {
        let facts: std::collections::BTreeSet<_> = sent.iter().map(|fact| fact.topic.clone()).collect();
        let outputs = read::topics(&self.broker, &self.prefix).into_iter().filter(|topic| !facts.contains(topic));
        let seen = read::drain(&self.broker, &outputs.collect::<Vec<_>>());
        let findings = oracle::judge(&self.prefix, sent, &seen);
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings[..findings.len().min(40)].join("\n"));
        self.verify();
    }

    /// The other judge, which is told nothing of what was sent, must find nothing either.
    pub fn verify(&self) {
        let mut command = revbus();
        command.args(["verify", "--brokers", &self.broker.bootstrap, "--group", "router"]);
        command.arg("--catalogue").arg(&self.catalogue);
        if !self.broker.client.is_empty() {
            // The router's own user may not read what it writes.
            let file = self.dir.path().join("verify.properties");
            let lines = self.broker.client.iter().map(|(key, value)| format!("{key}={value}\n"));
            std::fs::write(&file, lines.collect::<String>()).unwrap();
            command.arg("--kafka-config").arg(file);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "revbus verify: {}", text(&output));
    }
}

/// The text of the shipped catalogue.
pub fn shipped() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/topics.yaml");
    std::fs::read_to_string(file).expect(file)
}

/// Puts the prefix and the partition count into a catalogue's text.
fn edit(catalogue: &str, prefix: &str, partitions: u32) -> String {
    let kept = catalogue.lines().filter(|line| !line.starts_with("topic_prefix:"));
    let mut out = format!("topic_prefix: {prefix}\n");
    let (mut in_defaults, mut written) = (false, false);
    for line in kept {
        in_defaults =
            if line.starts_with("defaults:") { true } else { in_defaults && !line.starts_with(char::is_alphabetic) };
        if in_defaults && line.trim_start().starts_with("partitions:") {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if line.starts_with("defaults:") {
            out.push_str(&format!("  partitions: {partitions}\n"));
            written = true;
        }
    }
    if !written {
        out.push_str(&format!("defaults:\n  partitions: {partitions}\n"));
    }
    out
}
