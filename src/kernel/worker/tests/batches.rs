//! When a batch is full.

use super::*;

#[test]
fn a_batch_is_committed_when_full_and_when_quiet() {
    let mut machine = Machine::new(small());
    let events = [
        polled(P, 5),
        Event::Begun,
        Event::Sent(10),
        polled(Q, 7),
        Event::Sent(10),
        Event::Quiet,
        Event::Committed,
        polled(P, 6),
        Event::Begun,
        Event::Sent(2000),
        Event::Committed,
    ];
    assert_eq!(
        transcript(&mut machine, &events),
        ["begin", "route", "", "route", "", "commit 0,1", "", "begin", "route", "commit 0", ""]
    );
}

/// A machine that fills batches, and counts their records.
struct Filled {
    machine: Machine,
    now: Duration,
    offset: i64,
}

impl Filled {
    fn tell(&mut self, event: Event, millis: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        self.now += Duration::from_millis(millis);
        self.machine.step(event, self.now, &mut actions);
        actions
    }

    /// A record comes; whether the batch is full with it.
    fn record(&mut self) -> bool {
        self.tell(polled(P, self.offset), 0);
        self.tell(Event::Begun, 0);
        self.offset += 1;
        is_full(&self.tell(Event::Sent(1), 0))
    }

    /// Records come until the batch is full, which ends so; how many it had.
    fn batch(&mut self, answers: &[(Event, u64)]) -> i64 {
        let before = self.offset;
        while !self.record() {}
        answers.iter().for_each(|(event, millis)| drop(self.tell(event.clone(), *millis)));
        self.offset - before
    }

    fn fails(&mut self, failure: Failure, millis: u64) -> i64 {
        let back = [Event::Aborted, Event::Rebuilt, Event::Sought, Event::Waited].map(|event| (event, 1));
        self.batch(&[&[(Event::Failed(failure), millis)], &back[..]].concat())
    }

    fn passes(&mut self, millis: u64) -> i64 {
        self.batch(&[(Event::Committed, millis)])
    }
}

fn is_full(actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action, Action::Commit(_)))
}

fn filled() -> Filled {
    let limits = Limits { records: 64, bytes: usize::MAX, age: Duration::from_secs(1), fenced: 9 };
    Filled { machine: Machine::new(limits), now: Duration::ZERO, offset: 0 }
}

#[test]
fn a_batch_is_open_for_its_time_or_as_long_as_the_one_before_was_being_delivered() {
    let mut of = filled();
    of.machine = Machine::new(Limits { age: Duration::from_millis(100), ..small() });
    // What comes at this time, and whether it makes the batch full.
    for (event, millis, full) in [
        (None, 0, false),
        (None, 99, false),
        (None, 100, true),
        (Some(Event::Committed), 400, false),
        // The one before took 300 ms.
        (None, 1000, false),
        (None, 1299, false),
        (None, 1300, true),
        // Half a second at most.
        (Some(Event::Committed), 5000, false),
        (None, 6000, false),
        (None, 6499, false),
        (None, 6500, true),
        (Some(Event::Committed), 7001, false),
        (None, 7002, false),
        (None, 7501, false),
        (None, 7502, true),
    ] {
        of.now = Duration::from_millis(millis);
        let closes = match event {
            None => of.record(),
            Some(event) => is_full(&of.tell(event, 0)),
        };
        assert_eq!(closes, full, "{millis}");
    }
}

#[test]
fn batches_are_as_large_as_the_cluster_takes_in_time() {
    let mut of = filled();
    let halved =
        [Failure::Indeterminate, Failure::MustAbort, Failure::Unavailable].map(|failure| of.fails(failure, 8000));
    assert_eq!(halved, [64, 32, 16]);
    // Slowly: an eighth more, and one.
    assert_eq!([3000, 7000, 2001, 2000].map(|millis| of.passes(millis)), [8, 10, 12, 14]);
    assert_eq!([10; 4].map(|millis| of.passes(millis)), [28, 56, 64, 64]);
}

#[test]
fn what_says_nothing_of_their_size_changes_none() {
    let mut of = filled();
    // At each rebalance the open batch fails at once.
    assert_eq!([of.fails(Failure::MustAbort, 4000), of.passes(1)], [64, 64]);
    assert_eq!(of.fails(Failure::MustAbort, 4001), 64);
    // A few records, and positions, pass at any time.
    of.record();
    of.tell(Event::Quiet, 0);
    of.tell(Event::Committed, 1);
    assert!(matches!(of.tell(Event::Quiet, 1000)[..], [Action::CommitPositions]));
    of.tell(Event::Committed, 1);
    of.tell(Event::Rebalance(Rebalance::Assigned(vec![Q])), 1);
    of.tell(Event::Assigned, 1);
    of.tell(Event::NewRules(Refit::Nothing), 1);
    assert_eq!(of.passes(1), 32);
}

#[test]
fn a_record_that_cannot_be_sent_in_time_halves_too() {
    let mut of = filled();
    of.record();
    of.tell(polled(P, 1), 0);
    let sending =
        [(Event::QueueFull, 1), (Event::Failed(Failure::MustAbort), 8000), (Event::Aborted, 1), (Event::Sought, 1)];
    sending.into_iter().for_each(|(event, millis)| drop(of.tell(event, millis)));
    of.tell(Event::Waited, 1);
    assert_eq!(of.passes(1), 1, "half of two");
}
