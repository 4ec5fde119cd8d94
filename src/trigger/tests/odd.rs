//! Odd input: texts and data that nobody means. Nothing may panic, overflow the stack or run away.

use proptest::prelude::*;

use super::{Expression, Facts, deal, run, run_on};

/// Texts of the longest permitted length that nest as deep as they can, each in its own way.
#[test]
fn no_text_is_deep_enough_to_overflow_the_stack() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{1:", "1", "}"),
        ("size(", "1", ")"),
        ("data[", "0", "]"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("1+", "1", ""),
        ("1<", "1", ""),
        ("a||", "a", ""),
        ("true?1:", "1", ""),
        ("", "data", "[0]"),
        ("", "data", ".a"),
        ("", "data", ".a()"),
        ("", "[]", ".map(x,x)"),
        ("[1].map(x,", "1", ")"),
    ] {
        for count in [16, 30, 4090 / (open.len() + close.len())] {
            run(&format!("{}{middle}{}", open.repeat(count), close.repeat(count)));
        }
    }
}

#[test]
fn a_text_has_a_longest_length_and_a_deepest_nesting() {
    assert!(run(&format!("'{}'", "x".repeat(4094))).starts_with("\"x"));
    assert_eq!(run(&format!("'{}'", "x".repeat(4095))), "! the expression is longer than 4096 bytes");
    assert_eq!(run(&format!("1{}", "+1".repeat(32))), "33");
    assert!(run(&format!("1{}", "+1".repeat(33))).ends_with("the expression nests deeper than 32 levels"));
    assert_eq!(run(&format!("{}1{}", "(".repeat(32), ")".repeat(32))), "1");
    assert_eq!(run(&format!("{}1{}", "(".repeat(33), ")".repeat(33))), "! the expression nests deeper than 32 levels");
}

#[test]
fn comprehensions_have_a_budget() {
    let contract = deal();
    let data = format!("{{\"xs\":[{}1]}}", "1,".repeat(999));
    let facts = Facts::new(&contract, &data, "{}", "{}");
    assert_eq!(run_on(&facts, "data.xs.all(x, x == 1)"), "true");
    assert_eq!(
        run_on(&facts, "data.xs.all(x, data.xs.all(y, x == y))"),
        "! the comprehensions walk more than 100000 items"
    );
    // The next evaluation has a budget of its own.
    assert_eq!(run_on(&facts, "data.xs.all(x, x == 1)"), "true");
}

