use super::*;
use crate::json::{Kind, Member, Value, members};
use crate::reason::{Reason, ReasonCode};

fn field(name: &str, ty: Type, presence: Presence) -> Field {
    Field { name: name.into(), aliases: vec![], ty, presence, description: None, redact: false }
}

fn breaches(contract: &Contract, data: &str) -> Vec<Reason> {
    let mut list: Vec<Member<'_>> = Vec::new();
    members(Value { raw: data, kind: Kind::Object }, |member| list.push(member));
    let mut reasons = Vec::new();
    check(contract, &list, &mut reasons);
    reasons
}

fn one(ty: Type) -> Contract {
    Contract { fields: vec![field("f", ty, Presence::Required)], additional: Additional::Allow }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn each_type_takes_what_it_should() {
    let bounds = |min, max| Bounds { min: Some(min), max: Some(max) };
    let any = Bounds::default();
    let cases: &[(Type, &[&str], &[&str])] = &[
        (Type::String, &["\"\"", "\"a\\n\""], &["1", "true", "[]", "{}"]),
        (Type::Number(any), &["1", "-0.5", "1e300", "100000000000000000000"], &["1e400", "-1e400", "\"1\"", "true"]),
        (Type::Number(bounds(0.0, 100.0)), &["0", "100", "99.9"], &["-0.1", "100.1", "1e400"]),
        (
            Type::Integer(any),
            &[
                "1",
                "1.0",
                "1e3",
                "1.5e1",
                "100e-2",
                "9223372036854775807",
                "-9223372036854775808",
                "0.0",
                "0e999999999999",
                "-0",
            ],
            &["1.5", "1e-1", "9223372036854775808", "1e19", "1e999999999999", "\"1\"", "15e-1"],
        ),
        (
            Type::Integer(Bounds { min: None, max: Some(9_007_199_254_740_992.0) }),
            &["9007199254740992", "-9223372036854775808"],
            &["9007199254740993"],
        ),
        (Type::Boolean, &["true", "false"], &["0", "\"true\""]),
        (
            Type::Decimal { precision: 5, scale: 2 },
            &["\"123.45\"", "123.4", "0", "\"-1\"", "\"0.10\""],
            &[
                "\"1234\"",
                "\"1.234\"",
                "\"1.230\"",
                "1.230",
                "\"1e2\"",
                "1e2",
                "\"\"",
                "\"+1\"",
                "\".5\"",
                "\"1.\"",
                "\"0001\"",
                "true",
                "\"1 \"",
            ],
        ),
        (Type::Enum(vec!["low".into(), "high".into()]), &["\"low\"", "\"h\\u0069gh\""], &["\"mid\"", "\"\"", "1"]),
        (
            Type::DateTime,
            &["\"2024-01-15T10:30:00Z\"", "\"2024-01-15T10:30:00\""],
            &["\"2024-01-15\"", "1705314600", "\"\""],
        ),
        (Type::Date, &["\"2024-02-29\""], &["\"2023-02-29\"", "\"2024-2-9\"", "\"2024-01-15T00:00:00Z\"", "20240115"]),
        (
            Type::Period,
            &["\"2024\"", "\"2024-Q4\"", "\"2024-12\"", "\"Q1_2024\""],
            &["\"2024-Q5\"", "\"2024-13\"", "\"24\"", "\"Q1-2024\"", "\"2024-00\"", "2024"],
        ),
        (Type::Array(None), &["[]", "[1,\"a\"]"], &["{}", "\"[]\""]),
        (Type::Array(Some(Box::new(Type::Integer(any)))), &["[]", "[1,2]"], &["[1,\"2\"]", "[null]"]),
        (Type::Object(None), &["{}", "{\"a\":1}"], &["[]"]),
        (
            Type::Object(Some(Box::new(one(Type::Boolean)))),
            &["{\"f\":true}", "{\"f\":true,\"g\":1}"],
            &["{}", "{\"f\":1}", "{\"f\":true,\"f\":true}"],
        ),
    ];
    for (ty, good, bad) in cases {
        for value in *good {
            assert_eq!(breaches(&one(ty.clone()), &format!("{{\"f\":{value}}}")), [], "{ty:?} {value}");
        }
        for value in *bad {
            assert!(!breaches(&one(ty.clone()), &format!("{{\"f\":{value}}}")).is_empty(), "{ty:?} {value}");
        }
    }
}

#[test]
fn every_breach_is_named_with_its_place() {
    let item =
        Contract { fields: vec![field("sku", Type::String, Presence::Required)], additional: Additional::Refuse };
    let contract = Contract {
        fields: vec![
            Field {
                aliases: vec!["amount".into()],
                ..field("final_amount", Type::Number(Bounds::default()), Presence::Required)
            },
            field("close_date", Type::Date, Presence::Optional),
            field("items", Type::Array(Some(Box::new(Type::Object(Some(Box::new(item)))))), Presence::Optional),
            field("rep_id", Type::String, Presence::Required),
        ],
        additional: Additional::Allow,
    };
    let reasons = breaches(
        &contract,
        r#"{"amount":1,"final_amount":2,"close_date":"soon","items":[{"sku":"a"},{"size":1}],"rep_id":null}"#,
    );
    let text: Vec<_> = reasons.iter().map(|reason| format!("{}: {}", reason.code.code(), reason.message)).collect();
    assert_eq!(
        text,
        [
            "field_twice: `final_amount` stands there twice, under its own name or its alias `amount`",
            "field_invalid: `close_date` is not a date such as 2024-01-15",
            "field_undeclared: `items[1].size` is not declared, and undeclared fields are refused",
            "field_missing: `items[1].sku` is missing",
            "field_missing: `rep_id` is missing",
        ]
    );
    let many = format!("{{\"items\":[{}]}}", vec!["1"; 1000].join(","));
    assert_eq!(breaches(&contract, &many).len(), MAX_REASONS);
    assert!(breaches(&contract, &many).iter().any(|reason| reason.code == ReasonCode::FieldInvalid));
}

#[test]
fn rewriting_changes_alias_names_and_nothing_else() {
    let nested = Contract {
        fields: vec![Field { aliases: vec!["n".into()], ..field("name", Type::String, Presence::Required) }],
        additional: Additional::Allow,
    };
    let contract = Contract {
        fields: vec![
            Field {
                aliases: vec!["amount".into()],
                ..field("final_amount", Type::Number(Bounds::default()), Presence::Required)
            },
            field("people", Type::Array(Some(Box::new(Type::Object(Some(Box::new(nested)))))), Presence::Optional),
            Field { redact: true, ..field("iban", Type::String, Presence::Optional) },
        ],
        additional: Additional::Allow,
    };
    let data = r#"{"amount":1.50e0,"people":[{"n":"\u00e9"},{"name":"b"}],"iban":"DE1","free":{"amount":[ 1 ],"pin":"1"},"amount":2}"#;
    let written = |rewrite: Rewrite<'_>| {
        let mut list = Vec::new();
        members(Value { raw: data, kind: Kind::Object }, |member| list.push(member));
        let mut out = Vec::new();
        rewrite.push_members(Some(&contract), &list[..4], &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        written(Rewrite::Canonical),
        r#""final_amount":1.50e0,"people":[{"name":"\u00e9"},{"name":"b"}],"iban":"DE1","free":{"amount":[ 1 ],"pin":"1"}"#
    );
    assert_eq!(
        written(Rewrite::Redacted(Hidden { listed: &[], strays: &["pin".into()] })),
        r#""final_amount":1.50e0,"people":[{"name":"\u00e9"},{"name":"b"}],"iban":"[redacted]","free":{"amount":[1],"pin":"[redacted]"}"#
    );
}
