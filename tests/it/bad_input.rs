//! Every kind of bad record, each with a good one right behind it on the same partition: the bad one is a dead letter
//! with its bytes, key and headers, the good one is routed, and nothing stops.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use Codes::{Among, Exactly};

use crate::support::record::Header;
use crate::support::{Bus, Cluster, Expect, Follower, Outgoing, Sender, eventually, facts};

/// A record of the table, and what it leads to.
struct Case {
    name: String,
    record: Outgoing,
    expect: Expect,
    /// All reason codes of its dead letter, where they are known.
    reasons: Option<&'static str>,
}

/// The reason codes of a bad record.
#[derive(Clone, Copy)]
enum Codes {
    /// This one, perhaps with others.
    Among(&'static str),
    /// These, in this order, a comma between them.
    Exactly(&'static str),
}

#[test]
fn every_bad_record_is_a_dead_letter_and_the_next_one_is_routed() {
    let bus = Bus::new(Cluster::shared(), "bad", include_str!("edge.yaml"), 1);
    bus.apply();
    let router = bus.router("a");
    let cases = table(&bus);
    let records = cases.iter().map(|case| (case.record.clone(), case.expect.clone())).collect();
    let sent = facts::send(&Sender::new(&bus.broker), records);
    let audit = Follower::of(&bus.broker, &[bus.topic("revbus.audit")]);
    eventually("every record is audited", Duration::from_secs(60), || (audit.count() >= sent.len()).then_some(()));
    router.stop();
    for (case, sent) in cases.iter().zip(&sent) {
        println!("{}[0]@{}: {}", sent.topic, sent.offset, case.name); // shown when the test fails
    }
    bus.judge(&sent);
    let letters = bus.drain("revbus.dead_letters");
    for (case, sent) in cases.iter().zip(&sent).filter(|(case, _)| case.reasons.is_some()) {
        let offset = sent.offset.to_string();
        let place = (Some(sent.topic.as_str()), Some(offset.as_str()));
        let letter = letters.iter().find(|l| (l.header("revbus.dead.topic"), l.header("revbus.dead.offset")) == place);
        let letter = letter.unwrap_or_else(|| panic!("{}: no dead letter", case.name));
        assert_eq!(letter.header("revbus.dead.reason"), case.reasons, "{}", case.name);
        for header in ["message", "timestamp", "catalogue"] {
            let text = letter.header(&format!("revbus.dead.{header}"));
            assert!(text.is_some_and(|text| !text.is_empty()), "{}: no {header}", case.name);
        }
    }
}

/// The cases, each followed by a good record.
fn table(bus: &Bus) -> Vec<Case> {
    let mut make = Table { bus, cases: Vec::new() };
    for bad in facts::BAD {
        let value = (bad.make)(facts::deal_won(make.next()));
        make.bad(bad.name, "pipeline.deal_won", value, Among(bad.code));
    }
    headers(&mut make);
    keys(&mut make);
    sizes(&mut make);
    rules(&mut make);
    make.cases
}

/// Header lists that clients and proxies write, on a good record and on a bad one.
fn headers(make: &mut Table) {
    let header = |name: &[u8], value: Option<&[u8]>| (name.to_vec(), value.map(<[u8]>::to_vec));
    let thousand = (0..1000).map(|n| header(format!("h{n}").as_bytes(), Some(b"v"))).collect();
    let lists: [(&str, Vec<Header>); 6] = [
        ("header name that is not UTF-8", vec![header(b"\xff\xfe", Some(b"v")), header(b"a", Some(b"1"))]),
        ("empty header name", vec![header(b"", Some(b"v"))]),
        ("repeated header name", vec![header(b"a", Some(b"1")), header(b"b", None), header(b"a", Some(b"2"))]),
        (
            "null, empty and binary header values",
            vec![header(b"a", None), header(b"b", Some(b"")), header(b"c", Some(b"\0\xff"))],
        ),
        ("a thousand headers", thousand),
        ("headers of an earlier death", vec![header(b"revbus.dead.offset", Some(b"7")), header(b"a", Some(b"1"))]),
    ];
    for (name, list) in lists {
        let good = facts::deal_won(make.next());
        make.good(name, "pipeline.deal_won", &good, &["pay.calculate"]);
        make.last().record.headers = list.clone();
        make.bad(name, "pipeline.deal_won", Some(b"{".to_vec()), Exactly("not_json"));
        make.before_last().record.headers = list;
    }
}

/// Keys: the body decides, unless the catalogue requires them.
fn keys(make: &mut Table) {
    for (name, key) in [("no key", None), ("empty key", Some(vec![])), ("binary key", Some(vec![0xff, 0]))] {
        let good = facts::deal_won(make.next());
        make.good(name, "pipeline.deal_won", &good, &["pay.calculate"]);
        make.last().record.key = key.clone();
        make.bad(name, "pipeline.deal_won", Some(b"[]".to_vec()), Exactly("not_json"));
        make.before_last().record.key = key.clone();
        let keyed = make.fact("pipeline.keyed", json!({}));
        let name = format!("{name} where one is required");
        make.bad(&name, "pipeline.keyed", bytes(&keyed), Exactly("record_key_mismatch"));
        make.before_last().record.key = key;
    }
}

/// Sizes at and beyond the limits.
fn sizes(make: &mut Table) {
    let mut good = facts::deal_won(make.next());
    good["payload"]["data"]["note"] = json!("x".repeat(90_000));
    make.good("a long string below the limit", "pipeline.deal_won", &good, &["pay.calculate"]);
    for (name, size) in [("beyond the limit", 150_000), ("a string of 10 MB", 10_000_000)] {
        let mut long = facts::deal_won(make.next());
        long["payload"]["data"]["note"] = json!("x".repeat(size));
        make.bad(name, "pipeline.deal_won", bytes(&long), Exactly("record_too_large"));
    }
    let noted = make.fact("pipeline.noted", json!({"note": "x".repeat(8_000)}));
    make.bad("an oversized derived event", "pipeline.noted", bytes(&noted), Exactly("derived_too_large"));
}

/// Rules that need the edge catalogue.
fn rules(make: &mut Table) {
    let mut stranger = facts::deal_won(make.next());
    stranger["tenant_id"] = json!("stranger");
    make.bad("a tenant that is not listed", "pipeline.deal_won", bytes(&stranger), Exactly("unknown_tenant"));
    let open = make.fact("pipeline.keyed", json!({"extra": 1}));
    make.bad("a field of a closed contract", "pipeline.keyed", bytes(&open), Exactly("field_undeclared"));
    for (name, code, data) in [
        ("a condition that fails", "condition_failed", json!({"parts": 0, "wholes": 5})),
        ("a mapping that fails", "mapping_failed", json!({"parts": 5, "wholes": 0})),
    ] {
        let counted = make.fact("pipeline.counted", data);
        make.bad(name, "pipeline.counted", bytes(&counted), Exactly(code));
    }
    let mut both = facts::deal_won(make.next());
    both["source_module"] = json!("forecast");
    both["timestamp"] = json!("2999-01-01T00:00:00Z");
    make.bad("two breaches", "pipeline.deal_won", bytes(&both), Exactly("wrong_owner,timestamp_in_future"));
    let lost = make.fact("pipeline.deal_lost", json!({}));
    make.push("a fact that triggers nothing", "pipeline.deal_lost", bytes(&lost), Expect::Audited("no_trigger"));
}

/// The table as it grows.
struct Table<'a> {
    bus: &'a Bus,
    cases: Vec<Case>,
}

impl Table<'_> {
    /// A sequence number that no other case has.
    fn next(&self) -> usize {
        self.cases.len() * 2
    }

