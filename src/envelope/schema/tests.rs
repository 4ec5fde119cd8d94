//! The committed schema is the generated one, and accepts what the router accepts.

use serde_json::{Value, json};

use super::integration_event_schema;

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&integration_event_schema()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The sample of the Standard Event Format, its `{ ... }` filled.
fn sample() -> Value {
    json!({
        "event_id": "evt_uuid",
        "event_type": "module.action.status",
        "source_module": "forecast",
        "target_module": "compensation",
        "tenant_id": "tenant_001",
        "user_id": "user_123",
        "timestamp": "2024-01-15T10:30:00Z",
        "payload": {
            "action": "forecast_submitted",
            "data": { "forecast_id": "f1" },
            "metadata": { "causation_id": "evt_0" }
        },
        "correlation_id": "corr_workflow_001",
        "requires_response": true,
        "timeout_seconds": 30
    })
}

/// Pattern 2 of the source document, behind what its event bus adds.
fn pattern_2() -> Value {
    json!({
        "event_id": "evt_1",
        "event_type": "pipeline.deal_won",
        "source_module": "pipeline",
        "payload": { "deal_id": "deal_456", "amount": 100_000, "rep_id": "rep_123" },
        "tenant_id": "tenant_001",
        "timestamp": "2024-01-15T10:30:00Z"
    })
}

/// A change to the sample: a pointer and what stands there, or nothing.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let mut event = sample();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    event
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    crate::golden::check("schemas/integration_event_schema.json", &integration_event_schema());
}

#[test]
fn the_schema_is_a_schema() {
    let schema: Value = serde_json::from_str(&integration_event_schema()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    for (name, field) in schema["properties"].as_object().unwrap() {
        assert!(field.get("description").is_some() || field.get("$ref").is_some(), "{name} is not described");
    }
}

#[test]
fn what_the_router_accepts_is_valid() {
    let validator = validator();
    for event in [
        sample(),
        pattern_2(),
        changed("/event_id", Some(json!("x"))),
        changed("/event_id", Some(json!("ü".repeat(64)))),
        changed("/target_module", None),
        changed("/user_id", Some(Value::Null)),
        changed("/correlation_id", Some(Value::Null)),
        changed("/correlation_id", Some(json!(""))),
        changed("/requires_response", Some(Value::Null)),
        changed("/timeout_seconds", Some(json!(30.0))),
        changed("/timeout_seconds", Some(json!(0))),
        changed("/unknown", Some(json!({ "a": 1 }))),
        changed("/event_type", Some(json!("pipeline.deal_won"))),
        changed("/timestamp", Some(json!("2024-01-15T10:30:00"))),
        changed("/timestamp", Some(json!("2024-01-15T10:30:00.123456+05:30"))),
        changed("/tenant_id", Some(json!("a.b-c_D9"))),
        changed("/payload/action", None),
        changed("/payload/metadata", Some(Value::Null)),
        changed("/payload/metadata/hops", Some(json!(3))),
        changed("/payload/metadata/hops", Some(Value::Null)),
        changed("/payload/metadata/theirs", Some(json!([1]))),
        changed("/payload/beside", Some(json!(1))),
        changed("/payload", Some(json!({}))),
        changed("/payload", Some(json!({ "deal_id": "d", "metadata": { "hops": 1 }, "action": "x" }))),
    ] {
        let errors: Vec<_> = validator.iter_errors(&event).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{event}\n{errors:#?}");
    }
}

#[test]
fn what_no_router_accepts_is_invalid() {
    let validator = validator();
    for event in [
        json!([]),
        changed("/event_id", None),
        changed("/event_id", Some(json!(""))),
        changed("/event_id", Some(json!("x".repeat(129)))),
        changed("/event_id", Some(json!("a\u{0}b"))),
        changed("/event_id", Some(json!(1))),
        changed("/event_type", Some(json!("deal_won"))),
        changed("/source_module", None),
        changed("/tenant_id", Some(json!("a/b"))),
        changed("/tenant_id", Some(json!("x".repeat(129)))),
        changed("/tenant_id", Some(Value::Null)),
        changed("/timestamp", Some(json!("yesterday"))),
        changed("/timestamp", Some(json!(1_705_314_600))),
        changed("/requires_response", Some(json!("yes"))),
        changed("/payload", Some(json!([]))),
        changed("/payload", None),
        changed("/payload/data", Some(json!(1))),
        changed("/payload/metadata/hops", Some(json!(-1))),
        changed("/payload/metadata/hops", Some(json!(1.5))),
        changed("/payload/metadata/causation_id", Some(json!(1))),
    ] {
        assert!(!validator.is_valid(&event), "{event}");
    }
}
