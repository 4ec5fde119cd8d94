//! Two processes at once: under one instance id, and so with the same transactional ids; or as the first two of a bus.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::cluster::{proxy, settled, shared};
use crate::proxy::{Api, Fate, Way};
use crate::support::read::members;
use crate::support::{Bus, Follower, Pace, Router, Sender, eventually, facts};

#[test]
fn of_two_processes_with_one_instance_id_one_ends_with_exit_code_4() {
    let bus = Bus::lean(shared(), "twins", 8);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let twin = |log: &str| Router::spawn(bus.router_command("same"), &bus.dir.path().join(log));
    let mut twins = [twin("first.log"), twin("second.log")];
    let (sender, mut pace, mut sent) = (Sender::new(&bus.broker), Pace::per_second(20), Vec::new());
    // A fenced producer only hears of it when it commits, so records flow.
    let fenced = eventually("one of them ends", Duration::from_secs(90), || {
        pace.step();
        sent.extend(facts::send(&sender, facts::mixed(&bus, sent.len()..sent.len() + 20, 10)));
        let ended = [twins[0].ended(), twins[1].ended()];
        (0..2).find(|index| ended[*index].is_some())
    });
    let [first, second] = twins;
    let (mut ended, survivor) = if fenced == 0 { (first, second) } else { (second, first) };
    assert_eq!(ended.exit_within(Duration::from_secs(1)), 4, "{}", ended.output());
    assert!(ended.output().contains("same"), "its sentence names the id: {}", ended.output());
    settled(&audit, sent.len(), Duration::from_secs(60));
    survivor.stop();
    bus.judge(&sent);
}

/// Whoever begins asks whether the group has positions, and where it has none, whether the bus was routed before. A peer that
/// begins between the two questions gives it both.
#[test]
fn a_peer_that_begins_meanwhile_is_no_bus_that_was_routed_before() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let proxy = proxy();
    let mut bus = Bus::lean(shared(), "both", 4);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let ((asks, asked), (go, goes)) = (sync_channel(1), sync_channel(1));
    let (mut has_none, mut waited) = (false, false);
    proxy.rule(move |frame| {
        has_none |= (frame.way, frame.api) == (Way::Reply, Api::OffsetFetch);
        if has_none && !waited && (frame.way, frame.api) == (Way::Request, Api::ListOffsets) {
            waited = true;
            asks.send(()).ok();
            goes.recv_timeout(PATIENCE).ok();
        }
        Fate::Pass
    });
    let sender = Sender::new(&bus.broker);
    let mut sent = facts::send(&sender, facts::mixed(&bus, 0..50, 10));
    // On its way, and soon done: the second does not wait long for its answer.
    let first = bus.router_with("first", |command| command.env("REVBUS_FAIL_POINT", "STOP:before_commit:1"));
    eventually("the first has all but committed", PATIENCE, || first.is_stopped().then_some(()));
    bus.through = Some(proxy.address.clone());
    let mut second = Router::spawn(bus.router_command("second"), &bus.dir.path().join("second.log"));
    bus.through = None;
    asked.recv_timeout(PATIENCE).expect("the second asks for the trail");
    first.signal("CONT");
    eventually("the first has committed", PATIENCE, || (audit.count() > 0).then_some(()));
    go.send(()).unwrap();
    eventually("the second takes part", PATIENCE, || {
        assert_eq!(second.ended(), None, "{}", second.output());
        (members(&bus.broker, &bus.group()) == Some(4)).then_some(())
    });
    sent.extend(facts::send(&sender, facts::mixed(&bus, 50..100, 10)));
    settled(&audit, sent.len(), PATIENCE);
    first.stop();
    second.stop();
    bus.judge(&sent);
}
