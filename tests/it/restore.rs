//! Reading a log back.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};
use revbus::ids::Position;
use revbus::kafka::assigning::assign_instead;
use revbus::kafka::config::KafkaSettings;
use revbus::kafka::restore::{Recent, Restore, Restored};
use revbus::kafka::trouble::TroubleKind;
use revbus::time::Timestamp;

use crate::support::{Bus, Cluster, Sender, eventually};

/// Whoever went on with what was folded before would decide on entities that the log does not have.
#[test]
fn a_log_that_ends_before_where_it_was_read_to_is_not_read_on() {
    let bus = Bus::lean(Cluster::shared(), "cut", 1);
    let topic = bus.topic("revbus.audit");
    Sender::new(&bus.broker).send(&(0..3).map(|_| bus.outgoing("revbus.audit", "k", "v")).collect::<Vec<_>>());
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let read = |from| {
        let (from, mut read) = (BTreeMap::from([(0, Position(from))]), 0);
        let restore = Restore { settings: &settings, topic: &topic, partitions: &[0] };
        restore.whole(&from, || true, |_| read += 1).map(|restored| (restored, read))
    };
    let whole = Some(BTreeMap::from([(0, Position(3))]));
    assert_eq!(read(0).unwrap(), (whole.clone(), 3));
    assert_eq!(read(2).unwrap(), (whole.clone(), 1));
    assert_eq!(read(3).unwrap(), (whole, 0));
    let trouble = read(4).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Refused);
    assert!(trouble.sentence.contains("ends at 3, and was read up to 4 before"), "{}", trouble.sentence);
}

/// Whoever reads that the cluster does not answer looks at the network.
#[test]
fn a_topic_that_is_gone_is_named() {
    let bus = Bus::lean(Cluster::shared(), "gone", 1);
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let topic = bus.topic("gone");
    let restore = Restore { settings: &settings, topic: &topic, partitions: &[0] };
    let known = BTreeMap::new();
    let recent = Recent { since: Timestamp::now(), known: &known, room: 1, least: 1, within: Duration::from_secs(60) };
    let troubles = [
        restore.whole(&known, || true, |_| {}).map(drop).unwrap_err(),
        restore.recent(recent, || true, |_| true).map(drop).unwrap_err(),
    ];
    for trouble in troubles {
        assert!(trouble.sentence.contains(&format!("the cluster lacks {topic}")), "{}", trouble.sentence);
    }
}

/// A busy partition and a quiet one, with ten minutes of records, of which one in three takes room.
#[test]
fn the_newest_is_read_back_as_far_as_there_is_room() {
    const LOGS: [i64; 2] = [180_000, 6_000];
    const WINDOW: i64 = 600_000;
    let bus = Bus::lean(Cluster::shared(), "newest", 2);
    let topic = bus.topic("revbus.audit");
    let now = Timestamp::now().millis();
    let at = |number: usize, index: i64| now - WINDOW + index * WINDOW / LOGS[number];
    let producer: BaseProducer =
        bus.broker.config().set("queue.buffering.max.messages", "1000000").set("linger.ms", "20").create().unwrap();
    for (number, log) in LOGS.into_iter().enumerate() {
        for index in 0..log {
            let record = BaseRecord::<(), str>::to(&topic).partition(i32::try_from(number).unwrap()).payload("x");
            producer.send(record.timestamp(at(number, index))).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(Duration::from_secs(120)).unwrap();
    }
    let settings = KafkaSettings::of_brokers(&bus.broker.bootstrap);
    let read = |room, within| {
        let mut read: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        let since = Timestamp::from_millis(now - WINDOW + 1000);
        let recent = Recent { since, known: &BTreeMap::new(), room, least: 500, within };
        let restored = Restore { settings: &settings, topic: &topic, partitions: &[0, 1] }.recent(
            recent,
            || true,
            |message| {
                read.entry(message.partition()).or_default().push(message.offset());
                message.offset() % 3 == 0
            },
        );
        read.values_mut().for_each(|offsets| offsets.sort_unstable());
        (restored.unwrap().unwrap(), read)
    };
    let long = Duration::from_secs(120);

    let (restored, all) = read(100_000, long);
    assert!(matches!(restored, Restored::Whole(_)), "{restored:?}");
    assert_eq!(all[&0], (300..LOGS[0]).collect::<Vec<_>>(), "each once, from a second after the first on");
    assert_eq!(all[&1], (10..LOGS[1]).collect::<Vec<_>>());

    // A third of the records that are read take room, so 30,000 are about the newest half.
    let (restored, newest) = read(30_000, long);
    let Restored::Full(ends, since) = restored else { panic!("{restored:?}") };
    assert_eq!(ends, BTreeMap::from([(0, Position(LOGS[0])), (1, Position(LOGS[1]))]));
    for (number, log) in LOGS.into_iter().enumerate() {
        let read = &newest[&i32::try_from(number).unwrap()];
        let first = log - i64::try_from(read.len()).unwrap();
        assert_eq!(*read, (first..log).collect::<Vec<_>>(), "each once, up to the end");
        assert!(
            at(number, first) >= since.millis() && at(number, first - 1) < since.millis(),
            "all since then, and no more"
        );
    }
    let held = newest.values().flatten().filter(|offset| *offset % 3 == 0).count();
    assert!((30_000..40_000).contains(&held), "{held}");

    let (restored, _) = read(100_000, Duration::ZERO);
    assert!(matches!(restored, Restored::Late(since) if since.millis() >= now), "{restored:?}");
}

/// As a reading that goes on to its next step and is given up at once, for its partitions have gone to somebody else.
#[test]
fn a_client_whose_partitions_were_assigned_instead_of_others_can_be_closed_at_once() {
    const PARTITIONS: u32 = 50;
    let bus = Bus::lean(Cluster::shared(), "instead", PARTITIONS);
    let topic = bus.topic("revbus.audit");
    let records: Vec<_> = (0..500).map(|n| bus.outgoing("revbus.audit", &format!("k{n}"), "v")).collect();
    Sender::new(&bus.broker).send(&records);
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(&topic, partition as i32, Offset::Offset(0)).unwrap();
    }
    // In one call it ends the process in one of the first.
    for _ in 0..60 {
        let consumer: BaseConsumer = bus.broker.config().set("group.id", "instead").create().unwrap();
        assign_instead(&consumer, &list).unwrap();
        eventually("something is read", Duration::from_secs(60), || consumer.poll(Duration::from_millis(20))).unwrap();
        assign_instead(&consumer, &list).unwrap();
    }
}
