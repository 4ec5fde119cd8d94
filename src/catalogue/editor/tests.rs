//! Editor and compiler know the same keys, and mostly say the same of a file.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use super::topics_schema;
use crate::catalogue::{codes, compile};

const SHIPPED: &str = include_str!("../../../topics.yaml");
const SMALL: &str = include_str!("../../../tests/catalogue/small.yaml");

/// A file as an editor sees it.
fn read(text: &str) -> Value {
    fn value(yaml: &Yaml) -> Value {
        match yaml {
            Yaml::Real(text) => json!(text.parse::<f64>().unwrap()),
            Yaml::Integer(number) => json!(number),
            Yaml::String(text) => json!(text),
            Yaml::Boolean(boolean) => json!(boolean),
            Yaml::Array(items) => items.iter().map(value).collect(),
            Yaml::Hash(entries) => {
                let entry = |(key, item): (&Yaml, &Yaml)| (key.as_str().unwrap().to_owned(), value(item));
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
            Yaml::Null => Value::Null,
            Yaml::Alias(_) | Yaml::BadValue => panic!("{yaml:?}"),
        }
    }
    value(&YamlLoader::load_from_str(text).unwrap()[0])
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&topics_schema()).unwrap()
}

fn complaints(text: &str) -> Vec<String> {
    validator().iter_errors(&read(text)).map(|error| format!("{} at {}", error, error.instance_path())).collect()
}

#[test]
fn it_is_a_schema_and_the_catalogues_are_valid() {
    jsonschema::draft7::meta::validate(&topics_schema()).unwrap();
    assert_eq!(complaints(SHIPPED), [""; 0]);
    assert_eq!(complaints(SMALL), [""; 0]);
}

