//! Two processes run under one instance id, and so with the same transactional ids.

use std::time::Duration;

use crate::cluster::{settled, shared};
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
