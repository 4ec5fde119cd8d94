//! Histories made by hand, and large ones made by chance.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Answer, Ask, Call, Entity, Timed, check};
use crate::seed::Random;

/// One line of a history: when it was asked and answered, what, and with which result.
fn call(asked: u64, answered: u64, ask: Ask, answer: Answer) -> Timed<Call> {
    Timed { asked, answered: Some(answered), call: Call { ask, expected: None, answer } }
}

/// The same without an answer.
fn unanswered(asked: u64, ask: Ask) -> Timed<Call> {
    Timed { asked, answered: None, call: Call { ask, expected: None, answer: Answer::Unknown } }
}

fn at(version: u64, mut timed: Timed<Call>) -> Timed<Call> {
    timed.call.expected = Some(version);
    timed
}

fn put(value: u64) -> Ask {
    Ask::Put(n(value))
}

fn n(value: u64) -> Value {
    json!({ "n": value })
}

fn read(version: u64, value: u64) -> Answer {
    Answer::Read(Some((version, n(value))))
}

use Answer::{Conflict, Done, Read};

fn linear(name: &str, calls: &[Timed<Call>]) {
    assert_eq!(check::<Entity>(None, calls), Ok(()), "{name}");
}

fn not_linear(name: &str, calls: &[Timed<Call>]) {
    assert!(check::<Entity>(None, calls).is_err(), "{name}");
}

#[test]
fn what_one_order_explains_is_linearizable() {
    linear("nothing", &[]);
    linear(
        "one after the other",
        &[
            call(0, 1, Ask::Get, Read(None)),
            call(2, 3, put(1), Done(1)),
            call(4, 5, Ask::Patch(json!({"m": 2})), Done(2)),
            call(6, 7, Ask::Get, Read(Some((2, json!({"m": 2, "n": 1}))))),
            call(8, 9, Ask::Patch(json!({"n": null})), Done(3)),
            call(10, 11, Ask::Get, Read(Some((3, json!({"m": 2}))))),
            call(12, 13, Ask::Delete, Done(4)),
            call(14, 15, Ask::Delete, Conflict(0, None)),
            at(0, call(16, 17, put(5), Done(1))),
            at(0, call(18, 19, put(6), Conflict(1, Some(n(5))))),
        ],
    );
    linear(
        "the later one of two that overlap went first",
        &[call(0, 9, put(1), Done(2)), call(1, 8, put(2), Done(1)), call(10, 11, Ask::Get, read(2, 1))],
    );
    linear(
        "one of two won, and the other learns of it",
        &[at(0, call(0, 5, put(1), Done(1))), at(0, call(1, 6, put(2), Conflict(1, Some(n(1)))))],
    );
}

#[test]
fn a_lost_update_is_found() {
    not_linear(
        "two wrote the same version",
        &[call(0, 1, put(0), Done(1)), at(1, call(2, 5, put(1), Done(2))), at(1, call(3, 6, put(2), Done(2)))],
    );
    not_linear(
        "an increment that nobody sees",
        &[
            call(0, 1, put(1), Done(1)),
            at(1, call(2, 3, put(2), Done(2))),
            call(4, 5, Ask::Get, read(1, 1)),
            at(1, call(6, 7, put(2), Done(2))),
        ],
    );
}

#[test]
fn a_stale_read_is_found() {
    let written = [call(0, 1, put(1), Done(1)), call(2, 5, put(2), Done(2))];
    let with = |read| [&written[..], &[read]].concat();
    linear("a read beside the write may be early", &with(call(3, 4, Ask::Get, read(1, 1))));
    linear("or late", &with(call(3, 4, Ask::Get, read(2, 2))));
    not_linear("a read behind it may not", &with(call(6, 7, Ask::Get, read(1, 1))));
    not_linear("nor a conflict", &with(at(0, call(6, 7, put(3), Conflict(1, Some(n(1)))))));
    not_linear("nor a version with another's state", &with(call(6, 7, Ask::Get, read(2, 1))));
    not_linear(
        "nor what comes and goes",
        &[call(0, 9, put(1), Done(1)), call(1, 2, Ask::Get, read(1, 1)), call(3, 4, Ask::Get, Read(None))],
    );
}

#[test]
fn versions_are_neither_reused_nor_skipped() {
    not_linear("reused", &[call(0, 1, put(1), Done(1)), call(2, 3, put(2), Done(1))]);
    not_linear("skipped", &[call(0, 1, put(1), Done(1)), call(2, 3, put(2), Done(3))]);
    not_linear(
        "a life that goes on behind its end",
        &[call(0, 1, put(1), Done(1)), call(2, 3, Ask::Delete, Done(2)), call(4, 5, put(2), Done(3))],
    );
    not_linear("a conflict where there is none", &[at(0, call(0, 1, put(1), Conflict(0, None)))]);
}

