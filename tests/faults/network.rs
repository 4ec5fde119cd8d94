//! What the network does to a router: connections that break, bytes that are lost on one way, delays, and requests and
//! replies of a transaction's end that get lost or come late.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::cluster::{audited, proxy, shared};
use crate::proxy::{Api, Fate, Frame, Proxy, Way};
use crate::seed::{Random, full, schedule};
use crate::support::{Bus, Follower, Pace, Sent, eventually, oracle, read, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

/// A bus whose router is behind a proxy, and the trail of what it does.
fn behind(proxy: &Proxy, name: &str, partitions: u32) -> (Bus, Follower) {
    let mut bus = Bus::lean(shared(), name, partitions);
    bus.through = Some(proxy.address.clone());
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    (bus, audit)
}

/// A router behind a proxy, load, and something that happens meanwhile; the oracle judges.
fn while_routing(name: &str, happens: impl FnOnce(&Proxy, &Follower)) {
    let proxy = proxy();
    let (bus, audit) = behind(&proxy, name, 4);
    let router = bus.router("a");
    let sent = while_flowing(&bus, 20, 20, || {
        audited(&audit, 200, PATIENCE);
        happens(&proxy, &audit);
        let before = audit.count();
        audited(&audit, before + 400, PATIENCE);
    });
    audited(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}

/// A disturbance, and how long it lasts.
#[derive(Debug, Clone, Copy)]
enum Weather {
    /// Connections break, and nobody gets through.
    Down,
    /// Requests are lost.
    Deaf,
    /// Replies are lost.
    Mute,
    /// Every frame takes so many milliseconds longer.
    Slow(u64),
    /// Each connection breaks in the middle of one of so many frames.
    Torn(usize),
}

const KINDS: [Weather; 5] = [Weather::Down, Weather::Deaf, Weather::Mute, Weather::Slow(150), Weather::Torn(30)];

impl Weather {
    fn begin(self, proxy: &Proxy) {
        let mut frames = 0;
        match self {
            Self::Down => proxy.down(),
            Self::Deaf => proxy.rule(|frame| if frame.way == Way::Request { Fate::Lose } else { Fate::Pass }),
            Self::Mute => proxy.rule(|frame| if frame.way == Way::Reply { Fate::Lose } else { Fate::Pass }),
            Self::Slow(millis) => proxy.rule(move |_| Fate::After(Duration::from_millis(millis))),
            Self::Torn(one_in) => proxy.rule(move |_| {
                frames += 1;
                if frames % one_in == 0 { Fate::Tear } else { Fate::Pass }
            }),
        }
    }
}

#[test]
fn a_bad_network_loses_nothing_and_doubles_nothing() {
    let storms = schedule("a_bad_network", |random| {
        let draw = |random: &mut Random, kind| (kind, Duration::from_millis(random.between(500, 5000) as u64));
        let rounds = if full() { 40 } else { 1 };
        let kinds: Vec<_> = (0..rounds).flat_map(|_| random.shuffled(&KINDS)).collect();
        kinds.into_iter().map(|kind| draw(random, kind)).collect::<Vec<_>>()
    });
    while_routing("storm", |proxy, audit| {
        for (weather, time) in storms {
            weather.begin(proxy);
            Pace::every(time).step();
            proxy.up();
            let before = audit.count();
            audited(audit, before + 100, PATIENCE);
        }
    });
}

/// The reply to EndTxn gets lost: the broker has committed, the router does not know.
#[test]
fn a_lost_reply_to_end_txn_is_found_out() {
    let fates = schedule("a_lost_reply_to_end_txn", |random| {
        // Cut: the client asks again. Lost in silence: its commit runs out of time, and the producer is made anew.
        let fates = random.shuffled(&[Fate::Cut, Fate::Lose]);
        let rounds = if full() { 30 } else { 1 };
        (0..rounds).flat_map(|_| fates.clone()).map(|fate| (fate, random.between(1, 8))).collect::<Vec<_>>()
    });
    while_routing("reply", |proxy, audit| {
        for (fate, nth) in fates {
            let (lost, was_lost) = sync_channel(1);
            let mut seen = 0;
            proxy.rule(move |frame| {
                seen += usize::from((frame.way, frame.api) == (Way::Reply, Api::EndTxn));
                if seen != nth || frame.api != Api::EndTxn {
                    return Fate::Pass;
                }
                seen += 1;
                lost.try_send(()).ok();
                fate
            });
            was_lost.recv_timeout(PATIENCE).expect("a transaction ends");
            let before = audit.count();
            audited(audit, before + 100, PATIENCE);
        }
    });
}

/// What a request that the network mislaid does when it is delivered in the middle of the next transaction.
struct Late {
    bus: Bus,
    proxy: Proxy,
    audit: Follower,
}

impl Late {
    fn new(name: &str) -> Self {
        let proxy = proxy();
        // One partition: one worker has all transactions.
        let (bus, audit) = behind(&proxy, name, 1);
        Self { bus, proxy, audit }
    }

    /// Mislays the `nth` request of a kind, whose connection breaks, so that the client sends it again; waits until
    /// all records of the next transaction are written, holds it there, and delivers. The broker's answers.
    fn deliver(&self, api: Api, nth: usize) -> Vec<Frame> {
        let (open, is_open) = sync_channel(1);
        let (mut seen, mut ended, mut written) = (0, false, false);
        self.proxy.rule(move |frame| {
            match (frame.way, frame.api) {
                (Way::Request, found) if found == api && seen < nth && !frame.aborts() => {
                    seen += 1;
                    if seen == nth {
                        return Fate::Keep;
                    }
                }
                (Way::Reply, Api::EndTxn) if seen == nth => ended = true,
                (Way::Reply, Api::Produce) if ended => written = true,
                (Way::Request, Api::AddOffsetsToTxn) if written => {
                    open.try_send(()).ok();
                    return Fate::After(PATIENCE);
                }
                _ => {}
            }
            Fate::Pass
        });
        is_open.recv_timeout(PATIENCE).expect("the next transaction has records");
        self.proxy.deliver()
    }
}

/// The limit of the guarantee that the README states. All transactions of a producer have one epoch (librdkafka speaks
/// the first version of Kafka's transactions), so an EndTxn that comes late ends the next one, and shows its records
/// without their positions. If the router dies before it has committed these as well, they are routed again.
#[test]
fn a_late_end_txn_and_a_crash_double_a_batch_which_the_client_cannot_rule_out() {
    let nth = schedule("a_late_end_txn_and_a_crash", |random| random.between(2, 8));
    let mut late = Late::new("late");
    let mut router = late.bus.router("a");
    let sent = while_flowing(&late.bus, 10, 10, || {
        let answers = late.deliver(Api::EndTxn, nth);
        assert_eq!(answers.iter().map(Frame::end_txn_error).collect::<Vec<_>>(), [0], "the broker takes it");
        router.kill();
    });
    late.bus.through = None;
    let router = late.bus.router("a");
    audited(&late.audit, sent.len() + 1, PATIENCE);
    let findings = eventually("nothing is missing", PATIENCE, || {
        let findings = findings(&late.bus, &sent);
        let missing = |finding: &String| finding.ends_with(" is missing") || finding.ends_with("was not audited");
        (!findings.iter().any(missing)).then_some(findings)
    });
    router.stop();
    assert_ne!(findings, Vec::<String>::new(), "the hazard is gone: say so in the README and in docs/faults.md");
    let doubled = |finding: &String| {
        ["is audited twice", "is there 2 times", "2 dead letters", "stands behind"]
            .iter()
            .any(|text| finding.contains(text))
    };
    let other: Vec<_> = findings.iter().filter(|finding| !doubled(finding)).collect();
    assert_eq!(other, Vec::<&String>::new(), "a batch is doubled, and nothing else");
}

/// The same without a crash: the rest of that transaction is committed in another one, and all is well.
#[test]
fn a_late_end_txn_alone_does_no_harm() {
    let nth = schedule("a_late_end_txn_alone", |random| random.between(2, 8));
    unharmed("alone", Api::EndTxn, nth);
}

/// Records have sequence numbers, so the broker knows one that it has already.
#[test]
fn a_late_produce_does_no_harm() {
    let nth = schedule("a_late_produce", |random| random.between(2, 8));
    unharmed("produce", Api::Produce, nth);
}

fn unharmed(name: &str, api: Api, nth: usize) {
    let late = Late::new(name);
    let router = late.bus.router("a");
    let sent = while_flowing(&late.bus, 10, 10, || {
        assert_eq!(late.deliver(api, nth).len(), 1);
        late.proxy.go_on();
        let before = late.audit.count();
        audited(&late.audit, before + 200, PATIENCE);
    });
    audited(&late.audit, sent.len(), PATIENCE);
    router.stop();
    late.bus.judge(&sent);
}

fn findings(bus: &Bus, sent: &[Sent]) -> Vec<String> {
    let facts = &sent[0].topic;
    let outputs: Vec<_> = read::topics(&bus.broker, &bus.prefix).into_iter().filter(|name| name != facts).collect();
    oracle::judge(&bus.prefix, sent, &read::drain(&bus.broker, &outputs))
}
