//! A new look at the topics: what they take is asked again with every reload, also of a file that has not changed.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::observe::post;
use crate::reload::{audited, metric, text};
use crate::support::edition::digest;
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
