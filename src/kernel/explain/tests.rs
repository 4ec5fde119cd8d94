use std::sync::Arc;

use super::super::{Input, Topology, decide};
use super::*;
use crate::catalogue::compile;

const NOW: Timestamp = Timestamp::from_millis(1_705_314_600_000);
const SHIPPED: &str = include_str!("../../../topics.yaml");
const EDGE: &str = include_str!("../tests/edge.yaml");

fn rules(text: &str) -> Rules {
    let catalogue = Arc::new(compile("topics.yaml", text).0.unwrap());
    let topology = Topology::unlimited(&catalogue);
    Rules::new(catalogue, topology)
}

fn event(event_type: &str, payload: &str) -> String {
    let module = event_type.split('.').next().unwrap();
    format!(
        r#"{{"event_id":"e","event_type":"{event_type}","source_module":"{module}","tenant_id":"t","timestamp":"2024-01-15T10:30:00Z","payload":{payload}}}"#
    )
}

/// Checks that did not pass, with the first word of their verdict, and the results of the triggers.
fn short(explanation: &Explanation) -> String {
    let checks = explanation.checks.iter().filter(|check| check.verdict != Verdict::Passed);
    let checks: Vec<_> = checks.map(|check| format!("{}={:?}", check.check.name(), check.verdict)).collect();
    let triggers: Vec<_> =
        explanation.triggers.iter().map(|trigger| format!("{}={:?}", trigger.trigger, trigger.result)).collect();
    format!("{} | {} | {}", explanation.outcome, checks.join(" "), triggers.join(" "))
}

const UNKNOWN: &str = "policy=Unknown duplicate=Unknown";

