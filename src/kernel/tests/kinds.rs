//! Types with values of them, and whether a value is of one, by rules of its own: for tests that generate catalogues.

use serde_json::Value;

/// Types, each with values that are of it, and some that are not.
pub(in crate::kernel) const TYPES: &[(&str, &[&str], &[&str])] = &[
    ("string", &[r#""x""#, r#""12""#, r#""a""#], &["1", "[]"]),
    ("number", &["0", "-7", "1.5", "250.25"], &[r#""1""#, "true"]),
    ("number(0..100)", &["0", "42.5", "100"], &["101", "-1"]),
    ("number(0..1)", &["0", "0.5", "1"], &["1.5", r#""x""#]),
    ("integer", &["-4", "0", "99"], &["1.5", r#""1""#]),
    ("integer(1..9)", &["1", "9", "3.0"], &["0", "10"]),
    ("boolean", &["true", "false"], &["0", r#""true""#]),
    ("decimal(6,2)", &[r#""12.50""#, "12.5", r#""-1""#], &[r#""1.234""#, "1e9"]),
    ("decimal(8,2)", &[r#""123456.78""#, "3"], &[r#""x""#, "true"]),
    ("enum(a|b|c)", &[r#""a""#, r#""b""#, r#""c""#], &[r#""d""#, "1"]),
    ("enum(a|b)", &[r#""a""#, r#""b""#], &[r#""c""#, "null"]),
    ("date", &[r#""2024-01-15""#], &[r#""2024-13-15""#, "2024"]),
    ("datetime", &[r#""2024-01-15T10:30:00Z""#, r#""2024-01-15T10:30:00""#], &[r#""2024-01-15""#, "1"]),
    ("period", &[r#""2024-Q1""#, r#""2024""#], &[r#""x""#, "2024"]),
    ("array<string>", &["[]", r#"["x","y"]"#], &["[1]", "{}"]),
    ("array<integer>", &["[]", "[1,2]"], &[r#"["x"]"#, "1"]),
];

/// Whether a value is of a type.
pub(in crate::kernel) fn is_of(ty: &str, value: &Value) -> bool {
    let text = value.as_str();
    let number = value.as_f64();
    let shaped = |shape: &str| {
        text.is_some_and(|text| {
            text.len() == shape.len()
                && text.bytes().zip(shape.bytes()).all(|(c, s)| if s == b'9' { c.is_ascii_digit() } else { c == s })
        })
    };
    let digits = |whole: usize| {
        text.map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string())).is_some_and(|text| {
            let (before, behind) = text.split_once('.').unwrap_or((&text, ""));
            text.parse::<f64>().is_ok() && before.trim_start_matches('-').len() <= whole && behind.len() <= 2
        })
    };
    match ty {
        "string" => text.is_some(),
        "number" => number.is_some(),
        "number(0..100)" => number.is_some_and(|number| (0.0..=100.0).contains(&number)),
        "number(0..1)" => number.is_some_and(|number| (0.0..=1.0).contains(&number)),
        "integer" => number.is_some_and(|number| number.fract() == 0.0),
        "integer(1..9)" => number.is_some_and(|number| number.fract() == 0.0 && (1.0..=9.0).contains(&number)),
        "boolean" => value.is_boolean(),
        "decimal(6,2)" => digits(4),
        "decimal(8,2)" => digits(6),
        "enum(a|b|c)" => matches!(text, Some("a" | "b" | "c")),
        "enum(a|b)" => matches!(text, Some("a" | "b")),
        "date" => shaped("9999-99-99"),
        "datetime" => text.is_some_and(|text| text.len() >= 19 && text.as_bytes()[10] == b'T'),
        "period" => shaped("9999") || shaped("9999-99") || text.is_some_and(|text| text.contains('Q')),
        "array<string>" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        "array<integer>" => value.as_array().is_some_and(|items| items.iter().all(|item| is_of("integer", item))),
        other => panic!("{other}"),
    }
}

/// Whether a reason tells of a type, and not of a value: too many digits, an index, a text that is no number.
pub(in crate::kernel) fn is_of_a_type(message: &str) -> bool {
    const TYPES: &[&str] = &[
        "there is no field",
        "does not work on",
        "cannot be compared",
        "must be",
        "is missing",
        "is not a",
        "is none of",
        "is outside",
        "must stand",
        "bytes",
        "an optional",
        "is no index",
    ];
    TYPES.iter().any(|part| message.contains(part))
}
