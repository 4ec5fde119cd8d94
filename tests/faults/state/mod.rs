//! Module state while routers die: what is asked over the wire, what must come of it, and who judges.

mod counters;
mod desk;
mod replay;
mod update;

use std::sync::mpsc::{TryRecvError, sync_channel};
use std::time::{Duration, Instant};

pub use update::catalogue;

use replay::{Replay, is_of_update};
use update::FACT;

use crate::support::{Bus, Follower, Pace, Record, Sender, Sent, eventually, oracle, read};

/// Sends `slice` updates `per_second` times a second while `body` runs; gives how many, and what `body` gave.
pub fn while_updating<T>(bus: &Bus, per_second: u32, slice: usize, body: impl FnOnce() -> T) -> (usize, T) {
    std::thread::scope(|scope| {
        let (stop, stopped) = sync_channel::<()>(1);
        let load = scope.spawn(move || {
            let (sender, mut pace, mut sent) = (Sender::new(&bus.broker), Pace::per_second(per_second), 0);
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                pace.step();
                sender.send(&update::mixed(bus, sent..sent + slice));
                sent += slice;
            }
            sent
        });
        let done = body();
        drop(stop);
        (load.join().unwrap(), done)
    })
}

/// Waits until all of these facts and updates are audited. In vain it waits in silence: the oracle says which are not.
pub fn settled(bus: &Bus, audit: &Follower, (facts, updates): (usize, usize), within: Duration) {
    let (emitted, start) = (bus.topic(FACT), Instant::now());
    eventually("the oracle is asked", 2 * within, || {
        let seen = audit.seen();
        let own = seen.iter().filter(|(_, record)| record.json()["source"]["topic"] != emitted.as_str()).count();
        (own >= facts + updates || start.elapsed() > within).then_some(())
    });
}

/// The oracle on facts, and on state; then `revbus verify`, which is told nothing of either. Panics with their findings.
pub fn judge(bus: &Bus, sent: &[Sent]) {
    let facts: std::collections::BTreeSet<_> = sent.iter().map(|fact| fact.topic.clone()).collect();
    let mut outputs = read::topics(&bus.broker, &bus.prefix);
    let state = ["revbus.state", "revbus.state_updates", "revbus.replies", FACT].map(|topic| bus.topic(topic));
    outputs.retain(|topic| !facts.contains(topic) && !state.contains(topic));
    let mut seen = read::drain(&bus.broker, &outputs);
    seen.retain(|record| !is_of_state(bus, record));
    let mut findings = oracle::judge(&bus.prefix, sent, &seen);
    findings.extend(Replay::of(bus).compare(bus));
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings[..findings.len().min(40)].join("\n"));
    bus.verify();
}

/// Whether an audit record or a dead letter tells of an update, or of a fact that one emitted.
fn is_of_state(bus: &Bus, record: &Record) -> bool {
    let dead = record.header("revbus.dead.topic") == Some(&bus.topic("revbus.state_updates"));
    dead || is_of_update(bus, record) || record.json()["source"]["topic"] == bus.topic(FACT).as_str()
}
