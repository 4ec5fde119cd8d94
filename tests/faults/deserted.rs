//! A broker that goes away, or comes back, may answer for a while that there are no brokers at all. librdkafka then forgets
//! all that it knew, the addresses that it was given too, and may never ask again: its issue 5301. Our clients that live
//! long find their way back.

use std::time::{Duration, Instant};

use revbus::ids::Position;
use revbus::kafka::async_producer::AsyncProducer;
use revbus::kafka::config::{KafkaSettings, Sources};
use revbus::kafka::follow::{Follow, Followed};
use revbus::kafka::plain_producer::{Outgoing, PlainProducer};
use revbus::kafka::reader::{Reader, Start};
use revbus::kafka::watermarks::Watermarks;

use crate::cluster::{proxy, shared};
use crate::proxy::{Api, Fate, Way};
use crate::support::{Bus, Pace};

/// For how long there are no brokers: clients ask every second.
const DESERTED: Duration = Duration::from_secs(5);
/// How long the way back may take.
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn clients_that_heard_of_no_brokers_find_them_again() {
    let proxy = proxy();
    let bus = Bus::lean(shared(), "deserted", 1);
    // Whether a client begins anew by itself is a race within it. Without its own way back, all lose it.
    let set = ["metadata.recovery.strategy=none", "topic.metadata.refresh.interval.ms=1000"].map(str::to_owned);
    let settings = Sources { brokers: Some(&proxy.address), set: &set, ..Sources::default() };
    let settings = KafkaSettings::from_sources(&settings).unwrap();
    let topic = bus.topic("pipeline.deal_won");
    let producer = AsyncProducer::connect(&settings).unwrap();
    let watermarks = Watermarks::connect(&settings).unwrap();
    let plain = PlainProducer::connect(&settings).unwrap();
    let follow = Follow::open(&settings, &topic, &[(0, Position(0))]).unwrap();
    let (mut reader, missing) = Reader::open(&settings, &[&topic], Start::Beginning).unwrap();
    assert_eq!(missing, Vec::<String>::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut all_see = |value: &'static [u8]| {
        let start = Instant::now();
        std::thread::scope(|scope| {
            let writes = scope.spawn(|| {
                let outgoing = Outgoing { topic: &topic, key: None, value: Some(value), ..Outgoing::default() };
                while let Err(trouble) = runtime.block_on(producer.send(&outgoing)) {
                    assert!(start.elapsed() < PATIENCE, "it is not written: {trouble}");
                }
            });
            scope.spawn(|| written_by_a_verb(&plain, &topic, start));
            scope.spawn(|| {
                while let Err(trouble) = watermarks.of(&(topic.clone(), 0), Duration::from_secs(2)) {
                    assert!(start.elapsed() < PATIENCE, "its end is not known: {trouble}");
                }
            });
            let follows = scope.spawn(|| followed(&follow, value, start));
            while reader
                .poll(Duration::from_millis(100))
                .unwrap()
                .is_none_or(|read| read.value.as_deref() != Some(value))
            {
                assert!(start.elapsed() < PATIENCE, "it is not read");
            }
            for thread in [writes, follows] {
                thread.join().unwrap();
            }
        });
    };
    all_see(b"before");
    let since = Instant::now();
    proxy.rule(move |frame| match (since.elapsed(), frame.way, frame.api) {
        (elapsed, Way::Reply, Api::Metadata) if elapsed < DESERTED => Fate::Desert,
        _ => Fate::Pass,
    });
    let mut pace = Pace::per_second(10);
    while since.elapsed() < DESERTED {
        // This one asks when it is asked.
        _ = watermarks.partitions(&topic, Duration::from_secs(1));
        pace.step();
    }
    all_see(b"after");
}

fn written_by_a_verb(plain: &PlainProducer, topic: &str, start: Instant) {
    let outgoing = Outgoing { topic, value: Some(b"too"), ..Outgoing::default() };
    loop {
        plain.send(0, &outgoing).unwrap();
        if plain.finish(Duration::from_secs(1)).failed == 0 {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "it is not written by a verb");
    }
}

fn followed(follow: &Follow, value: &[u8], start: Instant) {
    loop {
        match follow.poll(Duration::from_millis(100)).unwrap() {
            Followed::Record(message) if message.value() == Some(value) => return,
            Followed::Record(_) | Followed::Quiet => {}
            Followed::Displaced => panic!("the topic is there"),
        }
        assert!(start.elapsed() < PATIENCE, "it is not followed");
    }
}
