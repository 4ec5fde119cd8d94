//! What comes in is itself the fault: records that make every batch fail, and more bytes than fit into memory.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::cluster::{audited, settled, shared};
use crate::seed::{full, schedule};
use crate::support::{Bus, Expect, Follower, Outgoing, Pace, Sender, Sent, facts, while_flowing};

/// A good fact of its own entity with a note of so many bytes.
fn noted(bus: &Bus, sequence: usize, bytes: usize, triggers: &'static [&'static str]) -> (Outgoing, Expect) {
    let mut fact = facts::deal_won(sequence);
    fact["payload"]["data"]["note"] = json!("x".repeat(bytes));
    fact["payload"]["data"]["deal_id"] = json!(format!("noted_{sequence}"));
    let key = format!("{}/noted_{sequence}", fact["tenant_id"].as_str().unwrap());
    (bus.outgoing("pipeline.deal_won", &key, fact.to_string()), facts::routed(&fact, triggers))
}

/// Lowers a topic's limit behind the router's back.
fn lower_limit(bus: &Bus) {
    bus.broker.set_on_topic(&bus.topic("compensation.calculate"), "max.message.bytes=20000");
}

/// A fact whose command is beyond that limit.
fn poison(bus: &Bus, sender: &Sender, sequence: usize) -> Vec<Sent> {
    let (record, _) = noted(bus, sequence, 30_000, facts::DEAL_WON);
    facts::send(sender, vec![(record, Expect::Dead("produce_refused"))])
}

/// The broker refuses what comes of some records, for a limit that was lowered behind the router's back: each batch
/// that has one aborts, until it is found and buried; all others are routed.
#[test]
fn a_record_that_makes_every_batch_abort_is_found_and_buried() {
    let waits = schedule("a_record_that_makes_every_batch_abort", |random| {
        (0..if full() { 200 } else { 6 }).map(|_| random.between(100, 900) as u64).collect::<Vec<_>>()
    });
    let bus = Bus::lean(shared(), "poison", 2);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router("a");
    let mut poison = Vec::new();
    let mut sent = while_flowing(&bus, 10, 5, || {
        audited(&audit, 50, Duration::from_secs(60));
        lower_limit(&bus);
        let sender = Sender::new(&bus.broker);
        for (index, wait) in waits.into_iter().enumerate() {
            // Behind all sequence numbers of the load.
            poison.extend(self::poison(&bus, &sender, 10_000_000 + index));
            Pace::every(Duration::from_millis(wait)).step();
        }
    });
    sent.append(&mut poison);
    settled(&audit, sent.len(), Duration::from_secs(90));
    router.stop();
    bus.judge(&sent);
}

/// The same command in a process that gets no more than so much memory: who asks for more has asked in vain, and ends. What
/// counts is what may be written, stacks too, so those of threads are small.
fn limited(command: &Command, megabytes: u64) -> Command {
    let script = format!("ulimit -s 512 && ulimit -d {} && exec \"$0\" \"$@\"", megabytes << 10);
    let mut limited = Command::new("sh");
    limited.args(["-c", &script]).arg(command.get_program()).args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

/// A backlog of large events: in the full run, larger than the memory that the router may use.
#[test]
fn a_backlog_of_large_events_fits_into_256_mb() {
    const MEGABYTES: u64 = 256;
    const ONLY: &[&str] = &["compensation.calculate"];
    let catalogue = include_str!("../it/lean.yaml")
        .replace("          - forecast.validate\n", "")
        .replace("          - customer_success.onboard\n", "");
    let bus = Bus::new(shared(), "heavy", &catalogue, 4);
    bus.apply();
    let sender = Sender::new(&bus.broker);
    let mut sent = Vec::new();
    for first in (0..if full() { 10_000 } else { 1_000 }).step_by(50) {
        sent.extend(facts::send(&sender, (first..first + 50).map(|n| noted(&bus, n, 100_000, ONLY)).collect()));
        // Only dead letters are compared with what was sent; there are none.
        sent.iter_mut().for_each(|fact| fact.value = None);
    }
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let router = bus.router_with("a", |command| {
        *command = limited(command, MEGABYTES);
        command
    });
    settled(&audit, sent.len(), Duration::from_secs(300));
    let peak = router.peak_memory() >> 20;
    router.stop();
    bus.judge(&sent);
    println!("{peak} MB were resident");
    assert!(peak < MEGABYTES, "{peak} MB were resident");
}
