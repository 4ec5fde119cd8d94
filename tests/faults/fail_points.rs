//! The router dies, or is told to stop, at each named point of a batch (`src/kafka/fail.rs`), and starts again under
//! its ids.

use std::collections::HashSet;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use crate::cluster::{settled, shared};
use crate::seed::{full, schedule};
use crate::state;
use crate::support::{Bus, Follower, Record, eventually, facts, oracle, read, while_flowing};

/// The points in the order in which a batch comes to them, and how often one may be passed before: records and
/// transactions differ in number.
const POINTS: [(&str, usize); 7] = [
    ("before_begin", 12),
    ("after_begin", 12),
    ("after_produce", 2000),
    ("before_commit", 12),
    ("after_flush", 12),
    ("after_positions", 12),
    ("after_commit", 12),
];
const PARTITIONS: u32 = 4;
const AUDIT: &str = "revbus.audit";
const PATIENCE: Duration = Duration::from_secs(60);

/// Rounds through all points in any order, each at some time of its own.
fn rounds(scenario: &str, signal: &str, rounds: usize) -> Vec<String> {
    schedule(scenario, |random| {
        let all = (0..rounds).flat_map(|_| random.shuffled(&POINTS)).collect::<Vec<_>>();
        all.into_iter().map(|(point, most)| format!("{signal}:{point}:{}", random.between(1, most))).collect()
    })
}

#[test]
fn killed_at_each_point_it_loses_nothing_and_doubles_nothing() {
    let bus = Bus::new(shared(), "points", &state::catalogue(), PARTITIONS);
    bus.apply();
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let deaths = rounds("killed_at_each_point", "KILL", if full() { 29 } else { 1 });
    let (updates, sent) =
        state::while_updating(&bus, 20, 20, || while_flowing(&bus, 20, 20, || die(&bus, &deaths, &[])));
    let router = bus.router("a");
    state::settled(&bus, &audit, (sent.len(), updates), PATIENCE);
    router.stop();
    state::judge(&bus, &sent);
}

/// Without transactions a death repeats, and loses nothing: positions are committed behind what was delivered.
#[test]
fn killed_at_each_point_at_least_once_loses_nothing() {
    let bus = Bus::lean(shared(), "least", PARTITIONS);
    let deaths = rounds("killed_at_each_point_at_least_once", "KILL", if full() { 5 } else { 1 });
    let sent = while_flowing(&bus, 20, 20, || die(&bus, &deaths, &["--delivery", "at_least_once"]));
    let router = bus.router_with("a", |command| command.args(["--delivery", "at_least_once"]));
    // What is audited may be so by a process that died before it had delivered the commands: positions tell.
    consumed(&bus, "pipeline.deal_won");
    router.stop();
    let outputs = [&[AUDIT, "revbus.dead_letters"], facts::DEAL_WON].concat();
    let seen = read::drain(&bus.broker, &outputs.into_iter().map(|name| bus.topic(name)).collect::<Vec<_>>());
    assert_eq!(oracle::judge(&bus.prefix, &sent, &without_repetition(seen)), Vec::<String>::new());
}

/// Waits until the group's positions are at the ends of a topic.
fn consumed(bus: &Bus, topic: &str) {
    let group: BaseConsumer = bus.broker.config().set("group.id", bus.group()).create().unwrap();
    let call = Duration::from_secs(20);
    let partitions = read::partitions(&bus.broker, &[bus.topic(topic)]);
    let mut list = TopicPartitionList::new();
    for (topic, partition) in &partitions {
        list.add_partition(topic, *partition);
    }
    eventually("all is consumed", 2 * PATIENCE, || {
        let committed = group.committed_offsets(list.clone(), call).ok()?;
        let is_at_end = |(topic, partition): &(String, i32)| {
            let end = group.fetch_watermarks(topic, *partition, call).map(|(_, end)| Offset::Offset(end));
            end.ok() == committed.find_partition(topic, *partition).map(|found| found.offset())
        };
        partitions.iter().all(is_at_end).then_some(())
    });
}

/// Starts a router that is to die, and the next one when it has.
fn die(bus: &Bus, deaths: &[String], more: &[&str]) {
    for death in deaths {
        let mut router = bus.router_with("a", |command| {
            command.env("REVBUS_FAIL_POINT", death).args(["--set", "session.timeout.ms=3000"]).args(more)
        });
        router.killed_within(PATIENCE);
    }
}

/// The first of each derived event, dead letter and audit record, as a consumer sees them that remembers ids.
fn without_repetition(seen: Vec<Record>) -> Vec<Record> {
    let mut known = HashSet::new();
    let key = |record: &Record| {
        let json = record.json();
        let dead = ["topic", "partition", "offset"].map(|name| record.header(&format!("revbus.dead.{name}")));
        match (dead, json["event_id"].as_str(), &json["source"]) {
            ([Some(topic), Some(partition), Some(offset)], ..) => format!("{topic} {partition} {offset}"),
            (_, Some(id), source) if source.is_null() => id.to_owned(),
            (_, _, source) => source.to_string(),
        }
    };
    seen.into_iter().filter(|record| known.insert((record.topic.clone(), key(record)))).collect()
}

/// Half a minute beyond the time that the call is given, and a look more.
#[test]
fn a_call_that_never_comes_back_ends_the_process_with_code_5_and_nothing_is_lost() {
    let bus = Bus::lean(shared(), "hung", PARTITIONS);
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let hang = schedule("a_call_that_never_comes_back", |random| {
        let points = random.shuffled(&["after_flush", "after_positions", "after_commit"]);
        format!("HANG:{}:{}", points[0], random.between(1, 12))
    });
    let sent = while_flowing(&bus, 20, 20, || {
        let mut router = bus.router_with("a", |command| command.env("REVBUS_FAIL_POINT", &hang));
        assert_eq!(router.exit_within(2 * PATIENCE), 5, "{hang}: {}", router.output());
        assert!(router.output().contains("a call into the Kafka client did not come back"), "{}", router.output());
    });
    let router = bus.router("a");
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}

#[test]
fn told_to_stop_at_each_point_it_ends_well() {
    let bus = Bus::lean(shared(), "told", PARTITIONS);
    let audit = Follower::of(&bus.broker, &[bus.topic(AUDIT)]);
    let stops = rounds("told_to_stop_at_each_point", "TERM", if full() { 29 } else { 1 });
    let sent = while_flowing(&bus, 20, 20, || {
        for stop in &stops {
            let mut router = bus.router_with("a", |command| command.env("REVBUS_FAIL_POINT", stop));
            assert_eq!(router.exit_within(PATIENCE), 0, "{stop}: {}", router.output());
        }
    });
    let router = bus.router("a");
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
