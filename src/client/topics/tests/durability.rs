//! What a cluster may lose.

use super::*;

#[test]
fn topics_that_may_lose_what_was_acknowledged_are_named() {
    let overrides = Overrides { replication_factor: Some(3), ..Overrides::default() };
    let wanted = desired(&catalogue(""), overrides);
    let mut actual = cluster(&wanted);
    for there in actual.values_mut() {
        there.config.insert("min.insync.replicas".to_owned(), set("1"));
    }
    let audit = actual.get_mut("revbus.audit").unwrap();
    audit.config.insert("unclean.leader.election.enable".to_owned(), set("true"));
    let [insync, unclean] = &plan(&wanted, &actual, &[]).notes[..] else { panic!("two notes") };
    assert!(insync.contains("of pipeline.deal_won, forecast.submitted, compensation.calculate and 9 more"), "{insync}");
    assert!(unclean.contains("of revbus.audit:"), "{unclean}");

    // It is mended by the same plan.
    let mended = desired(&catalogue(""), Overrides { min_insync_replicas: Some(2), ..overrides });
    let plan_of_it = plan(&mended, &actual, &[]);
    assert_eq!((plan_of_it.notes.len(), plan_of_it.changes.len()), (1, 12));
}

#[test]
fn of_one_replica_nothing_else_is_expected() {
    let mut actual = cluster(&wanted());
    for there in actual.values_mut() {
        there.config.insert("min.insync.replicas".to_owned(), set("1"));
    }
    assert_eq!(plan(&wanted(), &actual, &[]), Plan::default());
}
