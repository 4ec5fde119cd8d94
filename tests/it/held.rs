//! What a consumer holds of partitions that are not its own.

use std::time::Duration;

use revbus::ids::Position;
use revbus::kafka::config::{KafkaSettings, Sources};
use revbus::kafka::consumer::{GroupConsumer, GroupEvent, Polled, Report};

use crate::support::{Bus, Cluster, Sender, eventually};

/// How many records there are, of 1 kB each.
const RECORDS: usize = 300;
const WITHIN: Duration = Duration::from_secs(30);

/// The broker keeps a fetch until it has as much as was asked for, so this one is answered after its partition was given
/// back. What it brings stays in the client's memory, unless it is let go.
#[test]
fn what_comes_of_a_partition_that_was_given_back_is_let_go() {
    let bus = Bus::lean(Cluster::shared(), "held", 1);
    let topic = bus.topic("revbus.audit");
    let set = ["fetch.min.bytes=100000", "fetch.wait.max.ms=9000", "statistics.interval.ms=200"].map(str::to_owned);
    let sources = Sources { brokers: Some(&bus.broker.bootstrap), set: &set, ..Sources::default() };
    let consumer =
        GroupConsumer::join(&KafkaSettings::from_sources(&sources).unwrap(), &bus.group(), &[&topic]).unwrap();
    let partition = (topic, 0);
    let assigned = || matches!(consumer.poll(Duration::from_millis(100)), Polled::Group(GroupEvent::Assigned(_)));
    eventually("the partition is assigned", WITHIN, || assigned().then_some(()));
    consumer.assign(&[(partition.clone(), Position(0))]).unwrap();
    let report = |what, wanted: &dyn Fn(&Report) -> bool| {
        eventually(what, WITHIN, || {
            assert!(!matches!(consumer.poll(Duration::from_millis(10)), Polled::Record(_)));
            consumer.take_report().filter(wanted).map(drop)
        });
    };
    let is_read = |report: &Report| {
        report.lags.iter().any(|lag| (&lag.topic, lag.partition) == (&partition.0, partition.1) && lag.is_read)
    };
    report("it is read", &is_read);
    report("and the fetch is on its way", &is_read);
    consumer.unassign(std::slice::from_ref(&partition)).unwrap();
    Sender::new(&bus.broker).send(&vec![bus.outgoing("revbus.audit", "k", "v".repeat(1000)); RECORDS]);
    report("its answer is held", &|report| report.held == [partition.clone()]);
    report("no more", &|report| report.held.is_empty());

    consumer.assign(&[(partition.clone(), Position(0))]).unwrap();
    let mut offsets = Vec::new();
    eventually("all is read once the partition is back", WITHIN, || {
        if let Polled::Record(record) = consumer.poll(Duration::from_millis(10)) {
            offsets.push(record.offset());
        }
        (offsets.len() == RECORDS).then_some(())
    });
    assert!(offsets.into_iter().eq(0..300));
}
