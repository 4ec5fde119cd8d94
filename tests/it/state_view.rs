//! Reading state: a view of a topic that a transactional producer writes, as a router would.

mod fixture;
mod full;
mod reopened;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use revbus::client::state::view::{
    Change, ChangeTo, ListPage, ListScope, Store, ViewError, WatchEvent, WatchScope, history,
};
use revbus::state::{Entity, NewerState, Version};

use crate::support::{Cluster, eventually};
use fixture::{Topic, account, block_on, version};

const LATEST: Duration = Duration::from_secs(120);

fn watch_all() -> WatchScope {
    WatchScope { tenant: "t1".to_owned(), module: None, entity_type: None, id: None }
}

#[test]
fn a_view_has_what_was_committed_and_nothing_else_in_both_stores() {
    let topic = Topic::new(Cluster::shared(), "view.both", 3, &[]);
    let ids: Vec<_> = (0..40).map(|n| format!("id/{n:02}")).collect();
    let all: Vec<_> = ids.iter().map(|id| (id.as_str(), Some(1))).collect();
    topic.write(&all);
    topic.abort(&[("id/00", Some(7)), ("id/99", Some(1)), ("id/01", None)]);
    topic.write(&[("id/02", Some(2)), ("id/03", None), ("id/03", Some(1)), ("id/04", None)]);
    topic.abort(&[("id/05", Some(7))]);
    let dir = tempfile::tempdir().unwrap();
    for store in [Store::Memory, Store::Folder(dir.path().to_owned())] {
        let view = topic.ready_view(store);
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|n| version(&view, &ids[n])),
            [Some(1), Some(1), Some(2), Some(1), None, Some(1)]
        );
        assert_eq!(version(&view, "id/99"), None);
        let scope = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };
        let listed = view.list(scope, ListPage { limit: 50, ..ListPage::default() }).unwrap();
        assert_eq!(listed.entities.len(), 39);
        assert!(listed.entities.is_sorted_by(|a, b| a.0 < b.0) && listed.next.is_none());
        let other = view.list(ListScope { tenant: "t2", ..scope }, ListPage::default()).unwrap();
        assert_eq!(other.entities, []);
        let stats = view.stats();
        assert_eq!((stats.entities, stats.partitions, stats.partitions_restored), (39, 3, 3));
        assert!(view.progress().is_whole());
        let registry = prometheus::Registry::new();
        registry.register(Box::new(view.metrics().unwrap())).unwrap();
        let shown = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        assert!(shown.contains("\nrevbus_view_entities 39\n"), "{shown}");
        assert!(shown.contains("\nrevbus_view_behind_records 0\n"), "{shown}");
        drop(view);
        assert_eq!(registry.gather(), []);
    }
}

#[test]
fn what_was_written_is_read_also_while_its_transaction_is_being_committed() {
    let topic = Topic::new(Cluster::shared(), "view.own", 2, &[]);
    topic.write(&[("a", Some(4)), ("b", Some(1))]);
    let view = topic.ready_view(Store::Memory);
    let after = |id: &str, event_id: &str, within| {
        let found = block_on(view.get_after(account("t1", id), event_id, Duration::from_millis(within)));
        found.map(|entity| entity.map(|entity| entity.written.version.0))
    };
    assert_eq!(after("a", "evt_put", 5000), Ok(Some(4)));
    assert_eq!(after("none", "evt_put", 5000), Ok(None), "all that was committed is read, and it is not there");
    let open = topic.begin(&[("a", Some(5))]);
    assert_eq!(after("a", "evt_put", 300), Ok(Some(4)), "the last that is committed");
    let late = after("a", "evt_open", 300).unwrap_err();
    assert!(matches!(late, ViewError::Deadline { .. }), "{late}");
    assert!(late.to_string().contains("customer_success/account/a"), "{late}");
    open.commit();
    let latest =
        || block_on(view.get_latest(account("t1", "a"), LATEST)).unwrap().map(|entity| entity.written.version.0);
    assert_eq!(latest(), Some(5));
    topic.write(&[("a", None), ("a", Some(1))]);
    assert_eq!(latest(), Some(1), "it was deleted, and created again");
}

#[test]
fn watchers_see_changes_as_they_are_committed() {
    let topic = Topic::new(Cluster::shared(), "view.watch", 1, &[]);
    topic.write(&[("a", Some(1))]);
    let view = topic.ready_view(Store::Memory);
    let mut watch = view.watch(watch_all());
    topic.abort(&[("a", Some(9))]);
    topic.write(&[("a", Some(2)), ("a", None)]);
    let mut next = || fixture::next(&mut watch).unwrap();
    let WatchEvent::Changed { key, entity } = next() else { panic!("a change") };
    assert_eq!((key.borrow(), entity.written.version), (account("t1", "a"), Version(2)));
    let WatchEvent::Deleted { key, written } = next() else { panic!("a deletion") };
    assert_eq!((key.borrow(), written.unwrap().event_id.as_ref()), (account("t1", "a"), "evt_delete"));
    assert_eq!(version(&view, "a"), None, "what was told can be read");
    drop(view);
    assert_eq!(block_on(watch.next()), None);
}

