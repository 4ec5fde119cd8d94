//! What holds for every record, whatever its bytes (AU-1): one outcome, one audit record, and commands that keep
//! their contracts.

use proptest::prelude::*;

use super::super::{Effects, Input, NoMemory, Rules, Topic, decide};
use super::harness::{EDGE, Event, SHIPPED};
use super::seen::{NOW, limited, record, rules};
use crate::catalogue::ControlTopic;
use crate::json::{Kind, Member, Value, members};
use crate::reason::Outcome;
use crate::schema;

const TYPES: &[&str] = &[
    "sales.won",
    "sales.closed",
    "sales.typed",
    "sales.closed_world",
    "sales.keyed",
    "sales.noted",
    "sales.ruled",
    "sales.mapped",
    "sales.open",
    "work.take",
    "sales.none",
    "",
];

/// JSON texts, mostly good ones.
fn json() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        ".{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        prop::sample::select(vec![
            "\"\\ud800\"",
            "1e400",
            "\"2024-01-15\"",
            "\"\\u0000\"",
            "-0",
            "\"a/b\"",
            "1.",
            "\"12.50\""
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            data_of(inner.boxed()),
        ]
    })
    .boxed()
}

fn data_of(value: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let names = vec![
        "deal_id", "id", "amount", "value", "note", "person", "who", "tags", "parts", "size", "other", "salary", "d",
        "x", "metadata", "hops", "data",
    ];
    prop::collection::vec((prop::sample::select(names), value), 0..6).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

/// Data that its contract mostly likes, with something else beside it.
fn good_data() -> impl Strategy<Value = String> {
    (json(), "[a-z/%é]{1,6}", any::<u16>()).prop_map(|(extra, id, number)| {
        format!(
            r#"{{ "deal_id":"{id}","id":"{id}", "note":"{id}","amount":{number}.50 ,"person":{{"who":"w","tags":[]}},"salary":1,"x":{extra}}}"#
        )
    })
}

fn event() -> impl Strategy<Value = Vec<u8>> {
    let member = (prop::sample::select(vec!["event_id", "tenant_id", "timestamp", "payload", "user_id", "x"]), json());
    (
        prop::sample::select(TYPES),
        prop_oneof![good_data(), data_of(json())],
        any::<bool>(),
        prop::option::weighted(0.2, member),
    )
        .prop_map(|(event_type, data, flat, member)| {
            let mut event = Event::of("sales.noted", &data).set("event_type", &format!("\"{event_type}\""));
            if flat {
                event = event.set("payload", &data);
            }
            match member {
                Some((name, json)) => event.set(name, &json),
                None => event,
            }
            .text()
            .into_bytes()
        })
}

fn value() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![
        12 => event().prop_map(Some),
        2 => (event(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            Some(bytes)
        }),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Some),
        1 => Just(None),
    ]
}

type Headers = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn headers() -> impl Strategy<Value = Headers> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    let name = prop_oneof![
        bytes(),
        prop::sample::select(vec!["traceparent", "tracestate", "revbus.dead.replays"])
            .prop_map(|name| name.as_bytes().to_vec()),
    ];
    prop::collection::vec((name, prop::option::of(bytes())), 0..4)
}

/// Decides, and checks everything that holds for every record.
fn decide_on(rules: &Rules, topic: &str, (key, value): (Option<&[u8]>, Option<&[u8]>), headers: &Headers) {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
    let record = record(&rules.catalogue, topic, (key, value), &headers);
    let mut effects = Effects::new();
    let outcome = decide(rules, &NoMemory, Input::Record(record), NOW, &mut effects);
    let (mut audits, mut commands) = (0, 0);
    for produce in effects.produced() {
        let text = std::str::from_utf8(effects.bytes(produce.value)).unwrap();
        match produce.topic {
            Topic::Control(control) => {
                assert_eq!(control, ControlTopic::Audit);
                audits += 1;
                readable(text);
                let key = produce.key.map_or(0, |key| key.len());
                assert!(produce.value.len() + key <= rules.topology.audit.room(), "{text}");
            }
            Topic::Event(command) => {
                commands += 1;
                let target = rules.catalogue.event_type(command);
                readable(text);
                keeps_its_contract(&target.contract, text);
                assert!(
                    produce.key.is_some_and(|key| effects.bytes(key).starts_with(b"acme/") || key.len() > 2),
                    "{text}"
                );
            }
        }
    }
    let dead = matches!(outcome, Outcome::Invalid | Outcome::Loop | Outcome::Failed);
    assert_eq!((audits, effects.dead_letter().is_some()), (1, dead));
    assert_eq!(commands > 0, outcome == Outcome::Routed);
}

/// JSON as serde_json reads it. Numbers beyond a double may stand in free values, so they are not converted.
fn readable(text: &str) {
    serde_json::from_str::<serde::de::IgnoredAny>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
}

