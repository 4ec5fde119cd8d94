//! Our own rules agree with the Avro library's, but where it is said why not.

use super::super::avro::reads;
use super::super::compare_schemas;
use super::super::fits::fits;
use crate::catalogue::schemas::{avro_schema, messages};
use crate::schema::{Field, Presence, parse_type};

/// Types that Avro tells apart as we do.
const TYPES: [&str; 12] = [
    "string",
    "number",
    "integer",
    "boolean",
    "decimal(10,2)",
    "enum(a|b)",
    "enum(a|b|c)",
    "enum(x|y)",
    "array<string>",
    "array<integer>",
    "array<number>",
    "array<enum(a|b)>",
];

/// Pairs of which every value of the one is a value of the other in JSON, and Avro's rules do not know it: it writes the
/// two differently.
const STRICTER: [(&str, &str); 4] = [
    ("enum(a|b)", "string"),
    ("enum(a|b|c)", "string"),
    ("enum(x|y)", "string"),
    ("array<enum(a|b)>", "array<string>"),
];

/// Pairs that Avro resolves though no value is one of the other: it takes the bytes of a decimal for a text.
const LAXER: [(&str, &str); 2] = [("string", "decimal(10,2)"), ("decimal(10,2)", "string")];

fn field(ty: &str) -> Field {
    let (ty, presence) = parse_type(ty).unwrap();
    Field { name: "f".into(), aliases: vec![], ty, presence, description: None, redact: false }
}

fn ours(from: &Field, to: &Field) -> bool {
    let there = to.presence == Presence::Optional || from.presence == Presence::Required;
    there && fits(&from.ty, &to.ty)
}

#[test]
fn what_we_call_compatible_the_library_does_too() {
    for from in TYPES {
        for to in TYPES {
            for (was, is) in [("", ""), ("", "?"), ("?", ""), ("?", "?")] {
                let (writer, reader) = (field(&format!("{from}{was}")), field(&format!("{to}{is}")));
                let pair = (from, to);
                let there = (was, is) != ("?", "");
                let expect = (ours(&writer, &reader) && !STRICTER.contains(&pair)) || (LAXER.contains(&pair) && there);
                assert_eq!(reads(Some(&writer), Some(&reader)), expect, "{from}{was} → {to}{is}");
            }
        }
    }
}

#[test]
fn fields_that_come_and_go() {
    for (ty, optional) in [("string", false), ("string?", true), ("enum(a|b)", false), ("array<string>?", true)] {
        assert!(reads(Some(&field(ty)), None), "what nobody reads may be written");
        assert_eq!(reads(None, Some(&field(ty))), optional, "{ty}: what is missing needs a default");
    }
    let renamed = Field { name: "g".into(), aliases: vec!["f".into()], ..field("string") };
    assert!(reads(Some(&field("string")), Some(&renamed)));
    assert!(!reads(Some(&renamed), Some(&field("string"))));
}

#[test]
fn ranges_and_digits() {
    let ours = |from: &str, to: &str| ours(&field(from), &field(to));
    for (from, to, fits, back) in [
        ("number(0..1)", "number", true, false),
        ("number(0..1)", "number(0..100)", true, false),
        ("number(0..)", "number(..0)", false, false),
        ("integer", "number", true, false),
        ("integer", "number(0..)", false, false),
        ("integer(0..9)", "number(0..10)", true, false),
        ("integer(1..2)", "integer(1..2)", true, true),
        ("decimal(10,2)", "decimal(12,2)", true, false),
        ("decimal(10,2)", "decimal(10,4)", false, false),
        ("date", "string", true, false),
        ("date", "datetime", false, false),
        ("period", "string", true, false),
        ("array<date>", "array", true, false),
        ("integer", "string", false, false),
        ("decimal(10,2)", "number", false, false),
    ] {
        assert_eq!((ours(from, to), ours(to, from)), (fits, back), "{from} → {to}");
    }
}

/// The schemas of the base catalogue, and those of an edit of it.
fn schemas_after(from: &str, to: &str) -> Vec<String> {
    let (old, new) = (super::catalogue(super::BASE), super::catalogue(&super::BASE.replacen(from, to, 1)));
    let former = messages(&old).iter().map(|message| (message.name.clone(), avro_schema(message))).collect();
    let changes = compare_schemas(&former, &new);
    changes.iter().map(|change| format!("{} {change}", change.verdict())).collect()
}

#[test]
fn committed_schemas_are_compared_as_they_are() {
    for (from, to, expect) in [
        ("", "", vec![]),
        ("key: deal_id", "partitions: 7\n        key: deal_id", vec![]),
        (
            "          rep_id: string\n",
            "",
            vec![
                "breaking what is written as `pipeline.deal_won` now cannot be read by the former schema \
                 (`payload.data.rep_id` is missing): breaks readers of the former Avro schema",
            ],
        ),
        (
            "rep_id: string",
            "rep_id: integer",
            vec![
                "breaking what was written as `pipeline.deal_won` before cannot be read by the present schema \
                 (`payload.data.rep_id` has another type): breaks writers of the former Avro schema",
                "breaking what is written as `pipeline.deal_won` now cannot be read by the former schema \
                 (`payload.data.rep_id` has another type): breaks readers of the former Avro schema",
            ],
        ),
        (
            "enum(open|won)",
            "enum(open|won|lost)",
            vec![
                "breaking what is written as `pipeline.deal_won` now cannot be read by the former schema (not every \
                 value of it): breaks readers of the former Avro schema",
            ],
        ),
        (
            "        reply:\n          commission: number\n",
            "",
            vec![
                "breaking the schema of `compensation.calculate.completed` removed: breaks writers of the former Avro \
                 schema, readers of the former Avro schema",
            ],
        ),
        (
            "    actions:\n      compensation.calculate:\n",
            "    actions:\n      compensation.pay:\n      compensation.calculate:\n",
            vec!["compatible the schema of `compensation.pay` added"],
        ),
    ] {
        assert_eq!(schemas_after(from, to), expect, "{from:?} → {to:?}");
    }
}

#[test]
fn a_former_schema_that_is_none_says_so() {
    let former = [("pipeline.deal_won".to_owned(), serde_json::json!(7))].into();
    let changes = compare_schemas(&former, &super::catalogue(super::BASE));
    assert!(changes[0].what.contains("it is no Avro schema"), "{}", changes[0]);
}
