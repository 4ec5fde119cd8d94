//! A partition gets another leader, or the same one of another epoch. librdkafka then asks where the epoch of the last
//! record ended; where it asks for the epoch before, it takes the log to be cut, goes back, and gives records again. Whoever
//! counts records, or sends something for each, sees them once all the same.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use revbus::ids::Position;
use revbus::kafka::config::{KafkaSettings, Sources};
use revbus::kafka::span::{Next, Span, SpanReader};

use crate::cluster::{audited, settled};
use crate::proxy::{Api, Fate, Proxy, Way};
use crate::support::cluster::Kind;
use crate::support::{Bus, Cluster, Follower, Sender, while_flowing};

const RECORDS: i64 = 1_000;
/// Behind so many records the leader's epoch changes, and so many of them are read again then.
const READ: i64 = 500;
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn a_reader_that_goes_back_at_a_new_epoch_gives_no_record_twice() {
    let dir = tempfile::Builder::new().prefix("revbus-epochs.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Proxied(1), Some(dir.path()));
    let bus = Bus::lean(&cluster.broker, "epochs", 1);
    let record = |n: i64| bus.outgoing("pipeline.deal_won", "key", n.to_string());
    Sender::new(&bus.broker).send(&(0..RECORDS).map(record).collect::<Vec<_>>());
    let (advertised, listener) = cluster.broker.proxied[0].clone();
    let proxy = Proxy::start(&advertised, &listener);
    let set = ["topic.metadata.refresh.interval.ms=500"].map(str::to_owned);
    let sources = Sources { brokers: Some(&proxy.address), set: &set, ..Sources::default() };
    let settings = KafkaSettings::from_sources(&sources).unwrap();
    let partition = (bus.topic("pipeline.deal_won"), 0);
    // No record stands at the last offset: the reader waits for one, and is there when the epoch changes.
    let span = Span { partition, from: Position(0), to: Position(RECORDS + 1) };
    let mut reader = SpanReader::open(&settings, &[span]).unwrap();
    let mut seen = Vec::new();
    let mut read = |what, seen: &mut Vec<i64>, done: &dyn Fn(&[i64]) -> bool| {
        let start = Instant::now();
        while !done(seen) {
            if let Next::Record(record) = reader.next(Duration::from_millis(50)).unwrap() {
                seen.push(record.offset.0);
            }
            assert!(start.elapsed() < PATIENCE, "{what}: {} records were read", seen.len());
        }
    };
    read("what is there", &mut seen, &|seen| seen.last() == Some(&(RECORDS - 1)));
    let (told, is_told) = sync_channel(1);
    proxy.rule(move |frame| match (frame.way, frame.api) {
        (Way::Reply, Api::OffsetForLeaderEpoch) => {
            told.try_send(()).ok();
            Fate::Shorten(RECORDS - READ)
        }
        _ => Fate::Pass,
    });
    cluster.stop();
    let cluster = Cluster::start(Kind::Proxied(1), Some(dir.path()));
    assert_eq!(cluster.broker.proxied[0].0, advertised);
    // By reading on: a client that heard of no brokers meanwhile finds its way back only when it is called.
    read("the client asks where the epoch ended", &mut seen, &|_| is_told.try_recv().is_ok());
    Sender::new(&bus.broker).send(&[record(RECORDS)]);
    read("one more", &mut seen, &|seen| seen.last() == Some(&RECORDS));
    assert!(seen.into_iter().eq(0..=RECORDS), "each record once, in order");
}

/// The router's own consumer does not go back by itself: it is told, and begins again at the group's position.
#[test]
fn a_router_whose_log_seems_to_be_cut_routes_each_fact_once() {
    let dir = tempfile::Builder::new().prefix("revbus-cut.").tempdir().unwrap();
    let cluster = Cluster::start(Kind::Proxied(1), Some(dir.path()));
    let (advertised, listener) = cluster.broker.proxied[0].clone();
    let proxy = Proxy::start(&advertised, &listener);
    let mut bus = Bus::lean(&cluster.broker, "cut", 1);
    bus.through = Some(proxy.address.clone());
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let mut cluster = Some(cluster);
    let router = bus.router_with("a", |command| command.args(["--set", "topic.metadata.refresh.interval.ms=500"]));
    let sent = while_flowing(&bus, 20, 20, || {
        audited(&audit, 200, PATIENCE);
        let (told, is_told) = sync_channel(1);
        let mut first = true;
        proxy.rule(move |frame| match (frame.way, frame.api) {
            (Way::Reply, Api::OffsetForLeaderEpoch) if std::mem::take(&mut first) => {
                told.try_send(()).ok();
                Fate::Shorten(100)
            }
            _ => Fate::Pass,
        });
        cluster.take().unwrap().stop();
        cluster = Some(Cluster::start(Kind::Proxied(1), Some(dir.path())));
        is_told.recv_timeout(PATIENCE).expect("the client asks where the epoch ended");
        let before = audit.count();
        audited(&audit, before + 200, PATIENCE);
    });
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
