//! The tests' own tools: bytes survive the way to Kafka and back, readers pass over aborted transactions, and the
//! oracle finds what is wrong.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;

use crate::support::facts::{self, DEAL_WON};
use crate::support::{Broker, Cluster, Expect, Outgoing, Record, Sender, Sent, oracle, read};

fn create(broker: &Broker, topic: &str) {
    let admin: AdminClient<_> = broker.config().create().unwrap();
    let (topics, options) = ([NewTopic::new(topic, 1, TopicReplication::Fixed(1))], AdminOptions::new());
    let created = admin.create_topics(&topics, &options);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for result in runtime.block_on(created).unwrap() {
        result.unwrap();
    }
}

#[test]
fn bytes_come_back_as_they_were() {
    let broker = Cluster::shared();
    create(broker, "harness.bytes");
    let records = [
        (Some("k"), Some("v"), vec![("a", Some("1")), ("a", None), ("", Some("")), ("z", Some("\u{0}"))]),
        (None, None, vec![]),
        (Some(""), Some(""), vec![]),
    ];
    let mut records = records.map(|(key, value, headers)| {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        Outgoing {
            topic: "harness.bytes".into(),
            partition: Some(0),
            key: bytes(key),
            value: bytes(value),
            headers: headers.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), bytes(value))).collect(),
        }
    });
    records[0].headers.push((b"\xff\xfe".to_vec(), Some(b"\x80".to_vec())));
    assert_eq!(Sender::new(broker).send(&records), [(0, 0), (0, 1), (0, 2)]);
    let read = read::drain(broker, &["harness.bytes".into()]);
    assert_eq!(read.len(), records.len());
    for (read, sent) in read.iter().zip(&records) {
        assert_eq!((&read.key, &read.value, &read.headers), (&sent.key, &sent.value, &sent.headers));
    }
}

#[test]
fn a_reader_passes_over_aborted_transactions() {
    let broker = Cluster::shared();
    create(broker, "harness.aborted");
    let producer: BaseProducer = broker.config().set("transactional.id", "harness").create().unwrap();
    let within = Duration::from_secs(20);
    producer.init_transactions(within).unwrap();
    for (value, commit) in [("committed", true), ("aborted", false)] {
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::<(), str>::to("harness.aborted").payload(value)).unwrap();
        producer.flush(within).unwrap();
        if commit { producer.commit_transaction(within) } else { producer.abort_transaction(within) }.unwrap();
    }
    let read = read::drain(broker, &["harness.aborted".into()]);
    assert_eq!(read.iter().map(|record| record.value.as_deref()).collect::<Vec<_>>(), [Some(&b"committed"[..])]);
}

/// A fact, a bad record, and all that a faultless router makes of them.
fn faultless() -> (Vec<Sent>, Vec<Record>) {
    let fact = facts::deal_won(1);
    let sent = |offset, expect| Sent {
        topic: "p.pipeline.deal_won".into(),
        partition: 0,
        offset,
        key: Some(b"k".to_vec()),
        value: Some(fact.to_string().into_bytes()),
        headers: vec![(b"h".to_vec(), None)],
        expect,
    };
    let sent = vec![sent(0, facts::routed(&fact, DEAL_WON)), sent(1, Expect::Dead("not_json"))];
    let record = |topic: &str, offset, json: serde_json::Value| Record {
        topic: format!("p.{topic}"),
        partition: 0,
        offset,
        key: Some(b"k".to_vec()),
        value: Some(json.to_string().into_bytes()),
        headers: vec![(b"h".to_vec(), None)],
    };
    let id = |trigger: &str| {
        format!("evt_{}", revbus::ids::derived_event_id("tenant_001", "pipeline.deal_won", "evt_1", trigger))
    };
    let mut seen: Vec<_> = DEAL_WON
        .iter()
        .map(|trigger| {
            let metadata = json!({"causation_id": "evt_1"});
            record(
                trigger,
                0,
                json!({"event_id": id(trigger), "event_type": trigger, "payload": {"metadata": metadata}}),
            )
        })
        .collect();
    let source = |offset: i64| json!({"topic": "p.pipeline.deal_won", "partition": 0, "offset": offset});
    let derived: Vec<_> = DEAL_WON.iter().map(|trigger| json!({"event_id": id(trigger)})).collect();
    seen.push(record("revbus.audit", 0, json!({"source": source(0), "outcome": "routed", "derived": derived})));
    seen.push(record("revbus.audit", 1, json!({"source": source(1), "outcome": "invalid"})));
    let mut dead = record("revbus.dead_letters", 0, fact.clone());
    for (name, value) in [("reason", "not_json"), ("topic", "p.pipeline.deal_won"), ("partition", "0"), ("offset", "1")]
    {
        dead.headers.push((format!("revbus.dead.{name}").into_bytes(), Some(value.into())));
    }
    seen.push(dead);
    (sent, seen)
}

#[test]
fn the_oracle_accepts_a_faultless_run() {
    let (sent, seen) = faultless();
    assert_eq!(oracle::judge("p.", &sent, &seen), Vec::<String>::new());
}

#[test]
fn the_oracle_finds_every_fault() {
    let (sent, seen) = faultless();
    for index in 0..seen.len() {
        let mut lost = seen.clone();
        let gone = lost.remove(index).place();
        assert_ne!(oracle::judge("p.", &sent, &lost), Vec::<String>::new(), "{gone} lost");
        let mut twice = seen.clone();
        twice.push(Record { offset: 9, ..seen[index].clone() });
        assert_ne!(oracle::judge("p.", &sent, &twice), Vec::<String>::new(), "{gone} twice");
    }
    for change in [
        |record: &mut Record| record.key = None,
        |record: &mut Record| record.headers.remove(0).1.iter().for_each(drop),
    ] {
        let mut changed = seen.clone();
        change(changed.last_mut().unwrap());
        assert_ne!(oracle::judge("p.", &sent, &changed), Vec::<String>::new());
    }
}

#[test]
fn the_oracle_finds_a_broken_order() {
    let (first, second) = (facts::deal_won(1), facts::deal_won(2));
    let sent = |offset, fact| Sent {
        topic: "p.pipeline.deal_won".into(),
        partition: 0,
        offset,
        key: None,
        value: None,
        headers: vec![],
        expect: facts::routed(fact, &["compensation.calculate"]),
    };
    let sent = [sent(0, &first), sent(1, &second)];
    let derived = |offset, tenant: &str, id: &str| {
        let trigger = "compensation.calculate";
        let derived = revbus::ids::derived_event_id(tenant, "pipeline.deal_won", id, trigger);
        let metadata = json!({"causation_id": id});
        let json =
            json!({"event_id": format!("evt_{derived}"), "event_type": trigger, "payload": {"metadata": metadata}});
        let value = Some(json.to_string().into_bytes());
        Record { topic: format!("p.{trigger}"), partition: 0, offset, key: None, value, headers: vec![] }
    };
    let seen = [derived(0, "tenant_002", "evt_2"), derived(1, "tenant_001", "evt_1")];
    let findings = oracle::judge("p.", &sent, &seen);
    assert!(findings.iter().any(|finding| finding.contains("stands behind")), "{findings:?}");
}
