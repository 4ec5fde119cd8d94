use super::*;

#[test]
fn percentiles_are_those_of_what_was_counted() {
    let mut latency = Latency::default();
    assert_eq!(latency.percentile(50), None);
    for millis in 1..=100 {
        latency.add(millis);
    }
    assert_eq!([1, 50, 99, 100].map(|percent| latency.percentile(percent)), [Some(1), Some(50), Some(99), Some(100)]);
    latency.add(-5);
    latency.add(i64::MAX);
    assert_eq!([latency.percentile(0), latency.percentile(100)], [Some(0), Some(SLOWEST)]);
}

#[test]
fn what_is_not_decided_on_is_lost() {
    let tally = Tally { facts: 10, routed: 5, no_trigger: 2, dead: 1, other: 1, dead_letters: 1, ..Tally::default() };
    assert_eq!(tally.lost(), 1);
    let tally = Tally { no_trigger: 3, ..tally };
    assert!(tally.settled(10) && !tally.settled(11));
    assert!(!Tally { derived: 1, ..tally }.settled(10), "a command is still to come");
}
