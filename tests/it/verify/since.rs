//! `--since`, and clocks that do not agree.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use revbus::time::Timestamp;

use super::group::skip;
use super::verdict::{is_clean, verify};
use super::{FACT, forged};
use crate::support::oracle::{Expect, Sent};
use crate::support::{Bus, Cluster, Outgoing, facts};

/// Writes records with another timestamp than now.
fn send_at(bus: &Bus, records: &[Outgoing], millis: i64) {
    let producer: BaseProducer = bus.broker.config().create().unwrap();
    for one in records {
        let (key, value) = (one.key.as_deref().unwrap(), one.value.as_deref().unwrap());
        let record = BaseRecord::to(&one.topic).key(key).payload(value).partition(0).timestamp(millis);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_fact_whose_clock_is_ahead_is_not_lost_and_one_without_a_trace_is() {
    const MINUTE: i64 = 60_000;
    let bus = Bus::lean(Cluster::shared(), "ahead", 1);
    let now = Timestamp::now().millis();
    let fact = |n: i64| {
        let event = facts::deal_won(usize::try_from(n).unwrap());
        bus.outgoing(FACT, "key", event.to_string())
    };
    // Routed ten minutes ago, by the router's clock; its own producer's runs half an hour ahead. Nothing else is on the trail.
    send_at(&bus, &[fact(0)], now + 30 * MINUTE);
    let expect = Expect::Audited("routed");
    let (topic, headers) = (bus.topic(FACT), Vec::new());
    let sent = Sent { topic, partition: 0, offset: 0, key: None, value: None, headers, expect };
    let (commands, audit) = forged(&bus, &sent, 0);
    send_at(&bus, &commands, now - 10 * MINUTE);
    send_at(&bus, &[audit], now - 10 * MINUTE);
    skip(&bus, FACT);
    is_clean(&bus, &["--since", "1m"]);
    // This one has left nothing.
    send_at(&bus, &[fact(1)], now + 30 * MINUTE);
    skip(&bus, FACT);
    let verdict = verify(&bus, &["--since", "1m"]);
    assert_eq!((verdict.code, verdict.found()), (1, BTreeMap::from([("lost".to_owned(), 1)])), "{}", verdict.json);
}
