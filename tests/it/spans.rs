//! What `verify` reads with: every record of a span, whatever its number.

use std::time::Duration;

use revbus::ids::Position;
use revbus::kafka::config::KafkaSettings;
use revbus::kafka::span::{Next, Span, SpanReader};

use crate::support::{Bus, Cluster, Sender};

/// As many as are read between two looks at the client's positions, so that the look falls on the last one.
const RECORDS: i64 = 10_000;

#[test]
fn a_span_is_read_to_its_last_record_also_where_the_positions_are_looked_at_just_then() {
    let bus = Bus::lean(Cluster::shared(), "span", 1);
    let records: Vec<_> = (0..RECORDS).map(|n| bus.outgoing("pipeline.deal_won", "k", n.to_string())).collect();
    Sender::new(&bus.broker).send(&records);
    let partition = (bus.topic("pipeline.deal_won"), 0);
    let span = Span { partition, from: Position(0), to: Position(RECORDS) };
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let mut reader = SpanReader::open(&settings, &[span]).unwrap();
    let mut read = Vec::new();
    loop {
        match reader.next(Duration::from_secs(20)).unwrap() {
            Next::Record(record) => read.push(record.offset.0),
            Next::Quiet => {}
            Next::End => break,
        }
    }
    assert!(read.iter().copied().eq(0..RECORDS), "{} records, the last is {:?}", read.len(), read.last());
}
