//! How the router asks for the ends of many logs.

use std::time::Duration;

use rdkafka::Offset;
use revbus::ids::Position;
use revbus::kafka::config::KafkaSettings;
use revbus::kafka::watermarks::Watermarks;

use crate::support::{Bus, Cluster, Sender};

#[test]
fn the_ends_of_many_logs_are_told_at_once_and_a_topic_that_is_not_there_takes_none_away() {
    let bus = Bus::lean(Cluster::shared(), "ends", 2);
    let (fact, command) = (bus.topic("pipeline.deal_won"), bus.topic("compensation.calculate"));
    let records: Vec<_> = (0..20).map(|n| bus.outgoing("pipeline.deal_won", &format!("t/{n}"), "{}")).collect();
    let sent = Sender::new(&bus.broker).send(&records);
    bus.delete_records("pipeline.deal_won", Offset::Offset(2));
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let asked = Watermarks::connect(&settings).unwrap();
    let there = [(fact.clone(), 1), (command, 1), (fact, 0)];
    let count =
        |partition| Position(sent.iter().filter(|(number, _)| *number == partition).count().try_into().unwrap());
    // What was deleted was of the first partition.
    let expected = [(Position(0), count(1)), (Position(0), Position(0)), (Position(2), count(0))].map(Some);
    assert_eq!(asked.of_many(&there, Duration::from_secs(20)), expected);
    let all: Vec<_> = [("nowhere".to_owned(), 0)].into_iter().chain(there).collect();
    let told = asked.of_many(&all, Duration::from_secs(3));
    assert_eq!((told[0], &told[1..]), (None, &expected[..]));
}