/// The keys that the compiler names where it meets one that it does not know.
fn compiled_keys(text: &str) -> BTreeSet<String> {
    let (_, found) = compile("test.yaml", text);
    let found = found.iter().find(|found| found.code == codes::UNKNOWN_KEY).unwrap_or_else(|| panic!("{text}"));
    let help = found.help.as_deref().unwrap().strip_prefix("the keys are ").unwrap();
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys that an editor offers at a pointer into the schema.
fn offered_keys(pointer: &str) -> BTreeSet<String> {
    let schema = topics_schema();
    let place = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
    assert_eq!(place["additionalProperties"], json!(false), "{pointer}");
    let keys = place["properties"].as_object().unwrap();
    for (key, schema) in keys {
        assert!(schema["description"].as_str().is_some_and(|text| text.ends_with('.')), "{key} is not described");
    }
    keys.keys().cloned().collect()
}

#[test]
fn editor_and_compiler_know_the_same_keys() {
    let fact = |inner: &str| format!("version: 1\nmodules: {{a: {{outbound: {{a.b: {inner}}}}}}}");
    let entity = |inner: &str| format!("version: 1\nmodules: {{a: {{state: {{e: {inner}}}}}}}");
    for (pointer, text) in [
        ("", "version: 1\nzzzzzzzzzzzz: 1\nmodules: {}".to_owned()),
        ("/properties/audit", "version: 1\naudit: {zzzzzzzzzzzz: 1}\nmodules: {}".to_owned()),
        ("/definitions/topic", "version: 1\ndefaults: {zzzzzzzzzzzz: 1}\nmodules: {}".to_owned()),
        ("/definitions/module", "version: 1\nmodules: {a: {zzzzzzzzzzzz: 1}}".to_owned()),
        ("/definitions/fact", fact("{zzzzzzzzzzzz: 1}")),
        ("/definitions/command", "version: 1\nmodules: {a: {actions: {a.b: {zzzzzzzzzzzz: 1}}}}".to_owned()),
        ("/definitions/trigger/anyOf/1", fact("{triggers: [{zzzzzzzzzzzz: 1}]}")),
        ("/definitions/field/else/then", fact("{payload: {f: {type: string, zzzzzzzzzzzz: 1}}}")),
        ("/definitions/subscription", "version: 1\nmodules: {a: {inbound: {b.c: {zzzzzzzzzzzz: 1}}}}".to_owned()),
        ("/definitions/entity", entity("{zzzzzzzzzzzz: 1}")),
        ("/definitions/entity/properties/emits/additionalProperties", entity("{emits: {a.b: {zzzzzzzzzzzz: 1}}}")),
    ] {
        assert_eq!(offered_keys(pointer), compiled_keys(&text), "{pointer}");
    }
}

/// Whether the compiler finds an error.
fn refused(text: &str) -> bool {
    compile("test.yaml", text).0.is_none()
}

#[test]
fn broken_catalogues_are_broken_for_both() {
    for (from, to) in [
        ("version: 1", "version: 2"),
        ("version: 1\n", ""),
        ("[acme, globex]", "closed"),
        ("[acme, globex]", "[a/b]"),
        ("test.", "te/st"),
        ("max_hops: 8", "max_hop: 8"),
        ("max_hops: 8", "max_hops: 0"),
        ("max_hops: 8", "max_hops: 1001"),
        ("max_hops: 8", "max_hops: [8]"),
        ("max_hops: 8", "duplicate_ids: 50000001"),
        ("max_hops: 8", "allow: [RB9999]"),
        ("max_hops: 8", "state_mode: closed"),
        ("max_future: 1h", "max_future: 1 hour"),
        ("100000", "1023"),
        ("100000", "67108865"),
        ("mode: on", "mode: maybe"),
        ("payload: full", "payload: all"),
        ("partitions: 3", "partitions: 0"),
        ("partitions: 3", "partitions: 10001"),
        ("replication_factor: 3", "replication_factor: 100"),
        ("retention: forever", "retention: always"),
        ("record_key: required", "record_key: some"),
        ("cloudevents: true", "cloudevents: yes please"),
        ("additional_fields: refuse", "additional_fields: some"),
        ("  sales:\n    name", "  Sales:\n    name"),
        ("  sales:\n    name", "  state:\n    name"),
        ("sales.deal_won:\n        description", "sales.DealWon:\n        description"),
        ("deal_id: string\n          rep_id: string?", "deal-id: string\n          rep_id: string?"),
        ("rep_id: string?", "rep_id: text"),
        ("rep_id: string?", "metadata: string?"),
        ("rep_id: string?", "rep_id: [string]"),
        ("type: number, aliases", "type: number, alias"),
        ("enum(open|won)", "enum()"),
        ("decimal(12,2)", "decimal(12)"),
        ("array<number(0..)>", "array<"),
        ("float(0..1)", "float(0-1)"),
        ("- emit: pay.bonus", "- emits: pay.bonus"),
        ("id: big", "id: b i g"),
        ("when: \"data.amount > 1000.0\"", "when: [a]"),
        ("keep: [deal_id, amount]", "keep: deal_id"),
        ("pay.paid:\n        action", "\"pay.*.x\":\n        action"),
        ("action: Close the books", "actions: Close the books"),
        ("timeout_seconds: 5", "timeout_seconds: 86401"),
        ("may_emit: [sales.deal_won]", "may_emit: sales.deal_won"),
        ("    name: Sales\n", "    state: {Deal: {fields: {a: string}}}\n"),
        ("    name: Sales\n", "    state: {deal: {fields: {a: text}}}\n"),
        ("    name: Sales\n", "    state: {deal: {fields: {a: string}, emits: {sales.deal_won: {on: [put]}}}}\n"),
        ("    name: Sales\n", "    state: {deal: {fields: {a: string}, emits: {sales.deal_won: {on: []}}}}\n"),
        ("    name: Sales\n", "    state: {deal: {fields: {a: string}, readers: pay}}\n"),
    ] {
        assert!(SMALL.contains(from), "the small catalogue has no {from:?}");
        let text = SMALL.replacen(from, to, 1);
        assert!(refused(&text), "{from:?} → {to:?} compiles");
        assert!(!complaints(&text).is_empty(), "{from:?} → {to:?} is fine for an editor");
    }
}

#[test]
fn unusual_catalogues_are_good_for_both() {
    for (from, to) in [
        ("[acme, globex]", "open"),
        ("max_hops: 8", "max_hops: 1000\nduplicate_window: 0s\nallow: [RB0154]\nstate_mode: open\ntests: []"),
        ("100000", "67108864"),
        ("partitions: 3", "partitions: 10000"),
        ("retention: 30d", "retention: 1m\n        config: {unheard.of: true}"),
        ("rep_id: string?", "rep_id: {type: string, description: Who}"),
        ("rep_id: string?", "type: {city: string}\n          rep_id: string"),
        ("enum(open|won)", "enum( open | won ) ?"),
        ("decimal(12,2)", "decimal( 12 , 2 )?"),
        ("array<number(0..)>", "array<array<integer(-5..5)>>?"),
        ("when: \"data.amount > 1000.0\"", "when: true"),
        ("rate: \"0.1\"", "rate: 0.1"),
        ("timeout_seconds: 5", "timeout_seconds: 86400"),
        ("      pay.paid:\n        action: Close the books", "      \"*.*\":\n        include_own: true"),
        (
            "    name: Sales\n",
            "    state: {deal: {fields: {a: string, b: object}, emits: {sales.deal_won: {on: [create, delete], map: \
             {deal_id: entity.id, amount: 1, stage: \"'won'\", address: \"{'city': ''}\", fee: \"'1'\"}}}, readers: [pay]}}\n",
        ),
    ] {
        assert!(SMALL.contains(from), "the small catalogue has no {from:?}");
        let text = SMALL.replacen(from, to, 1);
        let (_, found) = compile("test.yaml", &text);
        assert!(!refused(&text), "{from:?} → {to:?}: {found:#?}");
        assert_eq!(complaints(&text), [""; 0], "{from:?} → {to:?}");
    }
}
