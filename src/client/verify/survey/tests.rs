use super::*;
use crate::client::sample::catalogue;

/// A router that still has an older catalogue may emit a fact that this one takes for one that is only read.
#[test]
fn facts_are_looked_at_before_the_audit_that_may_tell_of_them() {
    let catalogue = catalogue("");
    let topics = Topics::of(&catalogue).unwrap();
    let one = TopicDescription { partitions: 1, replication_factor: 1, config: BTreeMap::new() };
    let there = (0..=topics.audit()).map(|topic| (topics.name(topic).to_owned(), one.clone())).collect();
    let Partitions { sources, written, last } = Partitions::of(&catalogue, &topics, &there);
    let names = |list: &[(u16, i32)]| list.iter().map(|(topic, _)| topics.name(*topic).to_owned()).collect::<Vec<_>>();
    let facts = ["pipeline.deal_won", "forecast.submitted"];
    assert_eq!(names(&sources)[..2], facts);
    assert!(facts.iter().all(|fact| names(&written).contains(&(*fact).to_owned())), "{:?}", names(&written));
    assert_eq!(names(&last)[0], "revbus.audit");
}
