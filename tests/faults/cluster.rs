//! The broker that the scenarios share which do not harm it.

use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::proxy::Proxy;
use crate::support::cluster::Kind;
use crate::support::{Broker, Bus, Cluster, Follower, eventually};

/// How many scenarios may use a proxy.
const PROXIES: usize = 14;

/// The broker, started when the first scenario asks.
pub fn shared() -> &'static Broker {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    &SHARED.get_or_init(|| Cluster::start(Kind::Proxied(PROXIES), None)).broker
}

/// A proxy before it that nobody else has.
pub fn proxy() -> Proxy {
    static TAKEN: Mutex<usize> = Mutex::new(0);
    let mut taken = TAKEN.lock().unwrap();
    let (advertised, listener) = &shared().proxied[*taken];
    *taken += 1;
    Proxy::start(advertised, listener)
}

/// A bus whose router is behind a proxy, and the trail of what it does.
pub fn behind(proxy: &Proxy, name: &str, partitions: u32) -> (Bus, Follower) {
    let mut bus = Bus::lean(shared(), name, partitions);
    bus.through = Some(proxy.address.clone());
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    (bus, audit)
}

/// Waits until every record that was sent is audited. In vain it waits in silence: the oracle says which are not.
pub fn settled(audit: &Follower, count: usize, within: Duration) {
    let start = Instant::now();
    let over = || audit.count() >= count || start.elapsed() > within;
    eventually("the oracle is asked", 2 * within, || over().then_some(()));
}

/// Waits until so many records have been audited.
pub fn audited(audit: &Follower, count: usize, within: Duration) {
    eventually(&format!("{count} facts are audited"), within, || (audit.count() >= count).then_some(()));
}
