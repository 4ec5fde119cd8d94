//! Many dead letters pass through little memory.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::support::letters::{letter, mend, replay};
use crate::support::router::Router;
use crate::support::{Bus, Cluster, Sender, eventually};

#[test]
fn a_hundred_thousand_pass_in_bounded_memory() {
    const LETTERS: usize = 100_000;
    const MOST_KIB: u64 = 120_000;
    let bus = Bus::lean(Cluster::shared(), "million", 3);
    mend(&bus);
    let sender = Sender::new(&bus.broker);
    for slice in 0..LETTERS / 10_000 {
        let letters = (slice * 10_000..(slice + 1) * 10_000).map(|n| {
            let mut letter = letter(&bus, (n, (n % 3) as i32), &[]);
            // Blanks behind JSON are JSON.
            letter.value.as_mut().unwrap().extend([b' '; 2000]);
            letter
        });
        sender.send(&letters.collect::<Vec<_>>());
    }
    for verb in [&["list"][..], &["replay"], &["replay", "--yes"]] {
        let (said, most) = watched(&bus, bus.command(&[&["dlq"], verb].concat()));
        println!("{verb:?}: {most} KiB");
        assert!(said.contains("100000 dead letters"), "{verb:?}: {said}");
        assert!(most < MOST_KIB, "dlq {verb:?} took {most} KiB, of letters of 240 MB");
    }
    assert_eq!(replay(&bus, &[], 0)["stays"], json!({"sent_back": LETTERS}));
}

/// What a command prints, and the most memory that it had resident, in KiB.
fn watched(bus: &Bus, command: Command) -> (String, u64) {
    let log = bus.dir.path().join("watched.log");
    std::fs::remove_file(&log).ok();
    let mut running = Router::spawn(command, &log);
    let mut most = 0;
    let code = eventually("it ends", Duration::from_secs(300), || {
        most = most.max(running.most_resident().unwrap_or(0));
        running.ended()
    });
    assert_eq!(code, 0, "{}", running.output());
    (running.output(), most)
}