fn keeps_its_contract(contract: &schema::Contract, event: &str) {
    let mut reasons = Vec::new();
    let envelope = crate::envelope::read(event, &mut reasons);
    schema::check(contract, &envelope.data.unwrap().members, &mut reasons);
    assert_eq!(reasons, [], "{event}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_record_has_one_outcome_and_one_audit_record(
        topic in prop::sample::select(&TYPES[..9]),
        key in prop::option::of(prop::collection::vec(any::<u8>(), 0..8)),
        value in value(),
        headers in headers(),
    ) {
        let full = EDGE.replacen("max_event_bytes: 50000", "audit: {payload: full}", 1);
        for rules in [rules(EDGE), rules(&full)] {
            decide_on(&rules, topic, (key.as_deref(), value.as_deref()), &headers);
        }
    }

    #[test]
    fn data_passes_byte_for_byte(extra in json(), blank in "[ \n\t]{0,3}") {
        let data = format!(r#"{{{blank}"deal_id" :"d","x":{extra}{blank},"final_amount":1.50,"rep_id":"r"}}"#);
        let text = Event::of("pipeline.deal_won", &data).text();
        let rules = rules(SHIPPED);
        let record = record(&rules.catalogue, "pipeline.deal_won", (None, Some(text.as_bytes())), &[]);
        let mut effects = Effects::new();
        if decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects) == Outcome::Routed {
            for produce in &effects.produced()[..3] {
                let event = std::str::from_utf8(effects.bytes(produce.value)).unwrap();
                prop_assert!(event.contains(&format!("\"data\":{data},\"metadata\"")), "{event}");
            }
        }
    }
}

/// However much a producer writes where texts may be long, what is audited fits.
#[test]
fn long_texts_and_many_breaches_never_make_an_audit_record_too_large() {
    let rules = limited(EDGE, 40_000);
    let long = format!("\"{}\"", "\\u0001é/".repeat(900));
    let metadata = format!("{{\"data\":{{}},\"metadata\":{{\"root_id\":{long},\"causation_id\":{long}}}}}");
    let texts = ["event_type", "source_module", "user_id", "correlation_id"];
    let event = texts.iter().fold(Event::of("sales.noted", "{}"), |event, name| event.set(name, &long));
    let event = event.set("payload", &metadata).set("tenant_id", "\"acme\"").text();
    decide_on(&rules, "sales.noted", (None, Some(event.as_bytes())), &Vec::new());
    let many: String = (0..2000).map(|n| format!(",\"field_{n}\":1")).collect();
    let event = Event::of("sales.closed_world", &format!("{{\"id\":\"i\"{many}}}")).text();
    decide_on(&rules, "sales.closed_world", (None, Some(event.as_bytes())), &Vec::new());
}

/// Every trigger of the shipped catalogue fires on a fact that has no more than its contract asks for.
#[test]
fn all_31_shipped_triggers_fire_on_the_least_of_facts() {
    let rules = rules(SHIPPED);
    let mut derived = 0;
    for (_, fact, _) in rules.catalogue.facts() {
        let required = fact.contract.fields.iter().filter(|field| field.presence == schema::Presence::Required);
        let members: Vec<_> = required.map(|field| format!("\"{}\":{}", field.name, sample(&field.ty))).collect();
        let text = Event::of(&fact.name, &format!("{{{}}}", members.join(","))).text();
        let record = record(&rules.catalogue, &fact.name, (None, Some(text.as_bytes())), &[]);
        let mut effects = Effects::new();
        let _ = decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects);
        assert!(effects.dead_letter().is_none(), "{text}");
        derived += effects.produced().len() - 1;
    }
    assert_eq!(derived, 31);
}

fn sample(ty: &schema::Type) -> &'static str {
    use schema::Type as T;
    match ty {
        T::String => "\"s\"",
        T::Number(_) | T::Integer(_) | T::Decimal { .. } => "1",
        T::Boolean => "true",
        T::Enum(words) => format!("\"{}\"", words[0]).leak(),
        T::DateTime => "\"2024-01-15T10:30:00Z\"",
        T::Date => "\"2024-01-15\"",
        T::Period => "\"2024-Q1\"",
        T::Array(_) => "[]",
        T::Object(_) => "{}",
    }
}

/// Nothing is written that the schema of the envelope does not know.
#[test]
fn members_of_derived_events_are_those_of_the_format() {
    let rules = rules(EDGE);
    let text = Event::of("sales.noted", r#"{"note":"n"}"#).set("user_id", "\"u\"").text();
    let record = record(&rules.catalogue, "sales.noted", (None, Some(text.as_bytes())), &[]);
    let mut effects = Effects::new();
    let _ = decide(&rules, &NoMemory, Input::Record(record), NOW, &mut effects);
    let event = std::str::from_utf8(effects.bytes(effects.produced()[0].value)).unwrap();
    let mut names = Vec::new();
    members(Value { raw: event, kind: Kind::Object }, |Member { name, .. }| names.push(name.into_owned()));
    let schema = include_str!("../../../schemas/integration_event_schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let known = schema["properties"].as_object().unwrap();
    assert!(names.iter().all(|name| known.contains_key(name)), "{names:?}");
}