/// The store takes a batch in while others begin to watch: none of its changes may fall in between.
#[test]
fn no_change_falls_between_a_watch_and_the_read_behind_it() {
    const ROUNDS: usize = 150;
    let topic = Topic::new(Cluster::shared(), "view.between", 1, &[]);
    topic.write(&[("a", Some(1))]);
    let dir = tempfile::tempdir().unwrap();
    let view = topic.ready_view(Store::Folder(dir.path().to_owned()));
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writes = (2..10_000).take_while(|_| !enough.load(Ordering::Relaxed));
        scope.spawn(|| writes.for_each(|version| topic.write(&[("a", Some(version))])));
        for _ in 0..ROUNDS {
            let mut watch = view.watch(watch_all());
            let read = version(&view, "a").unwrap();
            let behind = std::iter::from_fn(|| fixture::next(&mut watch)).find_map(|event| match event {
                WatchEvent::Changed { entity, .. } => Some(entity.written.version.0).filter(|told| *told > read),
                WatchEvent::Deleted { .. } | WatchEvent::Missed(_) => Some(0),
            });
            assert_eq!(behind, Some(read + 1));
        }
        enough.store(true, Ordering::Relaxed);
    });
}

#[test]
fn history_is_what_the_log_still_holds_of_one_entity() {
    let topic = Topic::new(Cluster::shared(), "view.history", 4, &[]);
    topic.write(&[("a", Some(1)), ("b", Some(1)), ("a", Some(2))]);
    topic.abort(&[("a", Some(3))]);
    topic.write(&[("a", None), ("a", Some(1))]);
    let settings = topic.settings();
    let changes = history(&settings, &topic.name, account("t1", "a"), LATEST).unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|Change { to, .. }| match to {
            ChangeTo::Entity(entity) => Some(entity.written.version.0),
            ChangeTo::Deleted(written) => {
                assert_eq!(written.as_ref().unwrap().event_id, "evt_delete");
                None
            }
        })
        .collect();
    assert_eq!(told, [Some(1), Some(2), None, Some(1)]);
    assert!(changes.is_sorted_by(|a, b| a.offset < b.offset && a.partition == b.partition));
    assert_eq!(history(&settings, &topic.name, account("t2", "a"), LATEST), Ok(vec![]));
    let missing = history(&settings, "view.nowhere", account("t1", "a"), LATEST).unwrap_err().to_string();
    assert!(missing.contains("view.nowhere is not there: `revbus topics apply` makes it"), "{missing}");
}

#[test]
fn a_value_of_a_later_form_stops_the_view_and_every_read_says_so() {
    let topic = Topic::new(Cluster::shared(), "view.newer", 1, &[]);
    topic.write(&[("a", Some(1))]);
    let view = topic.ready_view(Store::Memory);
    topic.write_raw("b", b"{\"v\":2,\"all\":\"other\"}");
    let stopped = eventually("it stops", LATEST, || view.get(account("t1", "a")).err());
    let key = "t1/customer_success/account/b".to_owned();
    assert_eq!(stopped, ViewError::Value { key, fault: NewerState::Newer(2) });
    assert!(stopped.to_string().ends_with("values of form 2, and this revbus reads 1: upgrade it"), "{stopped}");
    let again = view.list(ListScope { tenant: "t1", module: "m", entity_type: "t" }, ListPage::default());
    assert_eq!(again, Err(stopped.clone()));
    assert_eq!(block_on(view.ready(LATEST)), Err(stopped));
}

#[test]
fn what_no_router_wrote_is_passed_over_and_counted() {
    let topic = Topic::new(Cluster::shared(), "view.foreign", 1, &[]);
    topic.write(&[("a", Some(1)), ("b", Some(1))]);
    topic.write_raw("a", b"something else");
    topic.write_record(b"no key of ours", Some(b"{}"));
    let view = topic.ready_view(Store::Memory);
    assert_eq!((version(&view, "a"), version(&view, "b")), (None, Some(1)));
    assert_eq!(view.stats().foreign, 2);
    let filter = |id: &str, _: &Entity<'_>| id == "b";
    let scope = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };
    let page = ListPage { filter: Some(&filter), ..ListPage::default() };
    assert_eq!(view.list(scope, page).unwrap().entities.len(), 1);
}
