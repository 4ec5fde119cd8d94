//! Two routers of one group, one of which comes and goes every second while records flow.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster::{settled, shared};
use crate::seed::{full, schedule};
use crate::support::http::metric;
use crate::support::read::members;
use crate::support::{Bus, Follower, Pace, eventually, while_flowing};

const PARTITIONS: u32 = 8;
/// Two workers a process, each a member of the group.
const WORKERS: usize = 2;
/// How many guests may come and go while a partition waits, by the median of their stays. Each takes partitions away twice,
/// when it comes and when it leaves, and whoever gets one reads the ledger first: on a machine with other work that takes
/// as long as a guest stays.
const MOST_GUESTS: u32 = 7;
/// That is less on a machine with time.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);
/// And more than this on none.
const SILENCE_ANYWHERE: Duration = Duration::from_secs(30);

#[test]
fn a_router_that_joins_and_leaves_every_second_disturbs_nothing() {
    let endings = schedule("a_router_that_joins_and_leaves", |random| {
        let one = |_| random.pick(&["TERM", "TERM", "TERM", "KILL"]);
        // The last one that is killed has a successor, too.
        (0..if full() { 400 } else { 12 }).map(one).chain(["TERM"]).collect::<Vec<_>>()
    });
    let bus = Bus::lean(shared(), "rebalance", PARTITIONS);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    let steady = bus.router("steady");
    let joined = |members_due| {
        eventually("the group settles", Duration::from_secs(120), || {
            (members(&bus.broker, &bus.group()) == Some(members_due)).then_some(())
        });
    };
    let mut stays = Vec::new();
    let sent = while_flowing(&bus, 10, 40, || {
        joined(WORKERS);
        let mut pace = Pace::every(Duration::from_secs(1));
        for ending in endings {
            pace.step();
            let came = Instant::now();
            // A short session: the group soon misses a guest that was killed.
            let mut guest = bus.router_with("guest", |command| command.args(["--set", "session.timeout.ms=3000"]));
            let address = guest.address();
            joined(2 * WORKERS);
            // A guest that was killed is a member until its session ends, so the group alone does not tell; and one that
            // is gone before all its workers have begun leaves the transactions of one that was killed to the broker,
            // which hides what stands behind them for up to 20 s.
            eventually("all its workers have partitions", Duration::from_secs(120), || {
                let share = i64::from(PARTITIONS) / 2;
                (metric(&address, "revbus_partitions_assigned") == Some(share)).then_some(())
            });
            stays.push(came.elapsed());
            match ending {
                // Until its session ends nobody has its partitions. A next guest that came before would be given them, and
                // four guests in a row that are killed, as some of four hundred are, would keep them from everybody.
                "KILL" => {
                    guest.kill();
                    joined(WORKERS);
                }
                _ => guest.stop(),
            }
        }
    });
    settled(&audit, sent.len(), Duration::from_secs(120));
    steady.stop();
    let (silence, around) = longest_silence(&audit);
    stays.sort_unstable();
    let allowed = (stays[stays.len() / 2] * MOST_GUESTS).clamp(LONGEST_SILENCE, SILENCE_ANYWHERE);
    assert!(silence < allowed, "silent for {silence:?} of {allowed:?}: {around}\n{}", logs(&bus));
    bus.judge(&sent);
}

/// What both routers said, but of dead letters.
fn logs(bus: &Bus) -> String {
    let said = |name: &str| std::fs::read_to_string(bus.dir.path().join(name)).unwrap_or_default();
    let both = ["router-steady.log", "router-guest.log"].map(said).join("\n");
    both.lines().filter(|line| !line.contains("dead letter")).collect::<Vec<_>>().join("\n")
}

/// The longest time between two audit records of one partition, which is the partition of the facts, and what they say.
fn longest_silence(audit: &Follower) -> (Duration, String) {
    let mut last: HashMap<i32, (Instant, Value)> = HashMap::new();
    let mut longest = (Duration::ZERO, String::new());
    for (at, record) in audit.seen().iter() {
        let json = record.json();
        if let Some((before, earlier)) = last.insert(record.partition, (*at, json.clone()))
            && *at - before > longest.0
        {
            longest = (*at - before, format!("{earlier}\n{json}"));
        }
    }
    assert_eq!(last.len(), PARTITIONS as usize, "every partition flowed");
    longest
}
