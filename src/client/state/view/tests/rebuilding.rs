//! Reads that a rebuild overtakes: they are refused, or wait, and never give half of what there is.

use std::cell::Cell;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use super::super::{ListPage, ListScope, ViewError};
use super::*;

const SCOPE: ListScope<'static> = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };
const COUNT: usize = 600;

fn entries() -> impl Iterator<Item = Entry> {
    (0..COUNT).map(|n| entry(account("t1", &format!("{n:04}")), &value(1)))
}

fn memory(shared: &Shared) -> &Memory {
    match &shared.kept {
        Kept::Memory(memory) => memory,
        Kept::Disk(_) => panic!("it is in memory"),
    }
}

/// What the follower does where what it has cannot be trusted, and has read some of it again.
fn begin_again(shared: &Shared) {
    shared.begin_again();
    memory(shared).clear();
    memory(shared).apply(entries().take(300));
}

#[test]
fn a_list_that_a_rebuild_overtakes_is_refused_also_where_that_is_over_by_then() {
    for over in [false, true] {
        let shared = ready(entries());
        let begun = Cell::new(false);
        let filter = |_: &str, _: &Entity<'_>| {
            if !begun.replace(true) {
                begin_again(&shared);
                if over {
                    shared.answer_reads();
                }
            }
            true
        };
        let listed = shared.list(SCOPE, ListPage { limit: 1000, filter: Some(&filter), ..ListPage::default() });
        let restoring = listed.map(|listed| listed.entities.len());
        assert!(matches!(restoring, Err(ViewError::Restoring(_))), "over: {over}, {restoring:?}");
    }
}

#[test]
fn whoever_reads_while_the_view_begins_again_gets_all_or_an_error() {
    let shared = ready(entries());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..300 {
                begin_again(&shared);
                memory(&shared).apply(entries().skip(300));
                shared.answer_reads();
            }
            over.store(true, Ordering::Relaxed);
        });
        while !over.load(Ordering::Relaxed) {
            match shared.get(account("t1", "0599")) {
                Ok(found) => assert!(found.is_some(), "it is there"),
                Err(error) => assert!(matches!(error, ViewError::Restoring(_)), "{error}"),
            }
            match shared.list(SCOPE, ListPage { limit: 1000, ..ListPage::default() }) {
                Ok(listed) => assert_eq!(listed.entities.len(), COUNT),
                Err(error) => assert!(matches!(error, ViewError::Restoring(_)), "{error}"),
            }
        }
    });
}

/// Who has time waits, and asks anew where the logs end: it may be another topic by then.
#[tokio::test]
async fn a_read_with_a_deadline_waits_for_a_view_that_begins_again() {
    let shared = ready(entries());
    let mut read = pin!(shared.get_behind(account("t1", "0599"), Duration::from_secs(60), |_| false));
    let mut poll = || read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let looked = |number, end| {
        assert_eq!(shared.asked(), number);
        shared.move_places(|places| (places.ends, places.look) = (BTreeMap::from([(0, end)]), number));
    };
    assert!(poll().is_pending());
    looked(1, 9000);
    assert!(poll().is_pending(), "it stands before the end");
    begin_again(&shared);
    shared.move_places(|places| places.at = stand(0).positions);
    assert!(poll().is_pending(), "it has time");
    memory(&shared).apply(entries().skip(300));
    shared.answer_reads();
    shared.move_places(|places| places.at = stand(600).positions);
    assert!(poll().is_pending());
    looked(2, 600);
    let Poll::Ready(found) = poll() else { panic!("all is read that there is now") };
    assert_eq!(found.unwrap().map(|entity| entity.written.version), Some(Version(1)));
}
