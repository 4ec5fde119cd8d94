//! Reading behind a write: with an entity that was deleted and created again, a version does not tell.

use super::super::ViewError;
use super::super::batch::Batch;
use super::*;

const WITHIN: Duration = Duration::from_secs(60);

/// Takes one more record in, and where the view stands behind it.
fn take_in(shared: &Shared, value: &[u8], at: i64) {
    let mut batch = Batch::new();
    batch.push(entry(account("t1", "a"), value), None);
    shared.take_in(&mut batch, &stand(at)).unwrap();
    shared.move_places(|places| places.at = stand(at).positions);
}

/// The follower's answer to who asks where the logs end.
fn look(shared: &Shared, end: i64) {
    let number = shared.asked();
    assert_eq!(number, 1, "somebody asked");
    shared.move_places(|places| (places.ends, places.look) = (BTreeMap::from([(0, end)]), number));
}

/// What is read behind the write that created the entity once more, while the view learns of what happened.
async fn behind(shared: &Shared, learn: impl FnOnce(&Shared)) -> Option<(u64, String)> {
    let is_it = |entity: &Entity<'_>| entity.written.event_id == "evt_create";
    let read = shared.get_behind(account("t1", "a"), WITHIN, is_it);
    let (found, ()) = tokio::join!(read, async { learn(shared) });
    found.unwrap().map(|entity| (entity.written.version.0, entity.written.event_id.into_owned()))
}

#[tokio::test]
async fn a_former_life_does_not_pass_for_a_later_one() {
    let shared = ready([entry(account("t1", "a"), &value(5))]);
    let read = behind(&shared, |shared| {
        take_in(shared, b"", 2);
        take_in(shared, &value_by(1, "evt_create"), 3);
    });
    assert_eq!(read.await, Some((1, "evt_create".to_owned())), "as soon as it is there");

    let shared = ready([entry(account("t1", "a"), &value(5))]);
    let read = behind(&shared, |shared| {
        look(shared, 4);
        take_in(shared, b"", 2);
        take_in(shared, &value_by(2, "evt_later"), 4);
    });
    assert_eq!(read.await, Some((2, "evt_later".to_owned())), "or a later one is");

    let shared = ready([entry(account("t1", "a"), &value(5))]);
    let read = behind(&shared, |shared| {
        look(shared, 3);
        take_in(shared, b"", 3);
    });
    assert_eq!(read.await, None, "or it is gone");
}

#[tokio::test]
async fn what_cannot_be_read_in_time_is_said() {
    let shared = ready([entry(account("t1", "a"), &value(5))]);
    let late = shared.get_behind(account("t1", "a"), Duration::ZERO, |_| false).await.unwrap_err();
    assert_eq!(late, ViewError::Deadline { key: "customer_success/account/a".to_owned(), within: Duration::ZERO });
    assert!(shared.get_behind(account("t1", "a"), Duration::ZERO, |_| true).await.unwrap().is_some());
}