#[test]
fn what_nobody_answered_takes_effect_once_or_never() {
    let first = [call(0, 1, put(1), Done(1)), unanswered(2, put(2))];
    let with = |more: &[Timed<Call>]| [&first[..], more].concat();
    linear("never", &with(&[call(4, 5, Ask::Get, read(1, 1)), call(6, 7, put(3), Done(2))]));
    linear("late", &with(&[call(4, 5, Ask::Get, read(1, 1)), call(6, 7, Ask::Get, read(2, 2))]));
    linear("before a version that it must have made", &with(&[call(4, 5, put(3), Done(3))]));
    not_linear("twice", &with(&[call(4, 5, Ask::Get, read(2, 2)), call(6, 7, Ask::Get, read(3, 2))]));
    not_linear("undone", &with(&[call(4, 5, Ask::Get, read(2, 2)), call(6, 7, Ask::Get, read(1, 1))]));
    not_linear("before it was asked", &[call(0, 1, Ask::Get, read(1, 2)), unanswered(2, put(2))]);
    not_linear(
        "at a version that was gone",
        &[
            call(0, 1, put(1), Done(1)),
            call(2, 3, put(3), Done(2)),
            at(1, unanswered(4, put(2))),
            call(6, 7, Ask::Get, read(3, 2)),
        ],
    );
}

#[test]
fn an_update_that_was_asked_twice_counts_once() {
    // One call, however often it was sent: from the first time to its answer.
    let asked = call(0, 9, put(1), Done(1));
    linear("once", &[asked.clone(), call(10, 11, Ask::Get, read(1, 1))]);
    not_linear("its repetition wrote too", &[asked.clone(), call(10, 11, Ask::Get, read(2, 1))]);
    not_linear(
        "its repetition undid another",
        &[asked, call(10, 11, put(2), Done(2)), call(12, 13, Ask::Get, read(3, 1))],
    );
}

/// Whether an entity is deleted now and then.
#[derive(PartialEq, Eq)]
enum Lives {
    One,
    Many,
}

/// What 16 clients see of an entity that does all right, where of so many answers to conditional writes one is lost.
fn by_chance(random: &mut Random, calls: u64, (lives, lost): (Lives, usize)) -> Vec<Timed<Call>> {
    let (mut out, mut entity): (Vec<Timed<Call>>, Option<(u64, u64)>) = (Vec::new(), None);
    let mut free = [0_u64; 16];
    for done in 0..calls {
        // It takes effect at its own moment; its client asked before and hears of it after.
        let moment = 100 * (done + 1);
        let client = random.below(16);
        let asked = free[client].max(moment.saturating_sub(random.between(1, 1000) as u64));
        let answered = moment + random.between(1, 1000) as u64;
        free[client] = answered + 1;
        if asked >= moment {
            continue;
        }
        let version = entity.map_or(0, |(version, _)| version);
        let expected = [None, Some(version), Some(version + 7)][random.below(3)];
        let mut timed = match (expected, random.below(10)) {
            (Some(wrong), _) if wrong != version => {
                call(asked, answered, put(done), Conflict(version, entity.map(|(_, value)| n(value))))
            }
            (_, 0) => {
                call(asked, answered, Ask::Get, entity.map_or(Read(None), |(version, value)| read(version, value)))
            }
            (_, 1) if lives == Lives::Many && entity.take().is_some() => {
                call(asked, answered, Ask::Delete, Done(version + 1))
            }
            _ => {
                entity = Some((version + 1, done));
                call(asked, answered, put(done), Done(version + 1))
            }
        };
        timed.call.expected = expected;
        if random.below(lost) == 0 && timed.call.ask != Ask::Get && expected.is_some() {
            (timed.answered, timed.call.answer) = (None, Answer::Unknown);
        }
        out.push(timed);
    }
    out
}

#[test]
fn ten_thousand_calls_of_sixteen_clients_are_judged_in_seconds() {
    let start = Instant::now();
    for (lives, lost) in [(Lives::One, 20), (Lives::One, 100), (Lives::Many, usize::MAX)] {
        let calls = by_chance(&mut Random::of(lost as u64), 15_000, (lives, lost));
        assert!(calls.len() > 10_000, "{}", calls.len());
        linear("all is right", &calls);
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn one_wrong_version_among_ten_thousand_calls_is_found() {
    let mut calls = by_chance(&mut Random::of(6), 15_000, (Lives::Many, usize::MAX));
    let late = calls.len() - 100;
    let wrong = calls.iter_mut().skip(late).find_map(|timed| match &mut timed.call.answer {
        Done(version) => Some(version),
        Conflict(..) | Read(_) | Answer::Unknown => None,
    });
    *wrong.unwrap() += 1;
    let stuck = check::<Entity>(None, &calls).unwrap_err();
    assert!(stuck.most > late - 200, "{stuck:?}");
}
