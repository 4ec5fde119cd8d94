//! The committed schemas are the generated ones, the libraries take them, and they judge events as the router does.

use std::collections::BTreeSet;
use std::path::Path;

use apache_avro::{Schema, types};
use serde_json::{Value, json};

use super::{Message, avro_schema, entity_name, files, is_generated, json_schema, messages, state_schema};
use crate::catalogue::{Catalogue, compile};
use crate::envelope;

const SHIPPED: &str = include_str!("../../../topics.yaml");
const SMALL: &str = include_str!("../../../tests/catalogue/small.yaml");

fn catalogue(text: &str) -> Catalogue {
    compile("topics.yaml", text).0.unwrap()
}

fn message<'c>(catalogue: &'c Catalogue, name: &str) -> Message<'c> {
    messages(catalogue).into_iter().find(|message| message.name == name).unwrap()
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let files = files(&catalogue(SHIPPED));
    for file in &files {
        crate::golden::check(&format!("schemas/{}", file.path), &file.text);
    }
    let generated: BTreeSet<String> = files.into_iter().map(|file| file.path).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut committed = BTreeSet::new();
    for folder in ["", "avro/", "json/", "json/state/"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                committed.insert(format!("{folder}{}", path.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    let stale: Vec<_> = committed.difference(&generated).collect();
    assert!(stale.is_empty(), "no event type has these; `revbus schema generate` removes them: {stale:?}");
}

#[test]
fn facts_commands_and_replies_have_schemas_that_the_libraries_take() {
    for (text, count) in [(SHIPPED, 57 + 11), (SMALL, 6 + 1)] {
        let catalogue = catalogue(text);
        let messages = messages(&catalogue);
        assert_eq!(messages.len(), count);
        for message in messages {
            let avro = avro_schema(&message);
            let parsed = Schema::parse(&avro).unwrap_or_else(|error| panic!("{}: {error}", message.name));
            assert_eq!(parsed.name().unwrap().fullname(None), format!("{}.Event", message.name));
            let json = json_schema(&message);
            jsonschema::draft202012::meta::validate(&json).unwrap();
            assert!(!json.to_string().contains("$ref"), "{} looks elsewhere", message.name);
            for (path, schema) in
                [(format!("avro/{}.avsc", message.name), avro), (format!("json/{}.json", message.name), json)]
            {
                assert!(is_generated(&path, &schema.to_string()));
                assert!(!is_generated(&path.replace(&message.name, "other.type"), &schema.to_string()));
            }
        }
    }
    assert!(!is_generated("json/sales.deal_won.json", "{}") && !is_generated("avro/a.b.avsc", "no JSON"));
}

fn event(name: &str, payload: &Value) -> Value {
    json!({
        "event_id": "e1",
        "event_type": name,
        "source_module": "sales",
        "tenant_id": "acme",
        "timestamp": "2024-01-15T10:30:00Z",
        "payload": payload,
    })
}

fn with(mut event: Value, key: &str, value: Value) -> Value {
    event[key] = value;
    event
}

/// What the router says of the envelope and the data.
fn admitted(message: &Message<'_>, event: &Value) -> bool {
    let text = event.to_string();
    let mut reasons = Vec::new();
    let envelope = envelope::read(&text, &mut reasons);
    if let Some(data) = &envelope.data {
        crate::schema::check(message.contract, &data.members, &mut reasons);
    }
    reasons.is_empty()
}

#[test]
fn payloads_are_judged_as_the_router_does() {
    let open = catalogue(SMALL);
    let closed = catalogue(&SMALL.replacen("retention: 30d", "additional_fields: refuse", 1));
    let good = json!({ "deal_id": "d", "amount": 1, "stage": "open", "address": { "city": "Bern" } });
    let change = |key: &str, value: Value| with(good.clone(), key, value);
    let payloads = [
        json!({ "data": good }),
        json!({ "action": "deal_won", "data": good, "metadata": { "hops": 1 } }),
        good.clone(),
        change("metadata", json!({ "hops": 2 })),
        change("action", json!("any")),
        change("rep_id", Value::Null),
        change("undeclared", json!([1])),
        change("data", json!({ "deal_id": 1 })),
        change("data", json!(1)),
        change("stage", json!("lost")),
        change("value", json!(1)),
        change("deal_id", Value::Null),
        json!({ "data": change("undeclared", json!(1)) }),
        json!({ "data": change("rep_id", json!(1)) }),
        json!({ "data": change("value", json!(1)) }),
        json!({ "data": { "deal_id": "d", "value": 1, "stage": "won", "address": { "city": "Bern" } } }),
        json!({ "data": { "deal_id": "d", "value": 1, "stage": "won", "address": {} } }),
        json!({ "data": good, "metadata": { "hops": -1 } }),
        json!({ "data": {}, "metadata": null }),
        json!({ "data": null }),
        json!({}),
    ];
    let mut verdicts = BTreeSet::new();
    for catalogue in [&open, &closed] {
        let message = message(catalogue, "sales.deal_won");
        let validator = jsonschema::draft202012::new(&json_schema(&message)).unwrap();
        for payload in &payloads {
            let event = event("sales.deal_won", payload);
            let verdict = admitted(&message, &event);
            assert_eq!(validator.is_valid(&event), verdict, "{payload}");
            verdicts.insert((catalogue.digest.as_str().to_owned(), verdict));
        }
    }
    assert_eq!(verdicts.len(), 4, "each catalogue takes some and refuses some");
}

#[test]
fn a_key_is_judged_as_an_entity() {
    let catalogue = catalogue(SMALL);
    let deal = |id: &Value| json!({ "deal_id": id, "amount": 1, "stage": "open", "address": { "city": "Bern" } });
    let fits = |name: &str, data: &Value| {
        let validator = jsonschema::draft202012::new(&json_schema(&message(&catalogue, name))).unwrap();
        let event = with(event(name, &json!({ "data": data })), "target_module", json!("sales"));
        let flat = with(event.clone(), "payload", data.clone());
        assert_eq!(validator.is_valid(&event), validator.is_valid(&flat), "nested and flat");
        validator.is_valid(&event)
    };
    for (id, good) in [
        ("d".to_owned(), true),
        ("é\n".repeat(256), true),
        (String::new(), false),
        ("x".repeat(513), false),
        ("a\0b".to_owned(), false),
    ] {
        assert_eq!(fits("sales.deal_won", &deal(&json!(id))), good, "{id:?}");
        assert_eq!(fits("sales.close", &json!({ "deal_id": id })), good, "{id:?}");
    }
    assert!(fits("sales.close", &json!({})) && fits("sales.close", &json!({ "deal_id": null })), "it may be absent");
}

#[test]
fn the_rules_of_the_kind_hold() {
    let catalogue = catalogue(SMALL);
    let deal = json!({ "deal_id": "d", "amount": 1, "stage": "open", "address": { "city": "Bern" } });
    let fact = event("sales.deal_won", &json!({ "data": deal }));
    let command = with(event("sales.close", &json!({ "data": {} })), "target_module", json!("sales"));
    let reply = event("sales.close.completed", &json!({ "data": { "closed": true } }));
    for (name, event, fits) in [
        ("sales.deal_won", fact.clone(), true),
        ("sales.deal_won", with(fact.clone(), "event_type", json!("sales.closed_won")), true),
        ("sales.deal_won", with(fact.clone(), "event_type", json!("sales.close")), false),
        ("sales.deal_won", with(fact.clone(), "source_module", json!("pay")), false),
        ("sales.deal_won", with(fact.clone(), "requires_response", json!(false)), true),
        ("sales.deal_won", with(fact.clone(), "requires_response", json!(true)), false),
        ("sales.deal_won", with(fact.clone(), "timeout_seconds", json!(0)), true),
        ("sales.deal_won", with(fact.clone(), "tenant_id", json!("a/b")), false),
        ("sales.deal_won", with(fact, "theirs", json!(1)), true),
        ("sales.close", command.clone(), true),
        ("sales.close", with(command.clone(), "source_module", json!("pay")), true),
        ("sales.close", with(command.clone(), "requires_response", json!(true)), true),
        ("sales.close", with(command.clone(), "timeout_seconds", json!(0)), false),
        ("sales.close", with(command, "target_module", json!("pay")), false),
        ("sales.close", event("sales.close", &json!({ "data": {} })), false),
        ("sales.close.completed", reply.clone(), true),
        ("sales.close.completed", with(reply, "source_module", json!("pay")), false),
        ("sales.close.completed", event("sales.close.completed", &json!({ "data": {} })), false),
    ] {
        let validator = jsonschema::draft202012::new(&json_schema(&message(&catalogue, name))).unwrap();
        assert_eq!(validator.is_valid(&event), fits, "{event}");
    }
}

/// Whether the contract takes a state.
fn kept(contract: &crate::schema::Contract, state: &Value) -> bool {
    let text = state.to_string();
    let (mut members, mut reasons) = (Vec::new(), Vec::new());
    crate::json::members(crate::json::Scanner::new(&text).value().unwrap(), |member| members.push(member));
    crate::schema::check(contract, &members, &mut reasons);
    reasons.is_empty()
}

#[test]
fn states_are_judged_as_their_contract_does() {
    let text = "version: 1\nmodules: {success: {state: {account: {additional_fields: refuse, fields: {score: \"number(0..100)\", \
                risk: {type: enum(low|high), aliases: [danger]}, seen: \"datetime?\"}}, note: {}}}}";
    let catalogue = catalogue(text);
    let [account, note] = catalogue.entity_types.as_slice() else { panic!("two entity types") };
    let schema = state_schema(&entity_name(&catalogue, account), account);
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    assert!(is_generated("json/state/success.account.json", &schema.to_string()));
    assert!(!is_generated("json/success.account.json", &schema.to_string()));
    let (account, schema) = (&account.contract, jsonschema::draft202012::new(&schema).unwrap());
    for (state, fits) in [
        (json!({ "score": 1, "risk": "low" }), true),
        (json!({ "score": 1, "danger": "low", "seen": null }), true),
        (json!({ "score": 101, "risk": "low" }), false),
        (json!({ "score": 1, "risk": "low", "more": 1 }), false),
        (json!({ "score": 1, "risk": null }), false),
        (json!({}), false),
    ] {
        assert_eq!((schema.is_valid(&state), kept(account, &state)), (fits, fits), "{state}");
    }
    let any = jsonschema::draft202012::new(&state_schema("success.note", note)).unwrap();
    assert!(any.is_valid(&json!({ "more": 1 })) && !any.is_valid(&json!([])));
}

/// A producer writes by the schema, a consumer reads the same.
#[test]
fn an_event_goes_through_avro() {
    let catalogue = catalogue(SHIPPED);
    let schema = Schema::parse(&avro_schema(&message(&catalogue, "pipeline.deal_won"))).unwrap();
    let none = || types::Value::Union(0, Box::new(types::Value::Null));
    let text = |text: &str| types::Value::String(text.to_owned());
    let Schema::Record(record) = &schema else { panic!("no record") };
    let order: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(order[..6], ["event_id", "event_type", "source_module", "target_module", "tenant_id", "user_id"]);
    let data = types::Value::Record(vec![
        ("deal_id".into(), text("d1")),
        ("final_amount".into(), types::Value::Double(75_000.0)),
        ("close_date".into(), types::Value::Union(1, Box::new(types::Value::Date(19_737)))),
        ("rep_id".into(), text("r1")),
        ("account_id".into(), none()),
    ]);
    let payload =
        types::Value::Record(vec![("action".into(), none()), ("data".into(), data), ("metadata".into(), none())]);
    let event = types::Value::Record(vec![
        ("event_id".into(), text("e1")),
        ("event_type".into(), text("pipeline.deal_won")),
        ("source_module".into(), text("pipeline")),
        ("target_module".into(), none()),
        ("tenant_id".into(), text("t1")),
        ("user_id".into(), none()),
        ("timestamp".into(), types::Value::TimestampMicros(1_705_314_600_000_000)),
        ("payload".into(), payload),
        ("correlation_id".into(), none()),
        ("requires_response".into(), none()),
        ("timeout_seconds".into(), none()),
    ]);
    assert!(event.validate(&schema));
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).unwrap();
    writer.append_value(event.clone()).unwrap();
    let bytes = writer.into_inner().unwrap();
    let read: Vec<_> = apache_avro::Reader::new(&bytes[..]).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, [event]);
}
