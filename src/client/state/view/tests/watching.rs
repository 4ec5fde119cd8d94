use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::super::batch::Batch;
use super::super::watch::{News, QUEUE, Watchers};
use super::super::{Watch, WatchEvent, WatchScope};
use super::*;

fn scope(module: Option<&str>, id: Option<&str>) -> WatchScope {
    let own = |text: &str| text.to_owned();
    WatchScope { tenant: "t1".to_owned(), module: module.map(own), entity_type: None, id: id.map(own) }
}

fn changed(tenant: &str, id: &str, version: u64) -> WatchEvent {
    let value = value(version);
    WatchEvent::Changed { key: account(tenant, id).to_owned(), entity: Entity::read(&value).unwrap().into_owned() }
}

/// A record that makes it so.
fn news(tenant: &str, id: &str, version: u64) -> News {
    News::of_entry(&entry(account(tenant, id), &value(version)))
}

/// What can be seen at once.
fn seen(watch: &mut Watch) -> Vec<Option<WatchEvent>> {
    let mut out = Vec::new();
    loop {
        let next = pin!(watch.next()).as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match next {
            Poll::Ready(None) => {
                out.push(None);
                return out;
            }
            Poll::Ready(event) => out.push(event),
            Poll::Pending => return out,
        }
    }
}

#[test]
fn a_watcher_sees_what_it_watches_and_nothing_of_another_tenant() {
    let watchers = Watchers::default();
    let mut all = watchers.add(scope(None, None));
    let mut one = watchers.add(scope(Some("customer_success"), Some("a")));
    let mut other = watchers.add(scope(Some("pipeline"), None));
    watchers.tell(&[news("t1", "a", 1), news("t2", "a", 2), news("t1", "b", 3)]);
    assert_eq!(seen(&mut all), [Some(changed("t1", "a", 1)), Some(changed("t1", "b", 3))]);
    assert_eq!(seen(&mut one), [Some(changed("t1", "a", 1))]);
    assert_eq!(seen(&mut other), []);
}

#[test]
fn a_slow_watcher_hears_how_many_it_missed_in_their_place_and_holds_up_nobody() {
    let watchers = Watchers::default();
    let (mut slow, mut quick) = (watchers.add(scope(None, None)), watchers.add(scope(None, None)));
    for version in 0..QUEUE as u64 + 5 {
        watchers.tell(&[news("t1", "a", version)]);
        assert_eq!(seen(&mut quick), [Some(changed("t1", "a", version))]);
    }
    let all = seen(&mut slow);
    assert_eq!(all.len(), QUEUE + 1);
    assert_eq!(all[QUEUE - 1], Some(changed("t1", "a", QUEUE as u64 - 1)));
    assert_eq!(all[QUEUE], Some(WatchEvent::Missed(5)));
    watchers.tell(&[news("t1", "a", 9999)]);
    assert_eq!(seen(&mut slow), [Some(changed("t1", "a", 9999))]);
}

#[test]
fn the_end_of_a_view_ends_its_watchers_also_later_ones() {
    let watchers = Watchers::default();
    let mut early = watchers.add(scope(None, None));
    watchers.tell(&[news("t1", "a", 1)]);
    watchers.end();
    assert_eq!(seen(&mut early), [Some(changed("t1", "a", 1)), None]);
    assert_eq!(seen(&mut watchers.add(scope(None, None))), [None]);
}

#[test]
fn a_watcher_that_is_dropped_is_forgotten() {
    let watchers = Watchers::default();
    drop(watchers.add(scope(None, None)));
    watchers.tell(&[news("t1", "a", 1)]);
    assert_eq!(watchers.count(), 0);
}

/// The record is read and not in the store yet when somebody begins to watch: what is there then lacks it.
#[test]
fn who_watches_first_and_reads_then_hears_of_every_change_behind_what_it_read() {
    let (dir, a) = (tempfile::tempdir().unwrap(), account("t1", "a"));
    let (disk, _) = Disk::open(dir.path(), &survey(9)).unwrap();
    disk.settle(&stand(0)).unwrap();
    for kept in [Kept::Memory(Memory::default()), Kept::Disk(disk)] {
        let shared = ready_of(kept, [entry(a, &value(1))]);
        let mut batch = Batch::new();
        for next in [entry(a, &value(2)), entry(a, b"")] {
            batch.push(next.clone(), Some(News::of_entry(&next)));
        }
        let mut watch = shared.watchers.add(scope(None, None));
        assert_eq!(shared.get(a).unwrap().unwrap().written.version, Version(1));
        assert_eq!(seen(&mut watch), []);
        shared.take_in(&mut batch, &stand(3)).unwrap();
        let deleted = WatchEvent::Deleted { key: a.to_owned(), written: None };
        assert_eq!(seen(&mut watch), [Some(changed("t1", "a", 2)), Some(deleted)]);
        assert_eq!(shared.get(a).unwrap(), None);
        shared.take_in(&mut batch, &stand(3)).unwrap();
        assert_eq!(seen(&mut watch), [], "once");
    }
}
