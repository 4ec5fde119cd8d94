use std::collections::BTreeMap;
use std::time::Duration;

use super::*;

const MINUTE: i64 = 60_000;
static NOTHING: BTreeMap<i32, Position> = BTreeMap::new();

/// A log of so many records a second, evenly, for so long until `NOW`.
#[derive(Clone, Copy)]
struct Even {
    a_second: i64,
    long: i64,
}

const NOW: i64 = 100_000 * MINUTE;

impl Even {
    fn log(self) -> Log {
        Log { low: 0, high: self.long / 1000 * self.a_second, known: 0 }
    }

    fn first_at(self, time: Timestamp) -> Option<Position> {
        let place = ((time.millis() - NOW + self.long) * self.a_second).div_euclid(1000).max(0);
        (place < self.log().high).then_some(Position(place))
    }
}

/// How it ends, how many offsets were read of each log, and how many steps it took. Of each log so many in a hundred
/// records take room.
fn read(logs: &[Even], window: i64, room: i64, of_hundred: &[i64]) -> (Reach, Vec<i64>, usize) {
    let since = Timestamp::from_millis(NOW - window);
    let recent = Recent { since, known: &NOTHING, room, least: 0, within: Duration::ZERO };
    let mut back = Backwards::from(logs.iter().map(|one| one.log()).collect(), recent, Timestamp::from_millis(NOW));
    for steps in 1..100 {
        let mut asked = 0;
        let step = back.step(|time| {
            asked += 1;
            Ok(logs.iter().map(|one| one.first_at(time)).collect())
        });
        let step = step.unwrap();
        assert!(asked < 25, "{asked} look-ups");
        assert!(step.from.iter().zip(back.begun()).all(|(from, before)| from <= before), "backwards only");
        let read: Vec<_> = logs.iter().zip(&step.from).map(|(one, from)| one.log().high - from).collect();
        let held: i64 = read.iter().zip(of_hundred).map(|(read, of_hundred)| read * of_hundred / 100).sum();
        match back.stepped(step, held) {
            Reach::Further => {}
            reach @ (Reach::Whole | Reach::Full(_)) => return (reach, read, steps),
        }
    }
    panic!("it does not end");
}

#[test]
fn what_is_little_is_read_at_once() {
    let logs = [Even { a_second: 10, long: 30 * MINUTE }, Even { a_second: 1, long: MINUTE }];
    assert_eq!(read(&logs, 10 * MINUTE, 1000, &[100, 100]), (Reach::Whole, vec![6000, 60], 1));
}

#[test]
fn no_more_is_read_than_there_is_room_for_and_the_newest_of_all() {
    let logs = [Even { a_second: 4000, long: 24 * 60 * MINUTE }, Even { a_second: 10, long: 24 * 60 * MINUTE }];
    let (reach, read, steps) = read(&logs, 24 * 60 * MINUTE, 500_000, &[100, 100]);
    let Reach::Full(since) = reach else { panic!("{reach:?}") };
    let seconds = (NOW - since.millis()) / 1000;
    // 500,000 are 125 s of both.
    assert!((124..=130).contains(&seconds), "{seconds} s");
    assert!(read[0] / 4000 - seconds < 2 && read[1] / 10 - seconds < 2, "{read:?} in {seconds} s");
    assert!(steps <= 6, "{steps}");
}

/// The audit partition has the records of other topics, which other workers have, and transactions that are small.
#[test]
fn what_takes_no_room_is_read_past() {
    let logs = [Even { a_second: 1000, long: 60 * MINUTE }];
    assert_eq!(read(&logs, 10 * MINUTE, 31_250, &[5]), (Reach::Whole, vec![600_000], 4));
    assert_eq!(read(&logs, 10 * MINUTE, 31_250, &[0]).0, Reach::Whole);
    let (reach, read, _) = read(&logs, 10 * MINUTE, 10_000, &[5]);
    assert!(matches!(reach, Reach::Full(_)) && (200_000..=260_000).contains(&read[0]), "{reach:?} {read:?}");
}

#[test]
fn what_was_read_before_is_not_read_again() {
    let known = Log { known: 950, ..Even { a_second: 1, long: 1_000_000 }.log() };
    let since = Timestamp::from_millis(NOW - 10 * MINUTE);
    let recent = Recent { since, known: &NOTHING, room: 10, least: 500, within: Duration::ZERO };
    let back = Backwards::from(vec![known], recent, Timestamp::from_millis(NOW));
    assert_eq!(back.step(|_| Ok(vec![Some(Position(400))])).unwrap().from, [950]);
}

#[test]
fn some_are_read_however_old() {
    let logs = vec![Log { low: 5, high: 1000, known: 0 }, Log { low: 990, high: 1000, known: 0 }];
    let since = Timestamp::from_millis(NOW - 10 * MINUTE);
    let recent = Recent { since, known: &NOTHING, room: 1000, least: 500, within: Duration::ZERO };
    let mut back = Backwards::from(logs, recent, Timestamp::from_millis(NOW));
    let step = back.step(|_| Ok(vec![None; 2])).unwrap();
    assert_eq!(step.from, [500, 990]);
    assert_eq!(back.stepped(step, 0), Reach::Whole);
}

/// A record that was written by a clock that goes ahead hides the times of all that stand behind it.
#[test]
fn where_times_tell_nothing_the_newest_offsets_are_read() {
    let log = Log { low: 0, high: 2_000_000, known: 0 };
    let since = Timestamp::from_millis(NOW - 10 * MINUTE);
    let recent = Recent { since, known: &NOTHING, room: 140_000, least: 0, within: Duration::ZERO };
    let mut back = Backwards::from(vec![log, Log { high: 0, ..log }], recent, Timestamp::from_millis(NOW));
    for from in [1_950_000, 1_860_000] {
        let step = back.step(|_| Ok(vec![Some(Position(1000)), None])).unwrap();
        assert_eq!(step.from, [from, 0]);
        let reach = back.stepped(step, 2_000_000 - from);
        // How far that is, nobody can say.
        let expected = if from == 1_950_000 { Reach::Further } else { Reach::Full(Timestamp::from_millis(NOW)) };
        assert_eq!(reach, expected);
    }
}

/// What is newest fills it nearly, and what is older takes no room: no step is smaller for that.
#[test]
fn steps_grow_where_nothing_takes_room() {
    let log = Even { a_second: 10_000, long: 10 * MINUTE };
    let since = Timestamp::from_millis(NOW - 10 * MINUTE);
    let recent = Recent { since, known: &NOTHING, room: 51_000, least: 0, within: Duration::ZERO };
    let mut back = Backwards::from(vec![log.log()], recent, Timestamp::from_millis(NOW));
    let steps = (1..100).find(|_| {
        let step = back.step(|time| Ok(vec![log.first_at(time)])).unwrap();
        back.stepped(step, 50_900) == Reach::Whole
    });
    assert!(steps.unwrap() < 12, "{steps:?}");
}
