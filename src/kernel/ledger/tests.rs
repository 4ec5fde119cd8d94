//! What counts, from when, and for how long.

use proptest::prelude::*;

use super::*;
use crate::ids::SourceId;

const PARTITION: SourcePartition = SourcePartition { topic: SourceId(3), partition: 1 };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
}

fn ledger(window: u64, ids: usize) -> Ledger {
    let limits = LedgerLimits { window: Duration::from_secs(window), ids };
    Ledger::new(LedgerKeys::new(&[7; 16]), limits)
}

fn key(ledger: &Ledger, id: &str) -> LedgerKey {
    ledger.keys().key(PARTITION, "acme", id)
}

fn knows(ledger: &Ledger, id: &str, now: i64) -> bool {
    ledger.of(PARTITION, at(now)).look("acme", id) == Look::Seen
}

fn remember(ledger: &mut Ledger, id: &str, now: i64) {
    ledger.remember(key(ledger, id), at(now));
}

#[test]
fn an_event_is_one_of_its_partition_and_tenant() {
    let mut ledger = ledger(600, 10);
    remember(&mut ledger, "evt_1", 0);
    ledger.commit(at(0));
    assert!(knows(&ledger, "evt_1", 1));
    assert!(!knows(&ledger, "evt_2", 1));
    let elsewhere = SourcePartition { partition: 2, ..PARTITION };
    assert_ne!(ledger.of(elsewhere, at(1)).look("acme", "evt_1"), Look::Seen);
    assert_ne!(ledger.of(PARTITION, at(1)).look("globex", "evt_1"), Look::Seen);
    // What separates tenant from id is not guessed from their letters.
    assert_ne!(ledger.of(PARTITION, at(1)).look("acmee", "vt_1"), Look::Seen);
}

#[test]
fn an_abort_leaves_it_as_it_was() {
    let mut ledger = ledger(600, 2);
    for id in ["evt_1", "evt_2"] {
        remember(&mut ledger, id, 0);
    }
    ledger.commit(at(0));
    for id in ["evt_3", "evt_1", "evt_4"] {
        remember(&mut ledger, id, 5);
    }
    assert!(knows(&ledger, "evt_3", 5), "the next record of a batch sees it");
    ledger.abort();
    let known = ["evt_1", "evt_2", "evt_3", "evt_4"].map(|id| knows(&ledger, id, 5));
    assert_eq!(known, [true, true, false, false]);
}

#[test]
fn it_forgets_by_age_and_by_number_and_says_how_far_it_reaches() {
    let mut ledger = ledger(600, 3);
    for (now, id) in [(0, "evt_1"), (10, "evt_2"), (20, "evt_3")] {
        remember(&mut ledger, id, now);
        ledger.commit(at(now));
    }
    assert!(knows(&ledger, "evt_1", 600) && !knows(&ledger, "evt_1", 602));
    assert_eq!(ledger.reach(at(30)), Duration::from_secs(600));
    remember(&mut ledger, "evt_4", 30);
    ledger.commit(at(30));
    assert_eq!((ledger.len(), knows(&ledger, "evt_1", 30)), (3, false));
    assert_eq!(ledger.reach(at(100)), Duration::from_secs(100), "evt_1 of second 0 had to leave");
    remember(&mut ledger, "evt_5", 1000);
    ledger.commit(at(1000));
    assert_eq!((ledger.len(), ledger.reach(at(1000))), (1, Duration::from_secs(600)));
}

#[test]
fn what_is_read_back_takes_its_place_in_time() {
    let mut ledger = ledger(600, 3);
    for (now, id) in [(50, "evt_new"), (60, "evt_newer")] {
        remember(&mut ledger, id, now);
        ledger.commit(at(now));
    }
    let old = ["evt_old", "evt_older", "evt_new"].map(|id| key(&ledger, id));
    let past = [(old[0], 40), (old[1], 30), (old[2], 50)].map(|(key, now)| Remembered { key, at: at(now) });
    ledger.absorb(&past, Some(at(30)), at(60));
    let known = ["evt_older", "evt_old", "evt_new", "evt_newer"].map(|id| knows(&ledger, id, 60));
    assert_eq!((known, ledger.len()), ([false, true, true, true], 3), "the oldest left");
    assert_eq!(ledger.reach(at(100)), Duration::from_secs(70));
}

