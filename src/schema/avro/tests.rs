use apache_avro::Schema;
use serde_json::{Value, json};

use super::AvroNames;
use crate::schema::{Contract, Field, parse_type};

/// A contract of fields `(name, type, aliases)`.
fn contract(fields: &[(&str, &str, &[&str])]) -> Contract {
    let field = |(name, ty, aliases): &(&str, &str, &[&str])| {
        let (ty, presence) = parse_type(ty).unwrap();
        let aliases = aliases.iter().map(|alias| (*alias).into()).collect();
        Field { name: (*name).into(), aliases, ty, presence, description: None, redact: false }
    };
    Contract { fields: fields.iter().map(field).collect(), ..Contract::default() }
}

/// The fields of a record, which the library takes.
fn fields(fields: &[(&str, &str, &[&str])]) -> Value {
    let record = contract(fields).avro_record(&mut AvroNames::default(), "Data");
    Schema::parse(&record).unwrap();
    record["fields"].clone()
}

#[test]
fn each_type_is_what_a_consumer_expects() {
    for (ty, avro) in [
        ("string", json!("string")),
        ("number", json!("double")),
        ("integer", json!("long")),
        ("boolean", json!("boolean")),
        ("decimal(12,2)", json!({ "type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2 })),
        ("enum(low|high)", json!({ "type": "enum", "name": "DataF", "symbols": ["low", "high"] })),
        ("datetime", json!({ "type": "long", "logicalType": "timestamp-micros" })),
        ("date", json!({ "type": "int", "logicalType": "date" })),
        ("array<integer>", json!({ "type": "array", "items": "long" })),
        (
            "array<enum(a|b)>",
            json!({ "type": "array", "items": { "type": "enum", "name": "DataF", "symbols": ["a", "b"] } }),
        ),
    ] {
        assert_eq!(fields(&[("f", ty, &[])]), json!([{ "name": "f", "type": avro }]), "{ty}");
        let optional = json!([{ "name": "f", "type": ["null", avro], "default": null }]);
        assert_eq!(fields(&[("f", &format!("{ty}?"), &[])]), optional, "{ty}?");
    }
}

#[test]
fn what_avro_does_not_say_is_in_the_doc() {
    for (ty, avro, doc) in [
        (
            "enum(in-progress|done)",
            json!("string"),
            "One of `in-progress`, `done`, which Avro's grammar does not take as symbols",
        ),
        ("number(0..1)", json!("double"), "Within 0..1"),
        ("integer(1..)", json!("long"), "Within 1.."),
        ("period", json!("string"), "A period: 2024, 2024-Q1 or 2024-01"),
        ("object", json!("string"), "An object, as JSON"),
        ("array<array>", json!({ "type": "array", "items": "string" }), "Each: An array, as JSON"),
    ] {
        assert_eq!(fields(&[("f", ty, &[])]), json!([{ "name": "f", "type": avro, "doc": doc }]), "{ty}");
    }
}

#[test]
fn aliases_of_fields_and_of_types_are_aliases() {
    let record = contract(&[("stage", "enum(a|b)", &["phase"])])
        .avro_record(&mut AvroNames::new(vec!["sales.won".into()]), "Data");
    assert_eq!(
        record,
        json!({
            "type": "record",
            "name": "Data",
            "aliases": ["sales.won.Data"],
            "fields": [{
                "name": "stage",
                "type": {
                    "type": "enum", "name": "DataStage", "aliases": ["sales.won.DataStage"], "symbols": ["a", "b"],
                },
                "aliases": ["phase"],
            }],
        })
    );
}

#[test]
fn no_two_types_of_a_schema_share_a_name() {
    let fields = fields(&[("rep_id", "enum(a|b)", &[]), ("repId", "enum(a|b)", &[]), ("rep_id2", "enum(a|b)", &[])]);
    let names: Vec<_> = fields.as_array().unwrap().iter().map(|field| field["type"]["name"].clone()).collect();
    assert_eq!(names, ["DataRepId", "DataRepId2", "DataRepId22"]);
}
