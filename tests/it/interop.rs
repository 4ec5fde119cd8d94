//! Producers and consumers that are not ours: `kcat`, and Python's `confluent-kafka` in `target/venv`.
//! `scripts/test` brings both; without them these tests fail and say so.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::cluster::text;
use crate::support::facts::{self, DEAL_WON};
use crate::support::{Bus, Cluster, Expect, Follower, Sent, eventually};

const FACTS: &str = "pipeline.deal_won";

/// Waits until so many records of the topic of facts are audited; gives them as sent, good JSON or dead letters.
fn all_audited(bus: &Bus, count: usize) -> Vec<Sent> {
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every record is audited", Duration::from_secs(120), || (audit.count() >= count).then_some(()));
    let sent = bus.drain(FACTS).into_iter().map(|record| {
        let json = record.json();
        let expect = if json.is_null() { Expect::Dead("not_json") } else { facts::routed(&json, DEAL_WON) };
        let (topic, partition, offset) = (record.topic, record.partition, record.offset);
        Sent { topic, partition, offset, key: record.key, value: record.value, headers: record.headers, expect }
    });
    let sent: Vec<_> = sent.collect();
    assert_eq!(sent.len(), count);
    sent
}

fn expect_success(what: &str, output: Output) -> String {
    assert!(output.status.success(), "{what}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn kcat(bus: &Bus, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("kcat")
        .args(["-b", &bus.broker.bootstrap])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kcat is missing; install it with: apt-get install -y kcat");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    expect_success("kcat", child.wait_with_output().unwrap())
}

#[test]
fn kcat_writes_facts_and_reads_commands_and_dead_letters() {
    let bus = Bus::shipped(Cluster::shared(), "kcat", 1);
    let router = bus.router("a");
    let fact = facts::deal_won(1);
    let lines = format!("tenant_001/deal_0|{fact}\na key|not json\n");
    let write = ["-P", "-K|", "-H", "source=kcat", "-X", "topic.partitioner=murmur2_random", "-t", &bus.topic(FACTS)];
    kcat(&bus, &write, &lines);
    let sent = all_audited(&bus, 2);
    router.stop();
    bus.judge(&sent);
    let read = |topic: &str| {
        let topic = bus.topic(topic);
        kcat(&bus, &["-C", "-e", "-q", "-X", "isolation.level=read_committed", "-J", "-t", &topic], "")
    };
    let command: Value = serde_json::from_str(read("compensation.calculate").trim()).unwrap();
    let payload: Value = serde_json::from_str(command["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["payload"]["data"]["deal_id"], fact["payload"]["data"]["deal_id"]);
    let dead: Value = serde_json::from_str(read("revbus.dead_letters").trim()).unwrap();
    assert_eq!((&dead["key"], &dead["payload"]), (&json!("a key"), &json!("not json")));
    let headers: Vec<_> = dead["headers"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(headers[..2], ["source", "kcat"]);
    let reason = headers.iter().position(|name| *name == "revbus.dead.reason").map(|at| headers[at + 1]);
    assert_eq!(reason, Some("not_json"));
}

#[test]
fn confluent_kafka_writes_facts_and_reads_commands() {
    let bus = Bus::shipped(Cluster::shared(), "python", 3);
    let router = bus.router("a");
    let root = env!("CARGO_MANIFEST_DIR");
    let python = |arguments: &[&str]| {
        let mut command = Command::new(format!("{root}/target/venv/bin/python"));
        command.arg(format!("{root}/tests/it/interop.py")).args([&bus.broker.bootstrap, &bus.prefix]).args(arguments);
        let output = command.output().expect("no target/venv: scripts/test makes it (python3-venv, confluent-kafka)");
        expect_success("interop.py", output)
    };
    // Half by a plain producer, half by a transactional one, which also aborts a transaction.
    python(&["write", "60"]);
    let sent = all_audited(&bus, 60);
    router.stop();
    bus.judge(&sent);
    let read: Vec<Value> = python(&["read", "compensation.calculate", "60"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut causes: Vec<_> =
        read.iter().map(|command| command["payload"]["metadata"]["causation_id"].to_string()).collect();
    causes.sort();
    causes.dedup();
    assert_eq!((read.len(), causes.len()), (60, 60));
    assert!(read.iter().all(|command| command["event_type"] == "compensation.calculate"));
}
