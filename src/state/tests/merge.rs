//! RFC 7386: its own examples, and `serde_json` as the other opinion.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::json::Scanner;
use crate::state::merge_patch;

fn merged(target: &str, patch: &str) -> String {
    let (target, patch) = (Scanner::new(target).value().unwrap(), Scanner::new(patch).value().unwrap());
    let mut out = Vec::new();
    merge_patch(Some(target), patch, &mut out);
    String::from_utf8(out).unwrap()
}

/// Appendix A of the RFC, row by row.
#[test]
fn the_examples_of_the_rfc() {
    for (original, patch, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, r"{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        assert_eq!(merged(original, patch), result, "{original} {patch}");
    }
    // Section 3.
    let target = r#"{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}"#;
    let patch =
        r#"{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}"#;
    let result = r#"{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}"#;
    assert_eq!(merged(target, patch), result);
}

#[test]
fn what_is_not_patched_stays_as_it_was_written() {
    assert_eq!(
        merged(r#"{"a": 1.0, "b":12345678901234567890123, "c":"\u00e9"}"#, r#"{"d":1e2}"#),
        r#"{"a":1.0,"b":12345678901234567890123,"c":"\u00e9","d":1e2}"#
    );
    assert_eq!(merged(r#"{"a":1,"a":2,"b":3}"#, r#"{"b":4,"b":5}"#), r#"{"a":2,"b":5}"#);
}

/// The algorithm of section 2, word for word.
fn model(target: Option<&Value>, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = target.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(name);
        } else {
            let merged = model(target.get(name), value);
            target.insert(name.clone(), merged);
        }
    }
    Value::Object(target)
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("x")), Just(json!([1, null]))];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop::collection::vec((prop::sample::select(vec!["a", "b", "c", "d"]), inner), 0..4).prop_map(|members| {
            Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
        })
    })
}

proptest! {
    #[test]
    fn it_merges_as_the_rfc_says(target in anything(), patch in anything()) {
        let result: Value = serde_json::from_str(&merged(&target.to_string(), &patch.to_string())).unwrap();
        prop_assert_eq!(result, model(Some(&target), &patch));
    }
}
