//! Reading a log back.

use std::collections::BTreeMap;

use revbus::ids::Position;
use revbus::kafka::config::{KafkaSettings, Sources};
use revbus::kafka::restore::{Extent, Restore, Restored};
use revbus::kafka::trouble::TroubleKind;

use crate::support::{Bus, Cluster, Sender};

/// Whoever went on with what was folded before would decide on entities that the log does not have.
#[test]
fn a_log_that_ends_before_where_it_was_read_to_is_not_read_on() {
    let bus = Bus::lean(Cluster::shared(), "cut", 1);
    let topic = bus.topic("revbus.audit");
    Sender::new(&bus.broker).send(&(0..3).map(|_| bus.outgoing("revbus.audit", "k", "v")).collect::<Vec<_>>());
    let sources = Sources { brokers: Some(&bus.broker.bootstrap), ..Sources::default() };
    let settings = KafkaSettings::from_sources(&sources).unwrap();
    let read = |from| {
        let (from, mut read) = (BTreeMap::from([(0, Position(from))]), 0);
        let restore = Restore { settings: &settings, topic: &topic, partitions: &[0], extent: Extent::Whole(&from) };
        restore.run(|| true, |_| read += 1).map(|restored| (restored, read))
    };
    let whole = Some(Restored::Whole(BTreeMap::from([(0, Position(3))])));
    assert_eq!(read(0).unwrap(), (whole.clone(), 3));
    assert_eq!(read(2).unwrap(), (whole.clone(), 1));
    assert_eq!(read(3).unwrap(), (whole, 0));
    let trouble = read(4).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Refused);
    assert!(trouble.sentence.contains("ends at 3, and was read up to 4 before"), "{}", trouble.sentence);
}
