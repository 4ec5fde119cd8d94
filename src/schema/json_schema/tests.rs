//! The schema and the check give one verdict.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::json::{self, Kind, Member};
use crate::schema::{Additional, Bounds, Contract, Field, Presence, Type, check};
use crate::time::{Timestamp, is_date};

fn validator(contract: &Contract) -> jsonschema::Validator {
    let schema = Value::Object(contract.json_schema());
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn keeps(contract: &Contract, data: &Value) -> bool {
    let text = data.to_string();
    let mut members: Vec<Member<'_>> = Vec::new();
    json::members(json::Value { raw: &text, kind: Kind::Object }, |member| members.push(member));
    let mut reasons = Vec::new();
    check(contract, &members, &mut reasons);
    reasons.is_empty()
}

fn field(name: &str, aliases: &[&str], ty: Type, presence: Presence) -> Field {
    let aliases = aliases.iter().map(|alias| (*alias).into()).collect();
    Field { name: name.into(), aliases, ty, presence, description: None, redact: false }
}

/// Texts that are nearly what some type wants, and those that are.
const TEXTS: &[&str] = &[
    "",
    "low",
    "high",
    "mid",
    "12.5",
    "-0.07",
    "1234567",
    "1e2",
    "+1",
    "007",
    ".5",
    "1.",
    "0.50",
    "2024",
    "2024-Q1",
    "2024-Q5",
    "2024-12",
    "2024-13",
    "Q4_2023",
    "Q4-2023",
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "0000-02-29",
    "2024-04-31",
    "2024-4-1",
    "2024-01-15T10:30:00Z",
    "2024-01-15T10:30:00",
    "2024-01-15 10:30:00",
    "2024-01-15t10:30:00.123456789012+05:30",
    "2024-01-15T10:30:00\u{2212}05:30",
    "2024-01-15T24:00:00Z",
    "2024-12-31T23:59:60Z",
    "2024-01-15T10:30:61Z",
    "2024-01-15T10:30:00+24:00",
    "2024-01-15T10:30:00.Z",
    "a\n",
    "2024\n",
    "2024-01-15\n",
];

fn numbers() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(0)),
        Just(json!(-0.0)),
        Just(json!(1.0)),
        Just(json!(0.07)),
        Just(json!(99.5)),
        Just(json!(-100)),
        Just(json!(1_000_000)),
        Just(json!(12_345_678)),
        Just(json!(i64::MIN)),
        Just(json!(i64::MAX)),
        Just(json!(u64::MAX)),
        Just(json!(1e300)),
        (-120_i32..120).prop_map(|n| json!(n)),
        (-12_000_i32..12_000).prop_map(|n| json!(f64::from(n) / 100.0)),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(|b| json!(b)),
        4 => numbers(),
        6 => prop::sample::select(TEXTS).prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(vec!["a", "b", "c", "x"]), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let end = || prop::option::of((-1000_i32..1000).prop_map(|n| f64::from(n) / 10.0));
    (end(), end()).prop_map(|(min, max)| match (min, max) {
        (Some(a), Some(b)) => Bounds { min: Some(a.min(b)), max: Some(a.max(b)) },
        (min, max) => Bounds { min, max },
    })
}

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::String),
        bounds().prop_map(Type::Number),
        bounds().prop_map(|b| Type::Integer(Bounds { min: b.min.map(f64::round), max: b.max.map(f64::round) })),
        Just(Type::Boolean),
        // At least two digits behind the point: a number that has more is beyond JSON Schema.
        (0_u8..25, 2_u8..5).prop_map(|(before, scale)| Type::Decimal { precision: before + scale, scale }),
        Just(Type::Enum(vec!["low".into(), "high".into(), "2024".into()])),
        Just(Type::DateTime),
        Just(Type::Date),
        Just(Type::Period),
        Just(Type::Array(None)),
        Just(Type::Object(None)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|element| Type::Array(Some(Box::new(element)))),
            contracts_of(inner.boxed()).prop_map(|contract| Type::Object(Some(Box::new(contract)))),
        ]
    })
}

fn contracts_of(types: BoxedStrategy<Type>) -> impl Strategy<Value = Contract> {
    let presence = prop_oneof![Just(Presence::Required), Just(Presence::Optional)];
    let aliases = prop_oneof![3 => Just(0_usize), 2 => Just(1), 1 => Just(2)];
    let fields = prop::collection::vec((types, presence, aliases), 0..4);
    let additional = prop_oneof![Just(Additional::Allow), Just(Additional::Refuse)];
    (fields, additional).prop_map(|(fields, additional)| {
        let named = fields.into_iter().zip(["a", "b", "c", "d"]);
        let fields = named.map(|((ty, presence, aliases), name)| {
            let aliases = [format!("{name}_old"), format!("{name}_older")].into_iter().take(aliases);
            let aliases: Vec<String> = aliases.collect();
            field(name, &aliases.iter().map(String::as_str).collect::<Vec<_>>(), ty, presence)
        });
        Contract { fields: fields.collect(), additional }
    })
}

/// A value that mostly is of a type.
fn value(ty: &Type) -> BoxedStrategy<Value> {
    let good = match ty {
        Type::Number(_) | Type::Integer(_) | Type::Decimal { .. } => numbers().boxed(),
        Type::Boolean => any::<bool>().prop_map(|b| json!(b)).boxed(),
        Type::String | Type::Enum(_) | Type::DateTime | Type::Date | Type::Period => {
            prop::sample::select(TEXTS).prop_map(|text| json!(text)).boxed()
        }
        Type::Array(None) => prop::collection::vec(anything(), 0..3).prop_map(Value::Array).boxed(),
        Type::Array(Some(element)) => prop::collection::vec(value(element), 0..3).prop_map(Value::Array).boxed(),
        Type::Object(None) => Just(json!({ "x": 1 })).boxed(),
        Type::Object(Some(contract)) => data(contract),
    };
    prop_oneof![9 => good, 1 => anything()].boxed()
}

