//! When a file is gone on with, when it is made anew, and when the view says that it cannot go on.

use std::fs;
use std::ops::Bound;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::super::ViewError;
use super::super::disk::Disk;
use super::super::kept::KeptError;
use super::*;

/// Of the file, in bytes.
const PAGE: usize = 4096;

/// A folder with a file in which one entity stands, read up to offset 10.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (disk, at) = Disk::open(dir.path(), &survey(10)).unwrap();
    assert_eq!(at, None);
    disk.apply(&mut vec![entry(account("t1", "a"), &value(3))], &stand(10)).unwrap();
    dir
}

/// Where it stands when it is opened, and how many entities it has.
fn reopen(folder: &Path, survey: &Survey) -> (Option<i64>, u64) {
    let (disk, stand) = Disk::open(folder, survey).unwrap();
    (stand.map(|stand| stand.positions[&0]), disk.sizes().0)
}

#[test]
fn a_file_of_the_same_topic_is_gone_on_with() {
    let dir = folder();
    assert_eq!(reopen(dir.path(), &survey(10)), (Some(10), 1));
    assert_eq!(reopen(dir.path(), &survey(99)), (Some(10), 1));
}

#[test]
fn a_file_that_says_nothing_of_the_topic_is_made_anew() {
    type Change = fn(&mut Survey);
    let changes: [(&str, Change); 9] = [
        ("cluster", |survey| survey.origin.cluster = Some("d".to_owned())),
        ("topic", |survey| survey.origin.topic = "b.revbus.state".to_owned()),
        ("topic id", |survey| survey.origin.topic_id = Some("u".to_owned())),
        ("count", |survey| survey.origin.count = 2),
        ("beyond the end", |survey| _ = survey.ends.insert(0, Ends { low: 0, high: 9 })),
        ("below the start", |survey| _ = survey.ends.insert(0, Ends { low: 11, high: 20 })),
        ("overslept", |survey| survey.stay = TombstonesStay(Some(Duration::ZERO))),
        ("unknown stay", |survey| survey.stay = TombstonesStay(None)),
        ("partitions", |survey| {
            survey.origin.partitions = vec![1];
            survey.ends = BTreeMap::from([(1, Ends { low: 0, high: 10 })]);
        }),
    ];
    for (name, change) in changes {
        let dir = folder();
        let mut survey = survey(10);
        change(&mut survey);
        assert_eq!(Disk::open(dir.path(), &survey).map(|(disk, at)| (at, disk.sizes())), Ok((None, (0, 0))), "{name}");
    }
}

#[test]
fn a_torn_file_is_made_anew() {
    type Tear = fn(&fs::File);
    let tears: [(&str, Tear); 5] = [
        ("emptied", |file| file.set_len(0).unwrap()),
        ("cut short", |file| file.set_len(file.metadata().unwrap().len() / 2).unwrap()),
        ("cut to a page", |file| file.set_len(4096).unwrap()),
        ("another beginning", |file| file.write_all_at(b"not a database", 0).unwrap()),
        ("another header", |file| file.write_all_at(&[0xa5; 4000], 16).unwrap()),
    ];
    for (name, tear) in tears {
        let dir = folder();
        tear(&fs::File::options().write(true).open(dir.path().join("state.redb")).unwrap());
        assert_eq!(
            Disk::open(dir.path(), &survey(10)).map(|(disk, at)| (at, disk.sizes())),
            Ok((None, (0, 0))),
            "{name}"
        );
    }
}

/// Changes a byte wherever a text stands in the file.
fn damage(folder: &Path, text: &[u8]) {
    let path = folder.join("state.redb");
    let mut bytes = fs::read(&path).unwrap();
    let places: Vec<_> =
        bytes.windows(text.len()).enumerate().filter(|(_, at)| *at == text).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| bytes[at + text.len() - 2] ^= 1);
    fs::write(&path, bytes).unwrap();
}

#[test]
fn a_changed_byte_is_not_taken_for_what_was_written() {
    let dir = folder();
    damage(dir.path(), br#"{"score":3}"#);
    let (disk, _) = Disk::open(dir.path(), &survey(10)).unwrap();
    let key = key::of(account("t1", "a")).unwrap();
    let torn = KeptError::Torn("a value is not the one that was written".to_owned());
    assert_eq!(disk.get(&key, <[u8]>::to_vec), Err(torn.clone()));
    assert_eq!(disk.range(Bound::Unbounded, b"", 10).err(), Some(torn));
    // Also where it only counts how many bytes there were.
    disk.apply(&mut vec![entry(account("t1", "a"), &value(4))], &stand(11)).unwrap();
    assert_eq!(disk.get(&key, <[u8]>::to_vec), Ok(Some(value(4))));
    drop(disk);
    damage(dir.path(), br#"{"0":11}"#);
    assert_eq!(reopen(dir.path(), &survey(20)), (None, 0), "nor where it says what it has read");
}

#[test]
fn a_damaged_page_is_an_error_wherever_it_is_met() {
    let dir = folder();
    let path = dir.path().join("state.redb");
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / PAGE;
    let mut torn = 0;
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        fs::write(&path, bytes).unwrap();
        let (disk, at) = Disk::open(dir.path(), &survey(10)).unwrap();
        let all = disk.range(Bound::Unbounded, b"", 10);
        match all {
            Ok(entries) if at.is_some() => assert_eq!(entries.len(), 1, "page {page}"),
            Ok(_) => torn += 1,
            Err(error) => {
                assert!(matches!(error, KeptError::Torn(_)), "page {page}: {error:?}");
                // As the follower does it.
                disk.renew(&survey(10)).unwrap();
                torn += 1;
            }
        }
        assert!(disk.range(Bound::Unbounded, b"", 10).is_ok(), "page {page}");
        fs::write(&path, &whole).unwrap();
    }
    assert!((2..pages).contains(&torn), "{torn} of {pages}: pages of what it says of itself, and of entities");
}

#[test]
fn a_folder_belongs_to_one_view_at_a_time() {
    let dir = folder();
    let held = Disk::open(dir.path(), &survey(10)).unwrap();
    let refused = Disk::open(dir.path(), &survey(10)).err().unwrap();
    assert_eq!(refused, ViewError::Owned(dir.path().to_owned()));
    let sentence = refused.to_string();
    assert!(sentence.starts_with(&format!("another process owns {}: ", dir.path().display())), "{sentence}");
    drop(held);
    assert_eq!(reopen(dir.path(), &survey(10)), (Some(10), 1));
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();
    let refused = Disk::open(&path, &survey(10)).err().unwrap().to_string();
    assert!(refused.starts_with(&format!("cannot keep state in {}: ", path.display())), "{refused}");
}

#[test]
fn how_long_a_view_may_be_away() {
    let at = |millis: i64| Timestamp::from_millis(1_000_000_000_000 + millis);
    let hour = TombstonesStay(Some(Duration::from_secs(3600)));
    for (slept, overslept) in
        [(0, false), (-5000, false), (3_239_000, false), (3_240_000, true), (i64::from(i32::MAX), true)]
    {
        assert_eq!(hour.overslept(Some(at(0)), at(slept)).is_some(), overslept, "{slept}");
    }
    let day = TombstonesStay(Some(Duration::from_secs(86_400)));
    assert_eq!(day.overslept(Some(at(0)), at(86_400_000 - 600_001)), None);
    assert!(day.overslept(Some(at(0)), at(86_400_000 - 600_000)).is_some());
    assert!(day.overslept(None, at(0)).is_some(), "never read to an end");
}
