//! Both stores agree with a plain fold of the log, whatever is written, and however often the file is closed or its
//! process killed.

use std::fs;
use std::ops::Bound;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// So many of the next records, in one batch.
    Take(usize),
    /// Closed in order, and opened.
    Reopen,
    /// Killed, and opened.
    Crash,
}

/// A value, or a tombstone, for one of a few keys.
type Record = (u8, Option<u64>);

fn key_of(number: u8) -> Vec<u8> {
    let tenant = format!("t{}", number % 3);
    key::of(account(&tenant, &format!("id/{}", number / 3))).unwrap()
}

fn fold(log: &[Record]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut state = BTreeMap::new();
    for (key, version) in log {
        match version {
            Some(version) => state.insert(key_of(*key), value(*version)),
            None => state.remove(&key_of(*key)),
        };
    }
    state
}

fn entries(log: &[Record]) -> Vec<Entry> {
    let one = |(key, version): &Record| Entry::new(&key_of(*key), &version.map(value).unwrap_or_default()).unwrap();
    log.iter().map(one).collect()
}

fn check(kept: &Kept, wanted: &BTreeMap<Vec<u8>, Vec<u8>>) {
    let found = kept.range(Bound::Unbounded, b"", 1000).unwrap();
    let found: BTreeMap<_, _> = found.iter().map(|entry| (entry.key().to_vec(), entry.value().to_vec())).collect();
    assert_eq!(&found, wanted);
    for number in 0..30 {
        assert_eq!(kept.get(&key_of(number), <[u8]>::to_vec).unwrap().as_ref(), wanted.get(&key_of(number)));
    }
    let bytes: usize = wanted.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert_eq!(kept.sizes(), (wanted.len() as u64, bytes as u64));
    let own = wanted.range(key_of(1)..).filter(|(key, _)| key.starts_with(b"t1")).take(3).map(|(key, _)| key);
    let some = kept.range(Bound::Included(&key_of(1)), b"t1", 3).unwrap();
    assert!(some.iter().map(Entry::key).eq(own), "a part of the keys, in order");
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![4 => (1..40_usize).prop_map(Step::Take), 1 => Just(Step::Reopen), 1 => Just(Step::Crash)];
    vec(step, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn both_stores_equal_the_fold_of_what_they_have_taken(
        log in vec((0..30_u8, proptest::option::weighted(0.7, 1..1000_u64)), 1..300),
        steps in steps(),
    ) {
        let survey = survey(i64::MAX);
        let dir = tempfile::tempdir().unwrap();
        let (mut folder, mut folders) = (dir.path().join("0"), 1);
        let open = |folder: &std::path::Path| {
            let (disk, stand) = Disk::open(folder, &survey).unwrap();
            disk.settle(&Stand::default()).unwrap();
            let at = stand.map_or(0, |stand| stand.positions[&0]);
            (Kept::Disk(disk), usize::try_from(at).unwrap())
        };
        let (mut disk, mut at) = open(&folder);
        for step in steps {
            match step {
                Step::Take(count) => {
                    let to = (at + count).min(log.len());
                    disk.apply(&mut entries(&log[at..to]), &stand(i64::try_from(to).unwrap())).unwrap();
                    at = to;
                }
                Step::Reopen => {
                    drop(disk);
                    let before = at;
                    (disk, at) = open(&folder);
                    prop_assert_eq!(at, before, "nothing is read twice after an orderly end");
                }
                Step::Crash => {
                    // What a killed process leaves: its file as it is, nothing written through any more.
                    let next = dir.path().join(folders.to_string());
                    fs::create_dir(&next).unwrap();
                    fs::copy(folder.join("state.redb"), next.join("state.redb")).unwrap();
                    drop(disk);
                    (folder, folders) = (next, folders + 1);
                    let before = at;
                    (disk, at) = open(&folder);
                    prop_assert!(at <= before);
                }
            }
            check(&disk, &fold(&log[..at]));
        }
        let memory = Kept::Memory(Memory::default());
        for part in log.chunks(7) {
            memory.apply(&mut entries(part), &Stand::default()).unwrap();
        }
        check(&memory, &fold(&log));
    }
}

/// In the ids, what tells them apart stands in front, or behind what two ids share.
fn scattered(number: u32) -> Vec<u8> {
    let id = format!(
        "{}{:08x}",
        if number.is_multiple_of(2) { "" } else { "a-long-beginning" },
        number.wrapping_mul(0x9e37_79b9)
    );
    key::of(account(&format!("t{}", number % 3), &id)).unwrap()
}

#[test]
fn what_is_read_before_anybody_may_read_is_there_once_they_may() {
    const KEYS: u32 = 4000;
    let (dir, survey) = (tempfile::tempdir().unwrap(), survey(i64::MAX));
    let (disk, _) = Disk::open(dir.path(), &survey).unwrap();
    let memory = Memory::default();
    let mut wanted = BTreeMap::new();
    for (round, count) in [(0, 3), (1, 12_000), (2, 30), (3, 12_000), (4, 1)] {
        let mut batch = Vec::new();
        for n in 0..count {
            let number = (n * 7 + round * 13) % KEYS;
            let value = if (n + round) % 5 == 0 { Vec::new() } else { value(u64::from(n + round)) };
            batch.push(Entry::new(&scattered(number), &value).unwrap());
            if value.is_empty() {
                wanted.remove(&scattered(number))
            } else {
                wanted.insert(scattered(number), value)
            };
        }
        memory.apply(batch.clone().into_iter());
        disk.apply(&mut batch, &stand(i64::from(round))).unwrap();
    }
    disk.settle(&stand(5)).unwrap();
    let bytes: usize = wanted.iter().map(|(key, value)| key.len() + value.len()).sum();
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, 2, "the file and its lock");
    for kept in [Kept::Disk(disk), Kept::Memory(memory)] {
        let found = kept.range(Bound::Unbounded, b"", usize::MAX).unwrap();
        assert!(found.iter().map(|entry| (entry.key(), entry.value())).eq(wanted.iter().map(|(k, v)| (&**k, &**v))));
        assert_eq!(kept.sizes(), (wanted.len() as u64, bytes as u64));
        for (key, value) in &wanted {
            assert_eq!(kept.get(key, <[u8]>::to_vec).unwrap().as_ref(), Some(value));
        }
    }
    assert_eq!(Disk::open(dir.path(), &survey).unwrap().1.unwrap().positions[&0], 5);
}
