//! A view's file: gone on with where that is right, and made anew where it is not.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use revbus::client::state::view::{Store, ViewError, WatchEvent};

use super::fixture::{Topic, account, next, version};
use super::{LATEST, watch_all};
use crate::support::{Cluster, eventually};

#[test]
fn a_start_from_an_existing_file_reads_the_tail_alone() {
    let topic = Topic::new(Cluster::shared(), "view.tail", 2, &[]);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    let ids: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    topic.write(&ids.iter().map(|id| (id.as_str(), Some(1))).collect::<Vec<_>>());
    let view = topic.ready_view(store());
    assert_eq!(view.stats().records_read, 200);
    drop(view);
    topic.write(&[("7", Some(2)), ("8", None)]);
    topic.abort(&[("9", Some(2))]);
    let view = topic.ready_view(store());
    let stats = view.stats();
    assert_eq!((stats.records_read, stats.entities, stats.rebuilds), (2, 199, 0));
    assert_eq!(["7", "8", "9"].map(|id| version(&view, id)), [Some(2), None, Some(1)]);
    assert!(stats.file_bytes > 0);
    drop(view);
    let view = topic.ready_view(store());
    assert_eq!(view.stats().records_read, 0, "nothing is new");
}

#[test]
fn a_torn_file_is_read_again_from_the_start() {
    let topic = Topic::new(Cluster::shared(), "view.torn", 1, &[]);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    topic.write(&[("a", Some(1)), ("b", Some(1))]);
    drop(topic.ready_view(store()));
    let file = dir.path().join("state.redb");
    let half = fs::metadata(&file).unwrap().len() / 2;
    fs::File::options().write(true).open(&file).unwrap().set_len(half).unwrap();
    let view = topic.ready_view(store());
    assert_eq!((view.stats().records_read, version(&view, "a")), (2, Some(1)));
}

/// Nobody is told what a disk has made of a value; it is noticed by whoever reads it, and all is read again.
#[test]
fn a_changed_byte_of_a_value_is_noticed_when_it_is_read() {
    let topic = Topic::new(Cluster::shared(), "view.byte", 1, &[]);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    topic.write(&[("a", Some(1)), ("b", Some(1))]);
    drop(topic.ready_view(store()));
    let file = dir.path().join("state.redb");
    let mut bytes = fs::read(&file).unwrap();
    let places: Vec<_> =
        bytes.windows(12).enumerate().filter(|(_, at)| at == b"\"version\":1,").map(|(at, _)| at).collect();
    places.iter().for_each(|at| bytes[at + 10] = b'7');
    fs::write(&file, bytes).unwrap();
    let view = topic.ready_view(store());
    assert!(matches!(view.get(account("t1", "a")), Err(ViewError::Restoring(_))));
    eventually("it is read again", LATEST, || view.get(account("t1", "a")).ok());
    assert_eq!((version(&view, "a"), version(&view, "b"), view.stats().rebuilds), (Some(1), Some(1), 1));
}

#[test]
fn a_folder_of_another_process_is_refused_by_name() {
    let topic = Topic::new(Cluster::shared(), "view.owned", 1, &[]);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    let lock = dir.path().join("state.lock");
    let mut other = Command::new("flock")
        .arg(&lock)
        .args(["sh", "-c", "touch \"$0.held\"; cat"])
        .arg(&lock)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the other has it", LATEST, || dir.path().join("state.lock.held").exists().then_some(()));
    assert_eq!(topic.view(store()).err(), Some(ViewError::Owned(dir.path().to_owned())));
    other.stdin.take().unwrap().flush().unwrap();
    other.wait().unwrap();
    topic.ready_view(store());
}

#[test]
fn a_topic_that_was_made_anew_is_read_from_its_start_at_once_and_later() {
    let mut topic = Topic::new(Cluster::shared(), "view.anew", 2, &[]);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    topic.write(&[("a", Some(1)), ("b", Some(1))]);
    let views = [topic.ready_view(store()), topic.ready_view(Store::Memory)];
    let mut watch = views[1].watch(watch_all());
    topic.make_anew();
    // As many records as before, and more: the positions alone would not tell.
    topic.write(&[("b", Some(4)), ("c", Some(1)), ("d", Some(1)), ("e", Some(1)), ("f", Some(1))]);
    for view in &views {
        eventually("it has the new topic, and nothing of the old", LATEST, || {
            let a = view.get(account("t1", "a")).ok()?;
            (a.is_none() && version(view, "b") == Some(4)).then_some(())
        });
        assert_eq!((view.stats().rebuilds, view.stats().entities), (1, 5));
    }
    // The old position may lie within the new log: then what is behind it is seen before the view notices.
    let missed = std::iter::from_fn(|| next(&mut watch)).find(|event| matches!(event, WatchEvent::Missed(_)));
    assert!(matches!(missed, Some(WatchEvent::Missed(1..))), "{missed:?}");
    drop(views);
    topic.make_anew();
    topic.write(&[("z", Some(1))]);
    let view = topic.ready_view(store());
    assert_eq!((version(&view, "b"), version(&view, "z"), view.stats().entities), (None, Some(1), 1));
}

/// The file that a view leaves holds an entity; its tombstone comes, and compaction takes both away. Whoever read on
/// from there would keep the entity for ever.
#[test]
fn a_view_that_slept_through_compaction_does_not_keep_what_was_deleted() {
    let broker = Cluster::shared();
    let alter =
        ["--alter", "--entity-type", "brokers", "--entity-default", "--add-config", "log.cleaner.backoff.ms=200"];
    broker.tool("configs", &alter);
    let quick = [
        ("segment.ms", "100"),
        ("min.cleanable.dirty.ratio", "0.001"),
        ("delete.retention.ms", "100"),
        ("max.compaction.lag.ms", "1000"),
    ];
    let topic = Topic::new(broker, "view.compacted", 1, &quick);
    let dir = tempfile::tempdir().unwrap();
    let store = || Store::Folder(dir.path().to_owned());
    topic.write(&[("gone", Some(1)), ("kept", Some(1))]);
    let view = topic.ready_view(store());
    assert_eq!((version(&view, "gone"), version(&view, "kept")), (Some(1), Some(1)));
    drop(view);
    topic.write(&[("gone", None)]);
    let key = account("t1", "gone").to_bytes();
    let mut version_of_filler = 0;
    eventually("the tombstone is gone from the log", Duration::from_secs(120), || {
        // Each write may close a segment, and only a closed one is compacted.
        version_of_filler += 1;
        topic.write(&[("filler", Some(version_of_filler))]);
        let left = topic.drain().iter().any(|record| record.key.as_deref() == Some(&key));
        (!left).then_some(())
    });
    let view = topic.ready_view(store());
    assert_eq!((version(&view, "gone"), version(&view, "kept")), (None, Some(1)));
}
