//! The machine driven without Kafka: transcripts of what it must do; `simulation.rs` has what no one thought of.

mod batches;
mod simulation;

use std::time::Duration;

use super::*;

const P: SourcePartition = SourcePartition { topic: SourceId(0), partition: 0 };
const Q: SourcePartition = SourcePartition { topic: SourceId(0), partition: 1 };

fn small() -> Limits {
    Limits { records: 4, bytes: 1000, age: Duration::from_secs(1), fenced: 2 }
}

/// Steps through events; one line of actions for each.
fn transcript(machine: &mut Machine, events: &[Event]) -> Vec<String> {
    let mut lines = Vec::new();
    for event in events {
        let mut actions = Vec::new();
        machine.step(event.clone(), Duration::from_millis(1), &mut actions);
        lines.push(actions.iter().map(name).collect::<Vec<_>>().join(" "));
    }
    lines
}

#[allow(clippy::wildcard_enum_match_arm, reason = "every other one by its name")]
fn name(action: &Action) -> String {
    match action {
        Action::Seek(to) => {
            format!("seek {}", to.iter().map(|(p, o)| format!("{}@{}", p.partition, o.0)).collect::<Vec<_>>().join(","))
        }
        Action::Commit(of) => {
            format!("commit {}", of.iter().map(|p| p.partition.to_string()).collect::<Vec<_>>().join(","))
        }
        other => format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_lowercase(),
    }
}

fn polled(partition: SourcePartition, offset: i64) -> Event {
    Event::Polled(partition, RecordOffset(offset))
}

#[test]
fn after_an_abort_every_partition_goes_back() {
    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Sent(1),
        polled(Q, 7),
        Event::Sent(1),
        polled(P, 6),
        Event::Sent(1),
        Event::Quiet,
        Event::Failed(Failure::MustAbort),
        Event::Aborted,
        Event::Sought,
        Event::Waited,
    ];
    assert_eq!(transcript(&mut machine, &events)[7..], ["commit 0,1", "abort", "seek 0@5,1@7", "wait", ""]);
}

#[test]
fn an_indeterminate_commit_costs_the_producer_and_asks_the_broker() {
    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Sent(1),
        Event::Quiet,
        Event::Failed(Failure::Indeterminate),
        Event::Failed(Failure::Unavailable),
        Event::Waited,
        Event::Rebuilt,
        Event::Sought,
    ];
    assert_eq!(transcript(&mut machine, &events)[3..], ["commit 0", "rebuild", "wait", "rebuild", "resume", "wait"]);
}

#[test]
fn revoked_in_mid_batch_commits_first_and_lost_aborts_first() {
    let revoked = Event::Rebalance(Rebalance::Revoked(vec![P]));
    let mut machine = Machine::new(small());
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), revoked, Event::Committed, Event::Unassigned];
    assert_eq!(transcript(&mut machine, &events)[3..], ["commit 0", "unassign", ""]);

    let lost = Event::Rebalance(Rebalance::Lost(vec![P]));
    let mut machine = Machine::new(small());
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), lost, Event::Aborted, Event::Sought, Event::Unassigned];
    assert_eq!(transcript(&mut machine, &events)[3..], ["abort", "seek 0@5", "unassign", ""]);
}

#[test]
fn a_full_queue_waits_with_the_same_record() {
    let mut machine = Machine::new(small());
    let events = [polled(P, 5), Event::Begun, Event::QueueFull, Event::QueueFull, Event::Sent(1), Event::Quiet];
    assert_eq!(transcript(&mut machine, &events), ["begin", "route", "resend", "resend", "", "commit 0"]);
}