/// As after an end that nobody knows: what is remembered was committed, whatever the trail says by now.
#[test]
fn what_is_known_and_read_back_once_more_takes_no_more_room() {
    let mut ledger = ledger(600, 3);
    for (id, now) in [("evt_1", 0), ("evt_2", 1), ("evt_3", 2)] {
        remember(&mut ledger, id, now);
        ledger.commit(at(now));
    }
    let past =
        [("evt_1", 0), ("evt_2", 0), ("evt_3", 1)].map(|(id, now)| Remembered { key: key(&ledger, id), at: at(now) });
    ledger.absorb(&past, None, at(3));
    assert_eq!(["evt_1", "evt_2", "evt_3"].map(|id| knows(&ledger, id, 3)), [true; 3]);
    ledger.absorb(&[], None, at(4));
    assert_eq!(
        ["evt_1", "evt_2", "evt_3"].map(|id| knows(&ledger, id, 4)),
        [true; 3],
        "nothing read is nothing undone"
    );
    // Another's clock is ahead.
    let past =
        [("evt_1", 2), ("evt_2", 3), ("evt_3", 4)].map(|(id, now)| Remembered { key: key(&ledger, id), at: at(now) });
    ledger.absorb(&past, None, at(4));
    assert_eq!(["evt_1", "evt_2", "evt_3"].map(|id| knows(&ledger, id, 602)), [true; 3]);
    assert_eq!((ledger.len(), ledger.reach(at(602))), (3, Duration::from_secs(600)));
}

#[test]
fn without_window_or_ids_it_remembers_nothing() {
    for (window, ids) in [(0, 10), (600, 0)] {
        let mut ledger = ledger(window, ids);
        remember(&mut ledger, "evt_1", 0);
        ledger.commit(at(0));
        assert!(!knows(&ledger, "evt_1", 0) && ledger.is_empty());
    }
}

#[derive(Debug, Clone)]
enum Step {
    Remember(u8),
    Commit,
    Abort,
    Pass(u8),
    ReadBack(Vec<(u8, u8)>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<u8>().prop_map(|id| Step::Remember(id % 40)),
        2 => Just(Step::Commit),
        1 => Just(Step::Abort),
        1 => any::<u8>().prop_map(Step::Pass),
        1 => proptest::collection::vec((0..40_u8, 0..50_u8), 0..20).prop_map(Step::ReadBack),
    ]
}

const WINDOW: i64 = 300;
const IDS: usize = 20;

fn settle(list: &mut Vec<(u8, i64)>, now: i64) {
    list.retain(|(_, then)| now - then <= WINDOW);
    list.drain(..list.len().saturating_sub(IDS));
}

proptest! {
    /// Against a plain list, whatever happens: the same events are known.
    #[test]
    fn it_agrees_with_a_plain_list(steps in proptest::collection::vec(step(), 0..200)) {
        let mut ledger = ledger(WINDOW.unsigned_abs(), IDS);
        // The second of each event; numbers from `settled` on are the open batch's.
        let (mut list, mut settled, mut now): (Vec<(u8, i64)>, usize, i64) = (Vec::new(), 0, 1000);
        for step in steps {
            let settles = matches!(step, Step::Commit | Step::ReadBack(_));
            match step {
                Step::Remember(id) => {
                    remember(&mut ledger, &id.to_string(), now);
                    list.push((id, now));
                }
                Step::Commit => ledger.commit(at(now)),
                Step::Abort => {
                    ledger.abort();
                    list.truncate(settled);
                }
                Step::Pass(seconds) => now += i64::from(seconds),
                Step::ReadBack(past) => {
                    ledger.commit(at(now));
                    settle(&mut list, now);
                    let past: Vec<_> = past.into_iter().map(|(id, ago)| (id, now - i64::from(ago))).collect();
                    let is_new = |(id, then): &(u8, i64)| list.iter().all(|(known, at)| known != id || at < then);
                    let read = past.iter().map(|(id, then)| Remembered { key: key(&ledger, &id.to_string()), at: at(*then) });
                    ledger.absorb(&read.collect::<Vec<_>>(), None, at(now));
                    let new: Vec<_> = past.into_iter().filter(is_new).collect();
                    list.retain(|(known, _)| new.iter().all(|(id, _)| id != known));
                    list.extend(new);
                    list.sort_by_key(|(id, then)| (*then, key(&ledger, &id.to_string())));
                    list.dedup();
                    settled = list.len();
                }
            }
            if settles {
                settle(&mut list, now);
                settled = list.len();
            }
            for id in 0..40 {
                let expected = list.iter().any(|(known, then)| *known == id && now - then <= WINDOW);
                prop_assert_eq!(knows(&ledger, &id.to_string(), now), expected, "{}", id);
            }
        }
    }
}
