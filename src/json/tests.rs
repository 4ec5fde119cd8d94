use proptest::prelude::*;

use super::*;

/// Ours: whether it is JSON, whether it has a lone surrogate.
fn scan(text: &str) -> (Result<Kind, Fault>, Option<usize>) {
    let mut scanner = Scanner::new(text);
    let result = scanner.value().and_then(|value| scanner.end().map(|()| value.kind));
    (result, scanner.lone_surrogate())
}

#[test]
fn verdicts() {
    let good = [
        "{}",
        "[]",
        " {\"a\" : [1, 2.5e-3, -0, true, false, null, \"x\"] } ",
        "\"\\u00e9\\n\"",
        "0",
        "-1",
        "\"\\ud83d\\ude00\"",
        "\"0123456789abcdef\"",
        "\"é — ü 0123456789\"",
    ];
    for text in good {
        assert_eq!((scan(text).0.is_ok(), scan(text).1), (true, None), "{text}");
    }
    let bad = [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "tru",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\u{1}\"",
        "{} {}",
        "[1 2]",
        "{\"a\" 1}",
        "NaN",
        "'a'",
        "\u{feff}{}",
        "\"\\u12g4\"",
        "-",
        "{\"a\":}",
    ];
    for text in bad {
        assert!(scan(text).0.is_err(), "{text}");
    }
    for lone in [
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud800x\"",
        "{\"\\udfff\":1}",
        "[{\"a\":\"b\\ud900\\n\"}]",
    ] {
        let (result, at) = scan(lone);
        assert!(result.is_ok() && at.is_some(), "{lone}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(scan(&nested(64)).0.is_ok());
    assert_eq!(scan(&nested(65)).0, Err(Fault::TooDeep));
    assert_eq!(scan(&"[".repeat(1_000_000)).0, Err(Fault::TooDeep));
}

#[test]
fn a_member_is_set_and_every_other_byte_stays() {
    let set = |text: &str, path: &[&str], value: &str| set_member(text, path, value).map_err(|fault| fault.to_string());
    let text = r#" { "a" : 1.50 ,"b":{ "c":"\u0064", "e":[1, 2] } } "#;
    let good = [
        (&["a"][..], "2", r#" { "a" : 2 ,"b":{ "c":"\u0064", "e":[1, 2] } } "#),
        (&["b", "c"], "\"x\"", r#" { "a" : 1.50 ,"b":{ "c":"x", "e":[1, 2] } } "#),
        (&["b", "n\""], "{}", r#" { "a" : 1.50 ,"b":{ "c":"\u0064", "e":[1, 2],"n\"":{} } } "#),
        (&["n"], "null", r#" { "a" : 1.50 ,"b":{ "c":"\u0064", "e":[1, 2] },"n":null } "#),
    ];
    for (path, value, expected) in good {
        assert_eq!(set(text, path, value).as_deref(), Ok(expected), "{path:?}");
    }
    assert_eq!(set("{ }", &["a"], "1").as_deref(), Ok(r#"{"a":1 }"#));
    for (text, path, fault) in [
        ("{\"a\":1,\"a\":2}", &["a"][..], "`a` stands there twice"),
        ("{\"a\":1}", &["a", "b"], "`a` is no object that could hold it"),
        ("{\"a\":1}", &["b", "c", "d"], "`b` is no object that could hold it"),
        ("[1]", &["a"], "the value is no object that could hold it"),
        ("{\"a\":", &["a"], "it is not JSON at byte 5: expected a value"),
    ] {
        assert_eq!(set(text, path, "1").unwrap_err(), fault, "{text}");
    }
}

fn json_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "\\ude00",
        "\"a\"",
        "1",
        "-",
        ".",
        "e",
        "0",
        "true",
        "null",
        " ",
        "\n",
        "é",
        "\u{1}",
        "\u{7f}",
        "{\"a\":1}",
        "\"long enough for words\"",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What serde says: its grammar, and its strings; numbers beyond a double are its own limit, not JSON's.
fn serde_verdict(text: &str) -> bool {
    let grammar = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    grammar
        && match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => true,
            Err(error) => error.to_string().starts_with("number out of range"),
        }
}

/// The known name or another of each member, and its value's text.
fn knowing(text: &str, known: &[&str]) -> Result<Vec<(MemberName<'static>, String)>, Fault> {
    let mut seen = Vec::new();
    Scanner::new(text).object_knowing(known, |name, scanner| {
        let name = match name {
            MemberName::Known(index) => MemberName::Known(index),
            MemberName::Other(name) => MemberName::Other(name.into_owned().into()),
        };
        seen.push((name, scanner.value()?.raw.to_owned()));
        Ok(())
    })?;
    Ok(seen)
}

/// The same, by looking each name up.
fn looked_up(text: &str, known: &[&str]) -> Result<Vec<(MemberName<'static>, String)>, Fault> {
    let mut seen = Vec::new();
    Scanner::new(text).object(|name, scanner| {
        let index = known.iter().position(|known| *known == name);
        let name = index.map_or_else(|| MemberName::Other(name.into_owned().into()), MemberName::Known);
        seen.push((name, scanner.value()?.raw.to_owned()));
        Ok(())
    })?;
    Ok(seen)
}

const KNOWN: [&str; 4] = ["a", "ab", "data", "event_id"];

/// An object with known names, near misses, escapes and names that stand twice, in any order; or a part of it.
fn object_with_known_names() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "a",
        "ab",
        "abc",
        "data",
        "data_x",
        "dat\\u0061",
        "event_id",
        "event_idx",
        "event\\u005fid",
        "event_id\\\"",
        "",
        "é",
    ]);
    let members = prop::collection::vec((names, 0..3_u8), 0..8);
    (members, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(members, end, whole)| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let text = format!("{{{}}}", members.join(", "));
        let end = end.index(text.len());
        let cut = if whole || !text.is_char_boundary(end) { text.len() } else { end };
        text[..cut].to_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_serdes(text in json_like()) {
        let (result, lone) = scan(&text);
        prop_assert_eq!(result.is_ok() && lone.is_none(), serde_verdict(&text), "{}", text);
    }

    #[test]
    fn mutated_json_has_serdes_verdict(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            let (result, lone) = scan(&text);
            prop_assert_eq!(result.is_ok() && lone.is_none(), serde_verdict(&text), "{}", text);
        }
    }

    #[test]
    fn a_known_name_is_what_a_look_at_the_list_finds(text in object_with_known_names()) {
        prop_assert_eq!(knowing(&text, &KNOWN), looked_up(&text, &KNOWN), "{}", text);
    }

    #[test]
    fn what_is_special_in_a_string_is_found(text in "[ -~é\u{1}\u{1f}\u{7f}]{0,20}", at in any::<prop::sample::Index>()) {
        let (bytes, from) = (text.as_bytes(), at.index(text.len() + 1));
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let expected = bytes[from..].iter().position(special).map(|found| from + found);
        prop_assert_eq!(strings::next_special(bytes, from), expected);
    }

    #[test]
    fn members_are_serdes(value in value()) {
        if let serde_json::Value::Object(expected) = &value {
            let text = value.to_string();
            let mut seen = Vec::new();
            members(Value { raw: &text, kind: Kind::Object }, |member| seen.push((member.name.into_owned(), member.value.raw.to_owned())));
            let expected: Vec<_> = expected.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
            prop_assert_eq!(seen, expected);
        }
    }

    #[test]
    fn written_strings_read_back(text in any::<String>()) {
        let mut out = Vec::new();
        push_string(&mut out, &text);
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