#[test]
fn a_refused_record_is_looked_for_and_buried_alone() {
    let mut machine = Machine::new(small());
    let back = [Event::Failed(Failure::Refused), Event::Aborted, Event::Sought];
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), polled(P, 6), Event::Sent(1), Event::Quiet];
    assert_eq!(transcript(&mut machine, &events), ["begin", "route", "", "route", "", "commit 0"]);
    assert_eq!(transcript(&mut machine, &back), ["abort", "seek 0@5", ""]);
    // Half of two is one.
    let events =
        [polled(P, 5), Event::Begun, Event::Sent(1), Event::Committed, polled(P, 6), Event::Begun, Event::Sent(1)];
    assert_eq!(transcript(&mut machine, &events), ["begin", "route", "commit 0", "", "begin", "route", ""]);
    assert_eq!(transcript(&mut machine, &[Event::Quiet]), ["commit 0"]);
    assert_eq!(transcript(&mut machine, &back), ["abort", "seek 0@6", ""]);
    let buried = [polled(P, 6), Event::Begun, Event::Sent(1), Event::Quiet];
    assert_eq!(transcript(&mut machine, &buried), ["begin", "bury", "", "commit 0"]);
    // Its dead letter is refused, too.
    assert_eq!(transcript(&mut machine, &back), ["abort", "seek 0@6", "wait"]);
    let events = [Event::Waited, polled(P, 6), Event::Begun];
    assert_eq!(transcript(&mut machine, &events), ["", "begin", "bury"]);
}

#[test]
fn a_record_that_cannot_even_be_queued_is_buried_at_once() {
    let mut machine = Machine::new(small());
    let refused = Event::Failed(Failure::Refused);
    let events = [polled(P, 5), Event::Begun, refused, Event::Aborted, Event::Sought, polled(P, 5), Event::Begun];
    assert_eq!(transcript(&mut machine, &events), ["begin", "route", "abort", "seek 0@5", "", "begin", "bury"]);
}

#[test]
fn a_position_outside_its_log_is_resolved_anew() {
    let mut machine = Machine::new(small());
    let displaced = Event::Failed(Failure::Displaced);
    assert_eq!(transcript(&mut machine, &[displaced.clone(), Event::Sought, Event::Waited]), ["resume", "wait", ""]);
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), displaced, Event::Rebuilt];
    assert_eq!(transcript(&mut machine, &events)[3..], ["rebuild", "resume"]);
}

#[test]
fn fenced_twice_in_five_minutes_ends() {
    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Failed(Failure::Fenced),
        Event::Rebuilt,
        Event::Sought,
        Event::Waited,
        polled(P, 5),
        Event::Begun,
        Event::Sent(1),
        Event::Quiet,
        Event::Failed(Failure::Fenced),
    ];
    assert_eq!(
        transcript(&mut machine, &events)[2..],
        ["rebuild", "resume", "wait", "", "begin", "route", "", "commit 0", "end"]
    );
}

#[test]
fn who_is_fenced_for_good_gives_back_first_what_the_group_takes() {
    let mut machine = Machine::new(Limits { fenced: 1, ..small() });
    let lost = Event::Rebalance(Rebalance::Lost(vec![P]));
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), lost, Event::Failed(Failure::Fenced)];
    assert_eq!(transcript(&mut machine, &events)[3..], ["abort", "rebuild"]);
    let mut machine = Machine::new(Limits { fenced: 1, ..small() });
    machine.fenced = Some((Duration::ZERO, 1));
    assert_eq!(transcript(&mut machine, &events)[3..], ["abort", "end unassign"], "the last is carried out first");
}

#[test]
fn a_worker_with_patience_waits_and_tries_again() {
    let mut machine = Machine::new(Limits { fenced: 3, ..small() });
    let fenced = Event::Failed(Failure::Fenced);
    let round = [polled(P, 5), Event::Begun, fenced];
    assert_eq!(transcript(&mut machine, &round)[2..], ["rebuild"]);
    assert_eq!(transcript(&mut machine, &[Event::Rebuilt, Event::Sought, Event::Waited]), ["resume", "wait", ""]);
    assert_eq!(transcript(&mut machine, &round)[2..], ["wait"]);
    let back = [Event::Waited, Event::Rebuilt, Event::Sought, Event::Waited];
    assert_eq!(transcript(&mut machine, &back), ["rebuild", "resume", "wait", ""]);
    assert_eq!(transcript(&mut machine, &round)[2..], ["end"]);
}

#[test]
fn a_stop_finishes_the_batch_and_leaves() {
    let mut machine = Machine::new(small());
    let events = [polled(P, 5), Event::Begun, Event::Sent(1), Event::Stop, Event::Committed, Event::Left];
    assert_eq!(transcript(&mut machine, &events)[3..], ["commit 0", "leave", "end"]);

    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Failed(Failure::Indeterminate),
        Event::Failed(Failure::Unavailable),
        Event::Stop,
    ];
    assert_eq!(transcript(&mut machine, &events)[2..], ["rebuild", "wait", "leave"]);
}