#[test]
fn what_is_copied_and_compared_has_a_bound() {
    const BEYOND: &str = "! the expression copies or compares more than 1000000 values";
    let contract = deal();
    let (numbers, note) = (format!("[{}1]", "1,".repeat(19_999)), "n".repeat(100_000));
    let lines = format!("[{}{{\"sku\":\"a\",\"count\":1}}]", "{\"sku\":\"a\",\"count\":1},".repeat(1999));
    let data = format!("{{\"xs\":{numbers},\"ys\":{numbers},\"note\":\"{note}\",\"lines\":{lines},\"n\":2}}");
    let facts = Facts::new(&contract, &data, "{}", "{}");
    for text in [
        "data.lines.map(line, {'line': line, 'order': data})",
        "data.xs.map(x, data.xs)",
        "data.xs.map(x, data.xs).size() > 0",
        "data.xs.map(x, [data])",
        "data.xs.map(x, x == 1 ? data : data)",
        "data.xs.filter(x, x in data.ys)",
        "data.xs.map(x, data['xs'])",
        "data.xs.map(x, data.note + 'x')",
        "data.xs.map(x, data.?xs)",
        "[data.note].map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a)",
        "[data.xs].map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a)",
        "data.xs.all(x, x + 1 in data.ys || x in data.ys)",
        "data.xs.all(x, data.xs == data.ys)",
        "data.xs.all(x, !data.note.contains('x'))",
        "data.xs.all(x, data.note.matches('^n'))",
        "data.xs.all(x, 'n'.matches(data.note))",
        "data.xs.all(x, data.note.size() > x)",
        "data.xs.all(x, x in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
            27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52])",
    ] {
        assert_eq!(run_on(&facts, text), BEYOND, "{text}");
    }
    for (text, answer) in [
        ("data.xs.all(x, x == 1)", "true"),
        ("data.xs.all(x, data.xs.size() > x)", "true"),
        ("data.xs.map(x, x + 1).size()", "20000"),
        ("data.xs.all(x, x == data.xs[0])", "true"),
        ("data.xs == data.ys", "true"),
        ("7 in data.xs", "false"),
        ("data.note.matches('^n+$')", "true"),
        ("data.xs.all(x, 'n'.matches(data.n > 1 ? '^n' : '^m'))", "true"),
        ("data.xs.all(x, 'n'.matches('^n'))", "true"),
        ("data.lines.all(line, matches(line.sku, '^[\\\\w ]{1,40}$'))", "true"),
        (
            "data.lines.filter(line, line.sku.matches(line.sku + '$')).size()",
            "! the expression copies or compares more than 1000000 values",
        ),
        ("'a'.matches('[\\\\w ]{' + string(data.n) + '000}')", "! the pattern of `matches` is too large"),
        ("data.lines.filter(line, line.sku == 'a' && line.count > data.n)", "[]"),
        ("data.lines.map(line, {'line': line, 'of': data.n}).size()", "2000"),
        ("data.lines.map(line, optional.of(line.count).value() + line.?price.orValue(1)).size()", "2000"),
        ("data.lines.all(line, ['a'].exists(sku, sku.startsWith(line.sku)) && type(line.count) == int)", "true"),
    ] {
        let answered = run_on(&facts, text);
        assert_eq!(answered, answer, "{text}");
    }
    // The next evaluation has a bound of its own, and so has a constant: `check` asks what it gives.
    assert_eq!(run_on(&facts, "data.xs.all(x, x == 1)"), "true");
}

fn fragment() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "data",
        "event",
        ".",
        "amount",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ":",
        ",",
        "?",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "in",
        "+",
        "-",
        "*",
        "/",
        "%",
        "1",
        "1.5",
        "2u",
        "'a'",
        "b'a'",
        "r'\\'",
        "null",
        "true",
        "has",
        ".map(x, x)",
        "size",
        "@result",
        ".all(",
        "x",
        ".?a",
        "[?0]",
        "\"",
        "`a`",
        "//",
        "\\",
        "é",
        "\u{0}",
        "optional.of",
        "timestamp",
        "duration('1s')",
        "9223372036854775807",
        "int",
        "type",
        "{}",
        "[]",
        " ",
        "\n",
        "…",
        "=",
        "1e999",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("(amount|seats|lines|first|[a-c]|.)", inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_compiles_or_says_why(text in "\\PC{0,40}") {
        if let Err(error) = Expression::compile(&text) {
            prop_assert!(!error.message.is_empty() && !error.message.contains('\n'), "{}", error.message);
            prop_assert!(error.at.is_none_or(|at| at <= text.chars().count()));
        }
    }

    #[test]
    fn any_mix_of_fragments_answers_or_says_why(text in fragment(), data in json()) {
        let contract = deal();
        let data = data.to_string();
        let facts = Facts::new(&contract, &data, "{}", "{}");
        let first = run_on(&facts, &text);
        prop_assert!(!first.is_empty());
        prop_assert_eq!(first, run_on(&Facts::new(&contract, &data, "{}", "{}"), &text));
    }

    #[test]
    fn data_comes_out_as_it_went_in(data in json()) {
        let contract = crate::schema::Contract::default();
        let text = serde_json::json!({ "x": data }).to_string();
        let facts = Facts::new(&contract, &text, "{}", "{}");
        let found: serde_json::Value = serde_json::from_str(&run_on(&facts, "data.x")).unwrap();
        prop_assert_eq!(same(&found), same(&data));
    }
}

/// Integers beyond 64 bits signed are doubles.
fn same(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) if number.as_i64().is_none() => Value::from(number.as_f64().unwrap()),
        Value::Array(items) => items.iter().map(same).collect(),
        Value::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), same(v))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