#[test]
fn an_event_of_the_source_document() {
    let rules = rules(SHIPPED);
    let text = event("pipeline.closed_won", r#"{"deal_id":"d/1","amount":5.50,"rep_id":"r"}"#);
    let seen = explain(&rules, text.as_bytes(), Standing::default(), NOW);
    assert_eq!(
        short(&seen),
        format!(
            "routed | {UNKNOWN} | compensation.calculate=Fired forecast.validate=Fired customer_success.onboard=Fired"
        )
    );
    assert_eq!((seen.topic.as_deref(), seen.key.as_deref()), (Some("pipeline.deal_won"), Some("t/d%2F1")));
    assert_eq!(seen.derived.len(), 3);
    assert_eq!((&*seen.derived[0].topic, &*seen.derived[0].key), ("compensation.calculate", "t/d%2F1"));
    assert!(seen.derived[0].value.get().contains(r#""data":{"deal_id":"d/1","final_amount":5.50,"rep_id":"r"}"#));
    let notes: Vec<_> = seen.checks.iter().flat_map(|check| &check.notes).map(String::as_str).collect();
    assert!(notes.contains(&"`pipeline.closed_won` is a deprecated name of `pipeline.deal_won`"), "{notes:?}");
    assert!(notes.contains(&"3 of 3 fire"), "{notes:?}");
    let json = serde_json::to_value(&seen).unwrap();
    assert_eq!(json["checks"][0], serde_json::json!({"check": "envelope", "verdict": "passed"}));
    assert_eq!(json["triggers"][0]["result"], "fired");
    assert_eq!(json["derived"][0]["value"]["event_type"], "compensation.calculate");
}

#[test]
fn what_becomes_of_others() {
    let rules = rules(EDGE);
    let after = "policy=NotReached duplicate=NotReached hops=NotReached triggers=NotReached";
    let none = "type and topic=NotReached owner=NotReached tenant=NotReached time=NotReached payload=NotReached";
    for (text, expected) in [
        (event("sales.closed_world", r#"{"id":"i"}"#), format!("no_trigger | {UNKNOWN} | ")),
        (
            event("sales.ruled", r#"{"id":"i","amount":1}"#),
            format!("routed | {UNKNOWN} | work.take=Fired big=NotFired parted=NotFired"),
        ),
        (
            event("sales.ruled", r#"{"id":"i","amount":1,"parts":0}"#),
            format!("failed | {UNKNOWN} triggers=Failed | work.take=HeldBack big=NotFired parted=Failed"),
        ),
        (
            event("sales.noted", r#"{"data":{"note":"n"},"metadata":{"hops":16}}"#),
            format!("loop | {UNKNOWN} hops=Failed triggers=NotReached | work.take=HeldBack"),
        ),
        (event("sales.noted", r#"{"note":1}"#), format!("invalid | payload=Failed {after} | work.take=NotReached")),
        // What `record_key: required` asks for is taken to be there.
        (event("sales.keyed", r#"{"id":"i"}"#), format!("routed | {UNKNOWN} | work.take=Fired")),
        (
            event("sales.nothing", r#"{"note":1}"#),
            format!("invalid | type and topic=Failed owner=NotReached payload=NotReached {after} | "),
        ),
        ("nonsense".to_owned(), format!("invalid | envelope=Failed {none} {after} | ")),
    ] {
        assert_eq!(short(&explain(&rules, text.as_bytes(), Standing::default(), NOW)), expected, "{text}");
    }
}

#[test]
fn another_topic_than_its_own() {
    let rules = rules(EDGE);
    let text = event("sales.noted", r#"{"note":"n"}"#);
    let other = rules.catalogue.resolve("sales.won").map(crate::catalogue::TypeName::id);
    let standing = Standing { topic: other, ..Standing::default() };
    let seen = explain(&rules, text.as_bytes(), standing, NOW);
    assert_eq!(seen.dead_letter.map(|letter| letter.reasons), Some(vec!["wrong_topic"]));
}

/// The parts and the mappings of one trigger.
fn why(rules: &Rules, text: &str, trigger: &str) -> serde_json::Value {
    let seen = explain(rules, text.as_bytes(), Standing::default(), NOW);
    let found = seen.triggers.iter().find(|found| found.trigger == trigger).unwrap();
    serde_json::json!({ "because": found.because, "map": found.map })
}

#[test]
fn why_a_trigger_fired_or_not_and_how_its_fields_came_about() {
    let edge = rules(EDGE);
    let ruled = |payload: &str, trigger: &str| why(&edge, &event("sales.ruled", payload), trigger);
    assert_eq!(
        ruled(r#"{"id":"i","amount":1}"#, "big"),
        serde_json::json!({ "map": [], "because": [
            { "part": "data.amount >= 1000.0", "answer": "false", "saw": [{ "name": "data.amount", "value": 1.0 }] },
        ] })
    );
    assert_eq!(
        ruled(r#"{"id":"i","amount":1}"#, "parted")["because"],
        serde_json::json!([{ "part": "has(data.parts)", "answer": "false", "saw": [{ "name": "data.parts" }] }])
    );
    assert_eq!(
        ruled(r#"{"id":"i","amount":1,"parts":0}"#, "parted")["because"][0]["error"],
        serde_json::json!("a division by zero")
    );
    let mapped = why(&edge, &event("sales.mapped", r#"{"id":"i","value":3}"#), "work.book");
    assert_eq!(
        mapped["map"][1],
        serde_json::json!({
            "field": "fee", "expression": "data.amount / 4.0", "result": "0.75",
            "inputs": [{ "name": "data.amount", "value": 3.0 }],
        })
    );
    assert_eq!(mapped["map"][4]["inputs"], serde_json::json!([{ "name": "metadata.hops" }]));
    // What is not admitted is shown to no expression.
    let invalid = why(&edge, &event("sales.ruled", r#"{"id":7,"amount":1}"#), "big");
    assert_eq!(invalid, serde_json::json!({ "because": [], "map": [] }));
}

#[test]
fn what_is_redacted_is_not_shown_and_what_is_long_is_cut() {
    let text = EDGE
        .replace("secret: string?", "secret: {type: string, redact: true}\n          person:\n            pin: {type: string, redact: true}\n          note: string")
        .replace(r#"amount: "data.amount * 2.0""#, "amount: data.amount * 2.0\n              pin: data.person.pin + '!'\n              all: data\n              note: data.note");
    let note = "x".repeat(500);
    let data = format!(r#"{{"id":"i","value":3,"secret":"s3cret","person":{{"pin":"1234"}},"note":"{note}"}}"#);
    let seen = why(&rules(&text), &event("sales.mapped", &data), "work.book");
    let map = seen["map"].as_array().unwrap();
    let of = |field: &str| map.iter().find(|mapping| mapping["field"] == field).unwrap();
    assert_eq!(of("pin")["inputs"][0]["value"], "[redacted]");
    assert_eq!(of("pin")["result"], "[redacted]");
    assert!(!seen.to_string().contains("1234") && !seen.to_string().contains("s3cret"), "{seen:#}");
    let long = of("note")["result"].as_str().unwrap();
    assert!(long.ends_with("x…") && long.len() < 250, "{long}");
}

/// The explanation is the router's own decision: same outcome, same bytes.
#[test]
fn it_never_disagrees_with_the_router() {
    let rules = rules(EDGE);
    for (event_type, payload) in [
        ("sales.ruled", r#"{"id":"i","amount":5000,"parts":3}"#),
        ("sales.mapped", r#"{"id":"i","value":3}"#),
        ("sales.mapped", r#"{"id":"i"}"#),
        ("sales.open", r#"{"id":"i","size":"x"}"#),
    ] {
        let text = event(event_type, payload);
        let seen = explain(&rules, text.as_bytes(), Standing::default(), NOW);
        let record = Record {
            topic: rules.catalogue.resolve(event_type).unwrap().id(),
            partition: 5,
            offset: RecordOffset(7),
            timestamp: None,
            key: None,
            value: Some(text.as_bytes()),
            headers: &[],
        };
        let mut effects = Effects::new();
        let outcome = decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects);
        assert_eq!(seen.outcome, outcome.code());
        let commands = effects.produced().iter().filter(|produce| matches!(produce.topic, Topic::Event(_)));
        let bytes: Vec<_> = commands.map(|produce| effects.bytes(produce.value).to_vec()).collect();
        let shown: Vec<_> = seen.derived.iter().map(|event| event.value.get().as_bytes().to_vec()).collect();
        assert_eq!(shown, bytes);
        let message = effects.dead_letter().map(|letter| {
            let span = letter.headers.iter().find(|(name, _)| *name == "revbus.dead.message").unwrap().1;
            String::from_utf8_lossy(effects.bytes(span)).into_owned()
        });
        assert_eq!(seen.dead_letter.map(|letter| letter.message), message);
    }
}