#[test]
fn what_the_group_takes_is_given_back_before_leaving_though_the_engine_is_broken() {
    let mut machine = Machine::new(small());
    let broken = |rebalance| {
        [
            polled(P, 5),
            Event::Begun,
            Event::Sent(1),
            Event::Rebalance(rebalance),
            Event::Failed(Failure::Indeterminate),
            Event::Failed(Failure::Unavailable),
            Event::Stop,
            Event::Unassigned,
            Event::Left,
        ]
    };
    let seen = transcript(&mut machine, &broken(Rebalance::Revoked(vec![P])));
    assert_eq!(seen, ["begin", "route", "", "commit 0", "rebuild", "wait", "unassign", "leave", "end"]);
    let seen = transcript(&mut Machine::new(small()), &broken(Rebalance::Lost(vec![P])));
    assert_eq!(seen[3..], ["abort", "rebuild", "wait", "unassign", "leave", "end"]);
    // What it would be given needs the engine, and is not wanted any more.
    let seen = transcript(&mut Machine::new(small()), &broken(Rebalance::Assigned(vec![Q])));
    assert_eq!(seen[3..], ["commit 0", "rebuild", "wait", "leave", "", "end"]);
}

#[test]
fn new_rules_are_taken_between_batches_and_a_refusal_under_the_old_ones_is_forgotten() {
    let mut machine = Machine::new(small());
    let refused = [polled(P, 5), Event::Begun, Event::Failed(Failure::Refused), Event::Aborted, Event::Sought];
    assert_eq!(transcript(&mut machine, &refused), ["begin", "route", "abort", "seek 0@5", ""]);
    let events = [Event::NewRules(Refit::Nothing), polled(P, 5), Event::Begun];
    assert_eq!(transcript(&mut machine, &events), ["", "begin", "route"], "not buried: it may be good now");
    let events = [Event::Sent(10), Event::Committed, Event::NewRules(Refit::Positions), Event::Sought];
    assert_eq!(transcript(&mut machine, &events), ["commit 0", "", "resume", ""]);
    let events = [Event::NewRules(Refit::Producer), Event::Failed(Failure::Unavailable), Event::Waited, Event::Rebuilt];
    assert_eq!(transcript(&mut machine, &events), ["rebuild", "wait", "rebuild", "resume"]);
}

/// The first records of two partitions, each refused: what is fetched already of the one comes before the other is again.
#[test]
fn records_of_two_partitions_that_are_refused_do_not_take_turns() {
    let mut machine = Machine::new(small());
    let refused = |one: SourcePartition| {
        [
            polled(one, 5),
            Event::Begun,
            Event::Sent(1),
            Event::Quiet,
            Event::Failed(Failure::Refused),
            Event::Aborted,
            Event::Sought,
        ]
    };
    transcript(&mut machine, &refused(P));
    transcript(&mut machine, &refused(Q));
    for one in [P, Q] {
        let buried = [polled(one, 5), Event::Begun, Event::Sent(1), Event::Quiet, Event::Committed];
        assert_eq!(transcript(&mut machine, &buried)[..2], ["begin", "bury"]);
        // It is committed: whatever stands there once more is another record.
        let again = [polled(one, 5), Event::Begun, Event::Sent(1), Event::Quiet, Event::Committed];
        assert_eq!(transcript(&mut machine, &again)[..2], ["begin", "route"]);
    }
}

/// Two records that are refused as they are sent, one behind the other: neither keeps the other from being buried.
#[test]
fn records_that_are_refused_when_they_are_sent_do_not_take_turns() {
    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Sent(1),
        polled(P, 6),
        Event::Failed(Failure::Refused),
        Event::Aborted,
        Event::Sought,
        polled(P, 5),
        Event::Begun,
        Event::Failed(Failure::Refused),
        Event::Aborted,
        Event::Sought,
        polled(P, 5),
        Event::Begun,
        Event::Sent(1),
    ];
    assert_eq!(transcript(&mut machine, &events)[12..], ["begin", "bury", "commit 0"]);
}
