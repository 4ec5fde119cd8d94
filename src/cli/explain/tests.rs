use std::sync::Arc;

use super::*;
use crate::catalogue::compile;

const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);

fn rules(text: &str) -> Rules {
    let catalogue = Arc::new(compile("topics.yaml", text).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

const EVENT: &str = r#"{"event_id":"evt_1","event_type":"sales.deal_won","source_module":"sales","tenant_id":"acme",
    "timestamp":"2024-01-15T10:30:00Z","payload":{"deal_id":"d","value":1.50,"stage":"won","address":{"city":"x"}}}"#;

#[test]
fn text_for_people() {
    let rules = rules(include_str!("../../../tests/catalogue/small.yaml"));
    let shown = text::render(&explain(&rules, EVENT.as_bytes(), Standing::default(), NOW));
    let shown = shown.replace(rules.catalogue.digest.as_str(), "DIGEST");
    crate::golden::check("src/cli/explain/routed.txt", &shown);
    let bad = EVENT.replace("\"d\"", "7").replace("acme", "other");
    let shown = text::render(&explain(&rules, bad.as_bytes(), Standing::default(), NOW));
    crate::golden::check("src/cli/explain/dead_letter.txt", &shown);
}

#[test]
fn why_triggers_fired_failed_or_not() {
    let rules = rules(include_str!("why.yaml"));
    let mut shown = String::new();
    for parts in ["2", "0"] {
        let text = EVENT.replace("\"value\":1.50", &format!("\"amount\":500,\"parts\":{parts}"));
        shown.push_str(&text::render(&explain(&rules, text.as_bytes(), Standing::default(), NOW)));
        shown.push_str("\n---\n");
    }
    let shown = shown.replace(rules.catalogue.digest.as_str(), "DIGEST");
    crate::golden::check("src/cli/explain/why.txt", &shown);
}

#[test]
fn topics_by_their_name_or_their_type() {
    let rules = rules(include_str!("../../../tests/catalogue/small.yaml"));
    for name in ["test.sales.deal_won", "sales.deal_won", "sales.closed_won"] {
        assert_eq!(resolve(&rules.catalogue, name).unwrap(), TypeId(0), "{name}");
    }
    let error = resolve(&rules.catalogue, "test.sales.deal_lost").unwrap_err().to_string();
    assert!(error.ends_with("did you mean `test.sales.deal_won`?"), "{error}");
}

#[test]
fn a_line_of_tap_is_the_record_that_it_tells_of() {
    let rules = rules(include_str!("../../../tests/catalogue/small.yaml"));
    let line = |topic: &str, key: &str, [name, value]: [&str; 2]| {
        let place = format!(r#""topic":"{topic}","partition":0,"offset":7,"timestamp":null"#);
        format!(r#"{{{place},"key":{key},"headers":[{{"name":"{name}","value":"{value}"}}],"value":{EVENT}}}"#)
    };
    let of = |text: String, topic: Option<&str>| given(&rules.catalogue, text.into_bytes(), topic.map(str::to_owned));
    let told =
        |key: &str, topic: &str| Given { value: EVENT.into(), key: Some(key.into()), topic: Some(topic.to_owned()) };
    let (fact, other, letters) = ("test.sales.deal_won", "test.sales.deal_lost", "test.revbus.dead_letters");
    let died = ["revbus.dead.topic", other];
    assert_eq!(of(line(fact, "\"acme/d\"", died), None).unwrap(), told("acme/d", fact));
    assert_eq!(of(line(fact, "null", died), Some("sales.closed_won")).unwrap(), told("", "sales.closed_won"));
    assert_eq!(of(line(letters, "null", died), None).unwrap(), told("", other), "where it stood");
    let cut = line(letters, "null", ["revbus.dead.message", "cut to its first 9 bytes"]);
    assert!(of(cut, None).unwrap_err().to_string().ends_with("cut to its first 9 bytes"));
    assert_eq!(of(EVENT.to_owned(), None).unwrap(), Given { value: EVENT.into(), key: None, topic: None });
}

#[test]
fn an_update_is_explained_stage_by_stage() {
    let rules = rules(include_str!("../../client/state/sample.yaml"));
    let update = include_str!("../../../examples/account_update.json");
    let old = r#"{"health_score": 80, "risk_level": "low"}"#;
    let present = |version| Some(Present { state: old, version: Version(version) });
    let of = |text: &str, present| update::render(&explain_update(&rules, text.as_bytes(), present, NOW));
    let mut shown = String::new();
    for (text, present) in [
        (update.to_owned(), present(3)),
        (update.to_owned(), present(4)),
        (update.replace("42", "80"), present(3)),
        (update.replace(",\n      \"expected_version\": 3", ""), None),
        (update.replace("42", "101").replace("\"medium\"", "7"), present(3)),
        (update.replace("\"source_module\": \"customer_success\"", "\"source_module\": \"pipeline\""), present(3)),
        (update.replace("expected_version", "expected"), present(3)),
        (
            update
                .replace("state.put", "state.delete")
                .replace("\"state\": {\"health_score\": 42, \"risk_level\": \"medium\"},", ""),
            present(3),
        ),
    ] {
        shown.push_str(&of(&text, present));
        shown.push_str("\n---\n");
    }
    crate::golden::check("src/cli/explain/update.txt", &shown.replace(rules.catalogue.digest.as_str(), "DIGEST"));
}

/// The explanation of an update is the router's own decision.
#[test]
fn an_explained_update_never_disagrees_with_the_router() {
    use crate::ids::RecordOffset;
    use crate::kernel::{Effects, Input, NoMemory, Record, StateUpdates, decide, partition_of};
    let rules = rules(include_str!("../../client/state/sample.yaml"));
    let update = include_str!("../../../examples/account_update.json").replace(",\n      \"expected_version\": 3", "");
    for text in
        [update.clone(), update.replace("42", "101"), update.replace("acme", ""), update.replace("put", "delete")]
    {
        let explained = explain_update(&rules, text.as_bytes(), None, NOW);
        let key = explained.key.as_deref().unwrap_or_default().as_bytes();
        let partition = partition_of(key, rules.topology.state.updates.partitions);
        let (offset, value) = (RecordOffset(0), Some(text.as_bytes()));
        let record =
            Record { topic: StateUpdates, partition, offset, timestamp: None, key: Some(key), value, headers: &[] };
        let outcome = decide(&rules, &NoMemory, Input::Update(record), NOW, &mut Effects::new());
        assert_eq!(explained.outcome, outcome.code(), "{text}");
    }
}
