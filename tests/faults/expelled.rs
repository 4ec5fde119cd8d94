//! A member that is put out of its group while it begins: it is frozen, for longer than its session, while it waits for the
//! group's positions. What it would say of where the group begins is refused then, however often it is said.

use std::time::Duration;

use crate::cluster::{behind, proxy, settled};
use crate::proxy::{Api, Fate, Way};
use crate::support::http::get;
use crate::support::read::members;
use crate::support::{Sender, eventually, facts};

const PATIENCE: Duration = Duration::from_secs(90);
/// The number of Kafka's request for a group's positions.
const OFFSET_FETCH: Api = Api::Other(9);

#[test]
fn a_member_that_is_expelled_while_it_begins_from_now_on_begins_again() {
    let proxy = proxy();
    let (bus, audit) = behind(&proxy, "expelled", 1);
    let mut joins = false;
    proxy.rule(move |frame| {
        joins |= frame.api == Api::SyncGroup;
        let lost = joins && (frame.way, frame.api) == (Way::Request, OFFSET_FETCH);
        if lost { Fate::Lose } else { Fate::Pass }
    });
    let latest = ["--start", "latest", "--set", "session.timeout.ms=3000"];
    let mut router = bus.lone_router("a", |command| command.args(latest));
    let address = router.address();
    let is_member = || members(&bus.broker, &bus.group()) == Some(1);
    eventually("it is a member", PATIENCE, || is_member().then_some(()));
    router.signal("STOP");
    eventually("it is none any more", PATIENCE, || (!is_member()).then_some(()));
    proxy.up();
    router.signal("CONT");
    eventually("it is ready", PATIENCE, || {
        assert_eq!(router.ended(), None, "{}", router.output());
        (get(&address, "/readyz").0 == 200).then_some(())
    });
    // Nobody says "ready" before it is known from where on it reads.
    let sent = facts::send(&Sender::new(&bus.broker), facts::mixed(&bus, 0..50, 7));
    settled(&audit, sent.len(), PATIENCE);
    router.stop();
    bus.judge(&sent);
}
