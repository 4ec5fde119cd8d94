//! A view's file on a disk that runs full: whoever reads is told what to do, and with room the file is right again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use revbus::client::state::view::{ListPage, ListScope, StateView, Store, ViewError};

use super::fixture::{Topic, account, block_on, next};
use super::{LATEST, watch_all};
use crate::support::disk::Disk;
use crate::support::{Cluster, eventually};

/// Writes a thousand accounts, with ids as long as they may be.
fn write_many(topic: &Topic, thousand: usize, version: u64) {
    let ids: Vec<_> = (0..1000).map(|n| format!("{n:04}.{thousand:04}.{}", "x".repeat(490))).collect();
    topic.write(&ids.iter().map(|id| (id.as_str(), Some(version))).collect::<Vec<_>>());
}

/// All that a view has: ids and versions.
fn all(view: &StateView) -> BTreeMap<String, u64> {
    let scope = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };
    let (mut all, mut after) = (BTreeMap::new(), None);
    loop {
        let page = ListPage { limit: 10_000, after: after.as_deref(), ..ListPage::default() };
        let listed = view.list(scope, page).unwrap();
        all.extend(listed.entities.into_iter().map(|(id, entity)| (id, entity.written.version.0)));
        match listed.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

/// The topic folded: ids and versions.
fn fold(topic: &Topic) -> BTreeMap<String, u64> {
    let mut state = BTreeMap::new();
    for record in topic.drain() {
        let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
        let id = key.rsplit('/').next().unwrap().to_owned();
        match record.value {
            Some(_) => drop(state.insert(id, record.json()["version"].as_u64().unwrap())),
            None => drop(state.remove(&id)),
        }
    }
    state
}

/// Opens a view and waits until it can be read.
fn open(topic: &Topic, folder: &Path) -> Result<StateView, ViewError> {
    let view = topic.view(Store::Folder(folder.to_owned()))?;
    block_on(view.ready(LATEST)).map(|()| view)
}

/// It is one sentence that says what to do, whoever hears it.
#[track_caller]
fn says_what_to_do(error: &ViewError, folder: &Path) {
    let ViewError::Full { written, .. } = error else { panic!("{error:?}") };
    let sentence = format!(
        "no room is left in {} for state ({written} bytes are there): free some, or name another folder",
        folder.display()
    );
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn a_disk_that_runs_full_under_a_view_ends_it_with_one_sentence_and_harms_nothing() {
    let Some(disk) = Disk::mount("24m") else { return };
    let topic = Topic::new(Cluster::shared(), "view.full", 1, &[]);
    let folder = disk.folder().join("state");
    topic.write(&[("a", Some(1)), ("b", Some(1))]);
    write_many(&topic, 0, 1);
    let view = open(&topic, &folder).unwrap();
    let mut watch = view.watch(watch_all());
    disk.fill();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // Until it is over each read is answered, and then each says why not.
            while !over.load(Ordering::Relaxed) {
                match view.get(account("t1", "a")) {
                    Ok(found) => assert_eq!(found.map(|entity| entity.written.version.0), Some(1)),
                    Err(error) => says_what_to_do(&error, &folder),
                }
            }
        });
        for thousand in 1..40 {
            write_many(&topic, thousand, 1);
            // Read to the end before there is more, so that what there is finds room when the disk has some again.
            if block_on(view.get_latest(account("t1", "a"), LATEST)).is_err() {
                break;
            }
        }
        eventually("the view has no more room", LATEST, || view.get(account("t1", "a")).err());
        over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    let scope = ListScope { tenant: "t1", module: "customer_success", entity_type: "account" };
    says_what_to_do(&view.get(account("t1", "a")).unwrap_err(), &folder);
    says_what_to_do(&view.list(scope, ListPage::default()).unwrap_err(), &folder);
    says_what_to_do(&block_on(view.ready(LATEST)).unwrap_err(), &folder);
    says_what_to_do(&block_on(view.get_latest(account("t1", "a"), LATEST)).unwrap_err(), &folder);
    while next(&mut watch).is_some() {}
    drop(view);
    says_what_to_do(&open(&topic, &folder).err().unwrap(), &folder);
    topic.write(&[("a", Some(2)), ("b", None), ("c", Some(1))]);
    disk.clear();
    let view = open(&topic, &folder).unwrap();
    assert!(all(&view) == fold(&topic), "the file is not the fold of the topic");
    assert_eq!(view.stats().rebuilds, 0);
    drop(view);
    let view = open(&topic, &folder).unwrap();
    assert_eq!(view.stats().records_read, 0, "what was read with room is in the file");
    assert!(all(&view) == fold(&topic), "the file is not the fold of the topic");
}

#[test]
fn a_disk_without_room_for_what_is_there_is_said_at_the_start_and_tried_again_with_room() {
    let Some(disk) = Disk::mount("64m") else { return };
    let topic = Topic::new(Cluster::shared(), "view.noroom", 1, &[]);
    let folder = disk.folder().join("state");
    // So many that they are gathered in runs beside the file before they are merged into it.
    (0..24).for_each(|thousand| write_many(&topic, thousand, 1));
    disk.fill();
    // Room for nothing, for an empty file, for some of what there is.
    for room in [0, 4 << 20, 4 << 20, 8 << 20] {
        disk.leave(room);
        // At once, or when what was gathered in memory is to be written.
        let ends = |view: StateView| eventually("it ends", LATEST, || view.get(account("t1", "a")).err());
        says_what_to_do(&open(&topic, &folder).map_or_else(|error| error, ends), &folder);
    }
    disk.clear();
    let view = open(&topic, &folder).unwrap();
    assert_eq!(view.stats().entities, 24_000);
    assert!(all(&view) == fold(&topic), "the file is not the fold of the topic");
}
