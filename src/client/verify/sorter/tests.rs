use proptest::prelude::*;

use super::*;
use crate::verify::{Place, What};

fn entry(group: u128, offset: i64) -> Entry {
    let place = Place { topic: 1, partition: 2, offset };
    Entry {
        group,
        what: What::Derived,
        source: Place::NONE,
        place,
        time: -5,
        cause: 7,
        on: 9,
        more: 3,
        content: 2,
        said: 1,
        at: -4,
    }
}

proptest! {
    #[test]
    fn however_many_runs_there_are_all_entries_come_in_order(
        numbers in prop::collection::vec((0..50_u128, 0..100_i64), 0..700), run in 1..40_usize
    ) {
        let mut sorter = Sorter::with_runs_of(run);
        let mut wanted: Vec<_> = numbers.iter().map(|(group, offset)| entry(*group, *offset)).collect();
        for entry in &wanted {
            sorter.push(entry).unwrap();
        }
        wanted.sort_by_key(|entry| (entry.group, entry.place));
        let sorted: Vec<_> = sorter.sorted().unwrap().collect::<io::Result<_>>().unwrap();
        prop_assert_eq!(sorted, wanted);
    }
}
