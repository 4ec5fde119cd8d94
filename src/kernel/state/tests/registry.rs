//! Entities against a naive model.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::Entities;

#[derive(Debug, Clone)]
enum Step {
    Write(u8, Option<u8>),
    Commit,
    Abort,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_u8, prop::option::of(any::<u8>())).prop_map(|(key, value)| Step::Write(key, value)),
        1 => Just(Step::Commit),
        1 => Just(Step::Abort),
    ]
}

proptest! {
    /// Against two plain maps: what is committed, and what the open batch sees.
    #[test]
    fn entities_are_what_was_committed_under_what_is_open(steps in prop::collection::vec(step(), 0..60)) {
        let mut entities = Entities::default();
        let (mut committed, mut open): (BTreeMap<u8, u8>, BTreeMap<u8, u8>) = Default::default();
        for step in steps {
            match step {
                Step::Write(key, value) => {
                    entities.write(&[key], value.as_ref().map(std::slice::from_ref));
                    match value {
                        Some(value) => drop(open.insert(key, value)),
                        None => drop(open.remove(&key)),
                    }
                }
                Step::Commit => {
                    entities.commit();
                    committed.clone_from(&open);
                }
                Step::Abort => {
                    entities.abort();
                    open.clone_from(&committed);
                }
            }
            for key in 0..6 {
                prop_assert_eq!(entities.get(&[key]), open.get(&key).map(std::slice::from_ref));
            }
            let all: BTreeMap<u8, u8> = entities.iter().map(|(key, value)| (key[0], value[0])).collect();
            prop_assert_eq!((&all, entities.bytes()), (&committed, committed.len() * 2));
        }
    }
}
