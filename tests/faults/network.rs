//! What the network does to a router: connections that break, bytes that are lost on one way, delays, and the lost
//! answer to a transaction's end.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::cluster::{audited, behind, proxy, settled};
use crate::proxy::{Api, Fate, Proxy, Way};
use crate::seed::{Random, full, schedule};
use crate::support::{Follower, Pace, while_flowing};

const PATIENCE: Duration = Duration::from_secs(90);

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
    settled(&audit, sent.len(), PATIENCE);
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
