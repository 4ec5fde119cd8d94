//! A new look at the topics: what they take is asked again with every reload, also of a file that has not changed.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::observe::post;
use crate::reload::{audited, metric, text};
use crate::support::edition::digest;
use crate::support::oracle::Expect;
use crate::support::{Bus, Cluster, Outgoing, Sender, eventually, facts};

const LATEST: Duration = Duration::from_secs(120);

#[test]
fn larger_events_are_routed_once_catalogue_and_topics_allow_them() {
    let bus = Bus::lean(Cluster::shared(), "larger", 2);
    let larger = format!("{}max_event_bytes: 3000000\n", text(&bus));
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it routes", LATEST, || (metric(&address, "revbus_partitions_assigned") == Some(2)).then_some(()));
    let sender = Sender::new(&bus.broker);
    let mut sent = facts::send(&sender, facts::mixed(&bus, 0..20, 10));
    fs::write(&bus.catalogue, &larger).unwrap();
    let decides = (200, format!("the catalogue {} decides\n", digest(&larger)));
    assert_eq!(post(&address, "/-/reload"), decides);
    // The producers still make records of the old size, until the topics take larger ones.
    bus.apply();
    assert_eq!(post(&address, "/-/reload"), decides, "the file is the same, and the topics are not");
    let unchanged = (200, format!("unchanged: the catalogue {} decides\n", digest(&larger)));
    assert_eq!(post(&address, "/-/reload"), unchanged);
    let (record, expect) = facts::probe(&bus, 100, 1);
    let mut fact: serde_json::Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
    fact["payload"]["data"]["note"] = json!("x".repeat(2_500_000));
    sent.extend(facts::send(
        &sender,
        vec![(Outgoing { value: Some(fact.to_string().into_bytes()), ..record }, expect)],
    ));
    sent.extend(facts::send(&sender, facts::mixed(&bus, 20..40, 10)));
    audited(&bus, sent.len());
    assert_eq!(metric(&address, "revbus_producers_rebuilt_total"), Some(2), "one for each worker");
    router.stop();
    bus.judge(&sent);
}

/// Nobody tells the router: that the broker refuses a record makes it look.
#[test]
fn a_limit_that_is_lowered_under_a_running_router_is_found_out() {
    let bus = Bus::lean(Cluster::shared(), "lowered", 1);
    let mut router = bus.router("a");
    let address = router.address();
    eventually("it routes", LATEST, || (metric(&address, "revbus_partitions_assigned") == Some(1)).then_some(()));
    bus.broker.set_on_topic(&bus.topic("compensation.calculate"), "max.message.bytes=20000");
    let sender = Sender::new(&bus.broker);
    let large = |sequence| {
        let mut fact = facts::deal_won(sequence);
        fact["payload"]["data"]["note"] = json!("x".repeat(30_000));
        bus.outgoing("pipeline.deal_won", "tenant_000/deal", fact.to_string())
    };
    let mut sent = facts::send(&sender, vec![(large(0), Expect::Dead("produce_refused"))]);
    // With the new limit it makes requests that are small enough, too: each of its two workers.
    let rebuilt = || (metric(&address, "revbus_producers_rebuilt_total") == Some(2)).then_some(());
    eventually("it knows the new limit", LATEST, rebuilt);
    sent.extend(facts::send(&sender, vec![(large(1), Expect::Dead("derived_too_large"))]));
    sent.extend(facts::send(&sender, facts::mixed(&bus, 2..1000, 10)));
    audited(&bus, sent.len());
    router.stop();
    bus.judge(&sent);
}
