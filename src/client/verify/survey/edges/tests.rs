use std::collections::HashSet;

use super::*;
use crate::client::sample::catalogue;
use crate::verify::{Entry, Fate, Out, Pile, Place, Reach, What};

/// Where a source partition is judged from, and whether its effects are hidden: its log is read from offset 5 on, its
/// audit trail is this, and these offsets of it are audited.
fn followed(trail: Option<Trail>, audited: &[i64]) -> (Floor, bool) {
    let topics = Topics::of(&catalogue("")).unwrap();
    let reach = Reach { from: 5, to: 100, end: 100, position: 100, floor: Floor::Offset(5), hidden: false };
    let mut scope = Scope {
        audit: AuditMode::On,
        since: i64::MIN,
        partitions: Vec::new(),
        whole_from: vec![i64::MIN; usize::from(topics.audit()) + 1],
        blind: HashSet::new(),
        window: 0,
        buried: i64::MIN,
        sources: HashMap::from([((0, 3), reach)]),
        topics,
    };
    let mut read = Collector::new(0, &scope);
    for &offset in audited {
        let source = Place { topic: 0, partition: 3, offset };
        let what = What::Audited(Fate::Routed);
        let entry = Entry {
            group: source.group(),
            what,
            source,
            place: Place::NONE,
            time: 0,
            cause: 0,
            on: 0,
            more: 0,
            content: 0,
            said: 0,
            at: 0,
        };
        read.put(Pile::Sources, entry);
    }
    follow(&trail.into_iter().map(|trail| (3, trail)).collect(), &mut scope, &read);
    let reach = scope.sources[&(0, 3)];
    (reach.floor, reach.hidden)
}

#[test]
fn a_source_is_judged_from_where_its_audit_trail_begins() {
    let trail = |cut| Some(Trail { cut, since: None, hangs: false });
    // A whole trail tells of every record, also where it tells of none.
    assert_eq!(followed(trail(None), &[]), (Floor::Offset(5), false));
    assert_eq!(followed(trail(None), &[7]), (Floor::Offset(5), false));
    // One that has lost its beginning tells of what stands behind the first record that it still names.
    assert_eq!(followed(trail(Some(1_000)), &[9, 7]), (Floor::Offset(7), false));
    assert_eq!(followed(trail(Some(1_000)), &[3]), (Floor::Offset(5), false));
    assert_eq!(followed(trail(Some(1_000)), &[]), (Floor::Time(1_000), false));
    // One that is asked for from a time on has not lost anything: what it does not tell of before the first is missing.
    let since = |cut| Some(Trail { cut, since: Some(2_000), hangs: false });
    assert_eq!(followed(since(None), &[9, 7]), (Floor::Time(2_000), false));
    assert_eq!(followed(since(None), &[]), (Floor::Time(2_000), false));
    assert_eq!(followed(since(Some(3_000)), &[9, 7]), (Floor::Offset(7), false));
    assert_eq!(followed(since(Some(3_000)), &[]), (Floor::Time(3_000), false));
}

#[test]
fn what_an_audit_partition_hides_is_not_judged() {
    assert!(followed(Some(Trail { cut: None, since: None, hangs: true }), &[7]).1);
    assert!(followed(None, &[]).1);
}
