use proptest::prelude::*;
use serde_json::{Value, json};

use super::of;

#[test]
fn it_is_what_people_write() {
    let value = json!({
        "entities": [{"id": "acme", "tags": [], "at": "2024-01-15", "more": {}}, [1, ["x y"]]],
        "next": null,
    });
    assert_eq!(
        of(&value.to_string()),
        "\
entities:
  - id: acme
    tags: []
    at: \"2024-01-15\"
    more: {}
  - - 1
    - - x y
next: null
"
    );
    assert_eq!((of("7").as_str(), of(" { } ").as_str(), of("{").as_str()), ("7\n", "{}\n", ""));
}

#[test]
fn what_yaml_readers_would_change_stands_there_all_the_same() {
    let state =
        r#"{"a":1e999,"b":12345678901234567890123,"d":1.10,"dup":1,"dup":2,"on":"no","u":"\u202e\u009b\"\\\n"}"#;
    assert_eq!(
        of(state),
        "\
a: 1e999
b: 12345678901234567890123
d: 1.10
dup: 1
dup: 2
\"on\": \"no\"
u: \"\\U0000202e\\U0000009b\\\"\\\\\\n\"
"
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z0-9:#{}\\[\\]?!&*|>%@`,'\" ~.=+_/-]{0,6}", "\\PC{0,6}", ".{0,4}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_yaml_reader_finds_the_same(value in any_json()) {
        let yaml = of(&value.to_string());
        let back: Value = serde_saphyr::from_str(&yaml).map_err(|error| TestCaseError::fail(format!("{error}: {yaml}")))?;
        prop_assert_eq!(back, value, "{}", yaml);
    }
}