    /// A fact of the edge catalogue with these data beside its key.
    fn fact(&self, event_type: &str, data: Value) -> Value {
        let mut fact = facts::deal_won(self.next());
        fact["event_type"] = json!(event_type);
        let mut all = json!({"deal_id": fact["payload"]["data"]["deal_id"]});
        all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        fact["payload"]["data"] = all;
        fact
    }

    fn push(&mut self, name: &str, topic: &str, value: Option<Vec<u8>>, expect: Expect) {
        let key = value.as_deref().and_then(|value| serde_json::from_slice::<Value>(value).ok()).and_then(|fact| {
            Some(format!("{}/{}", fact["tenant_id"].as_str()?, fact["payload"]["data"]["deal_id"].as_str()?))
        });
        let record = self.bus.outgoing(topic, key.as_deref().unwrap_or("a key"), Vec::new());
        self.cases.push(Case { name: name.into(), record: Outgoing { value, ..record }, expect, reasons: None });
    }

    fn good(&mut self, name: &str, topic: &str, fact: &Value, triggers: &'static [&'static str]) {
        self.push(name, topic, bytes(fact), facts::routed(fact, triggers));
    }

    /// A bad record, and a good one behind it.
    fn bad(&mut self, name: &str, topic: &str, value: Option<Vec<u8>>, codes: Codes) {
        let (Among(all) | Exactly(all)) = codes;
        self.push(name, topic, value, Expect::Dead(all.split(',').next().unwrap_or(all)));
        self.last().reasons = matches!(codes, Exactly(_)).then_some(all);
        let (data, triggers): (_, &'static [_]) = match topic {
            "pipeline.deal_won" => {
                (json!({"final_amount": 1, "close_date": "2026-01-05", "rep_id": "r"}), &["pay.calculate"])
            }
            "pipeline.counted" => (json!({"parts": 5, "wholes": 5}), &["pay.calculate", "pay.note"]),
            "pipeline.noted" => (json!({"note": "short"}), &["pay.note"]),
            _ => (json!({}), &["pay.note"]),
        };
        let next = self.fact(topic, data);
        self.good(&format!("behind: {name}"), topic, &next, triggers);
    }

    fn last(&mut self) -> &mut Case {
        self.cases.last_mut().unwrap()
    }

    fn before_last(&mut self) -> &mut Case {
        self.cases.iter_mut().nth_back(1).unwrap()
    }
}

fn bytes(fact: &Value) -> Option<Vec<u8>> {
    Some(fact.to_string().into_bytes())
}

/// The oracle tells events by their ids: none may stand in the table twice.
#[test]
fn the_table_has_no_id_twice_by_accident() {
    let bus = Bus::new(Cluster::shared(), "table", include_str!("edge.yaml"), 1);
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for case in table(&bus) {
        if let Expect::Routed { event_id, .. } = case.expect {
            *ids.entry(event_id).or_default() += 1;
        }
    }
    assert_eq!(ids.values().max(), Some(&1));
}
