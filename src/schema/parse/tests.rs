use super::{Bounds, Presence, Type, parse_type};

fn read(text: &str) -> Type {
    parse_type(text).unwrap().0
}

fn refused(text: &str) -> String {
    let error = parse_type(text).unwrap_err();
    error.help.map_or_else(|| error.message.clone(), |help| format!("{} [{help}]", error.message))
}

#[test]
fn every_type_is_read() {
    for (text, ty) in [
        ("string", Type::String),
        ("number", Type::Number(Bounds::default())),
        ("float", Type::Number(Bounds::default())),
        ("number(0..100)", Type::Number(Bounds { min: Some(0.0), max: Some(100.0) })),
        ("float( -1.5 .. )", Type::Number(Bounds { min: Some(-1.5), max: None })),
        ("integer(..10)", Type::Integer(Bounds { min: None, max: Some(10.0) })),
        ("integer(..9007199254740992)", Type::Integer(Bounds { min: None, max: Some(9_007_199_254_740_992.0) })),
        ("boolean", Type::Boolean),
        ("decimal(12,2)", Type::Decimal { precision: 12, scale: 2 }),
        ("decimal(38, 38)", Type::Decimal { precision: 38, scale: 38 }),
        ("enum(a|b c | d)", Type::Enum(vec!["a".into(), "b c".into(), "d".into()])),
        ("datetime", Type::DateTime),
        ("date", Type::Date),
        ("period", Type::Period),
        ("array", Type::Array(None)),
        ("array<array<integer>>", Type::Array(Some(Box::new(read("array<integer>"))))),
        ("array<decimal(9,2)>", Type::Array(Some(Box::new(Type::Decimal { precision: 9, scale: 2 })))),
        ("array<enum(a|b)>", Type::Array(Some(Box::new(read("enum(a|b)"))))),
        ("object", Type::Object(None)),
    ] {
        assert_eq!(parse_type(text), Ok((ty.clone(), Presence::Required)), "{text}");
        assert_eq!(parse_type(&format!("{text}?")), Ok((ty, Presence::Optional)), "{text}?");
    }
}

#[test]
fn what_is_no_type_is_refused_with_a_way_out() {
    for (text, message) in [
        ("sting", "there is no type `sting` [did you mean `string`?]"),
        ("String", "there is no type `String` [did you mean `string`?]"),
        ("int", "there is no type `int` [did you mean `integer`?]"),
        ("money", "there is no type `money` [did you mean `decimal(12,2)`?]"),
        (
            "?",
            "there is no type `` [the types are string, number, float, integer, boolean, decimal, enum, datetime, date, period, array, object]",
        ),
        ("string??", "there is no type `string?` [did you mean `string`?]"),
        ("string(10)", "`string` takes no `(…)` [write `string`]"),
        (
            "string<date>",
            "only `array` takes `<…>`, and this is `string` [a list is `array<date>`; the fields of an object stand on lines below it]",
        ),
        ("array(date)", "`array` takes no `(…)` [write `array<date>`]"),
        ("string[]", "there is no type `string[]` [a list is written `array<string>`]"),
        ("array[date]", "there is no type `array[date]` [a list is written `array<date>`]"),
        ("array<date", "`>` is missing at the end [close it with `>`]"),
        ("array<date?>", "elements of an array cannot be optional [an array that may be missing is `array<T>?`]"),
        ("number(0..1", "`)` is missing at the end [close it with `)`]"),
        ("number(1)", "`1` is not a range [write `(0..100)`, `(0..)` or `(..100)`]"),
        ("number(..)", "`..` is not a range [write `(0..100)`, `(0..)` or `(..100)`]"),
        ("number(0..inf)", "`0..inf` is not a range [write `(0..100)`, `(0..)` or `(..100)`]"),
        ("number(2..1)", "the range `2..1` is empty: 2 is more than 1 [write `(1..2)`]"),
        (
            "integer(..9007199254740993)",
            "the ends of an integer's range are whole numbers within 2^53, and this is `..9007199254740993`",
        ),
        ("integer(0.5..)", "the ends of an integer's range are whole numbers within 2^53, and this is `0.5..`"),
        (
            "decimal",
            "`decimal` needs all its digits (1 to 38) and those behind the point [`decimal(12,2)` is up to 9999999999.99]",
        ),
        ("enum", "`enum` needs its words [write `enum(low|medium|high)`]"),
        ("enum(a||b)", "`` is not a word of an enum [words stand between `|`: `enum(low|medium|high)`]"),
        ("enum(a,b)", "`a,b` is not a word of an enum [words stand between `|`: `enum(low|medium|high)`]"),
        ("enum(a|a)", "the enum has `a` twice [name each word once]"),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
    for text in ["decimal(0,0)", "decimal(39,0)", "decimal(2,3)", "decimal(2)", "decimal(-1,2)", "decimal(2,2,2)"] {
        assert!(refused(text).starts_with("`decimal` needs"), "{text}");
    }
    assert!(refused(&format!("{}date{}", "array<".repeat(9), ">".repeat(9))).starts_with("arrays nest deeper"));
    assert!(parse_type(&"array<".repeat(100_000)).is_err());
}
