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

#[test]
fn a_batch_is_open_for_its_time_or_as_long_as_the_one_before_was_being_delivered() {
    let mut machine = Machine::new(Limits { age: Duration::from_millis(100), ..small() });
    let mut offset = 0;
    // What comes at this time, and whether it makes the batch full.
    let mut comes = |machine: &mut Machine, event: Option<Event>, millis| {
        let mut actions = Vec::new();
        let record = [polled(P, offset), Event::Begun, Event::Sent(1)];
        let events = event.map_or_else(|| record.to_vec(), |event| vec![event]);
        offset += 1;
        events.into_iter().for_each(|event| machine.step(event, Duration::from_millis(millis), &mut actions));
        actions.iter().any(|action| matches!(action, Action::Commit(_)))
    };
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
        assert_eq!(comes(&mut machine, event, millis), full, "{millis}");
    }
}

#[test]
fn batches_are_as_large_as_the_cluster_takes_in_time() {
    let mut machine = Machine::new(Limits { records: 64, bytes: usize::MAX, age: Duration::from_secs(1), fenced: 2 });
    let (mut now, mut offset) = (Duration::ZERO, 0);
    // Fills a batch, which ends so after so long; gives how many records it had.
    let mut batch = |answers: &[(Event, u64)]| {
        let mut actions = Vec::new();
        let before = offset;
        while !actions.iter().any(|action| matches!(action, Action::Commit(_))) {
            for event in [polled(P, offset), Event::Begun, Event::Sent(1)] {
                machine.step(event, now, &mut actions);
            }
            offset += 1;
        }
        for (event, millis) in answers {
            now += Duration::from_millis(*millis);
            machine.step(event.clone(), now, &mut actions);
        }
        offset - before
    };
    let too_late = |failure| {
        let back = [Event::Aborted, Event::Rebuilt, Event::Sought, Event::Waited].map(|event| (event, 1));
        [&[(Event::Failed(failure), 8000)], &back[..]].concat()
    };
    let within = |millis| [(Event::Committed, millis)];
    let sizes = [
        batch(&too_late(Failure::Indeterminate)),
        batch(&too_late(Failure::MustAbort)),
        batch(&too_late(Failure::Unavailable)),
        // Quick enough to be sure, and not quick enough for more.
        batch(&within(3000)),
        batch(&within(3000)),
        batch(&within(4001)),
        batch(&within(1001)),
        batch(&within(1000)),
        batch(&within(10)),
        batch(&within(10)),
        batch(&within(10)),
        batch(&within(10)),
        batch(&within(10)),
    ];
    assert_eq!(sizes, [64, 32, 16, 8, 8, 8, 4, 4, 8, 16, 32, 64, 64]);
}