/// An object that mostly keeps a contract: each field mostly there, under one of its names, now and then under two.
fn data(contract: &Contract) -> BoxedStrategy<Value> {
    let mut all = Just(Map::new()).boxed();
    for field in contract.fields.clone() {
        let names: Vec<String> =
            std::iter::once(&field.name).chain(&field.aliases).map(|name| name.to_string()).collect();
        let stands = prop_oneof![
            1 => Just(Vec::new()),
            8 => prop::sample::select(names.clone()).prop_map(|name| vec![name]),
            1 => Just(names),
        ];
        let member = (stands, value(&field.ty));
        all = (all, member)
            .prop_map(|(mut all, (names, value))| {
                all.extend(names.into_iter().map(|name| (name, value.clone())));
                all
            })
            .boxed();
    }
    let extra = prop_oneof![4 => Just(None), 1 => anything().prop_map(Some)];
    let with = |(mut all, extra): (Map<String, Value>, Option<Value>)| {
        all.extend(extra.map(|value| ("undeclared".to_owned(), value)));
        Value::Object(all)
    };
    (all, extra).prop_map(with).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn schema_and_check_give_one_verdict(
        (contract, list) in contracts_of(types().boxed())
            .prop_flat_map(|contract| (Just(contract.clone()), prop::collection::vec(data(&contract), 4)))
    ) {
        let validator = validator(&contract);
        for data in list {
            prop_assert_eq!(
                validator.is_valid(&data), keeps(&contract, &data), "{} {:#?}",
                data, Value::Object(contract.json_schema())
            );
        }
    }

    /// One character of a time is another.
    #[test]
    fn times_and_dates_are_those_of_the_clock(
        text in prop::sample::select(TEXTS), at in 0_usize..40, c in "[0-9TtZz :.+-]",
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        if let Some(old) = chars.get_mut(at) {
            *old = c.chars().next().unwrap();
        }
        let text: String = chars.into_iter().collect();
        let fits = |ty: Type| {
            let contract = Contract { fields: vec![field("f", &[], ty, Presence::Required)], ..Contract::default() };
            validator(&contract).is_valid(&json!({ "f": text }))
        };
        prop_assert_eq!(fits(Type::Date), is_date(&text), "{}", text);
        prop_assert_eq!(fits(Type::DateTime), Timestamp::parse(&text).is_some(), "{}", text);
    }
}

#[test]
fn every_day_of_four_hundred_years_is_a_date_and_no_other() {
    let schema = Contract { fields: vec![field("f", &[], Type::Date, Presence::Required)], ..Contract::default() };
    let validator = validator(&schema);
    for year in (0..=9999).filter(|year| year % 4 == 0 || year % 97 == 0) {
        for day in ["01-00", "01-31", "02-28", "02-29", "02-30", "04-30", "04-31", "12-31", "12-32", "13-01"] {
            let text = format!("{year:04}-{day}");
            assert_eq!(validator.is_valid(&json!({ "f": text })), is_date(&text), "{text}");
        }
    }
}

#[test]
fn an_optional_object_with_aliases_may_be_null() {
    let inner = Contract { fields: vec![field("b", &["c"], Type::String, Presence::Required)], ..Contract::default() };
    let ty = Type::Object(Some(Box::new(inner)));
    let contract = Contract { fields: vec![field("a", &[], ty, Presence::Optional)], ..Contract::default() };
    for (data, fits) in [
        (json!({}), true),
        (json!({ "a": null }), true),
        (json!({ "a": { "c": "x" } }), true),
        (json!({ "a": {} }), false),
        (json!({ "a": { "b": "x", "c": "x" } }), false),
    ] {
        assert_eq!(validator(&contract).is_valid(&data), fits, "{data}");
        assert_eq!(keeps(&contract, &data), fits, "{data}");
    }
}

#[test]
fn a_decimal_of_a_number_is_bounded_and_its_digits_are_not_counted() {
    let ty = Type::Decimal { precision: 5, scale: 2 };
    let contract = Contract { fields: vec![field("f", &[], ty, Presence::Required)], ..Contract::default() };
    let validator = validator(&contract);
    for (value, fits) in [
        (json!("999.99"), true),
        (json!("999.999"), false),
        (json!("1000"), false),
        (json!(999.99), true),
        (json!(0.07), true),
        (json!(1000), false),
        // The router refuses it; no validator that computes with doubles could.
        (json!(1.234), true),
    ] {
        assert_eq!(validator.is_valid(&json!({ "f": value })), fits, "{value}");
    }
}

#[test]
fn descriptions_and_aliases_are_told() {
    let mut described = field("amount", &["value"], Type::Number(Bounds::default()), Presence::Optional);
    described.description = Some("What it is worth".to_owned());
    let contract = Contract { fields: vec![described], additional: Additional::Refuse };
    assert_eq!(
        Value::Object(contract.json_schema()),
        json!({
            "type": "object",
            "properties": {
                "amount": { "type": ["number", "null"], "description": "What it is worth" },
                "value": { "type": ["number", "null"], "description": "Another name of `amount`.", "deprecated": true },
            },
            "allOf": [{ "not": { "required": ["amount", "value"] } }],
            "additionalProperties": false,
        })
    );
}
