use super::*;
use crate::schema::{Additional, Bounds, Contract, Field, Presence, Type};

const DATA: &str = r#"{"amount":500,"stage":"won","tags":["a","b"],"address":{"city":"x"},"größe":1}"#;

/// Each part as `answer text | name=value, …`.
fn parts(text: &str) -> Vec<String> {
    let amount = Field {
        name: "amount".into(),
        aliases: Vec::new(),
        ty: Type::Number(Bounds::default()),
        presence: Presence::Required,
        description: None,
        redact: false,
    };
    let contract = Contract { fields: vec![amount], additional: Additional::Allow };
    let facts = Facts::new(&contract, DATA, r#"{"tenant_id":"t"}"#, "{}");
    let parts = Expression::compile(text).unwrap().parts(&facts);
    let line = |part: Part| {
        let answer = match part.answer {
            Answer::True => "true".to_owned(),
            Answer::False => "false".to_owned(),
            Answer::Failed(why) => format!("failed ({why})"),
        };
        let saw =
            part.saw.iter().map(|seen| format!("{}={}", seen.path.join("."), seen.json.as_deref().unwrap_or("absent")));
        let saw: Vec<_> = saw.collect();
        format!("{answer}: {}{}{}", part.text, if saw.is_empty() { "" } else { " | " }, saw.join(", "))
    };
    parts.into_iter().map(line).collect()
}

#[test]
fn the_parts_that_made_the_answer() {
    for (text, expected) in [
        ("data.amount >= 1000.0", &["false: data.amount >= 1000.0 | data.amount=500.0"][..]),
        ("data.amount >= 1000.0 && data.stage == 'won'", &["false: data.amount >= 1000.0 | data.amount=500.0"]),
        (
            "data.amount < 1.0 && (data.stage == 'won') && data.stage.size() > 9",
            &["false: data.amount < 1.0 | data.amount=500.0", "false: data.stage.size() > 9 | data.stage=\"won\""],
        ),
        (
            "data.stage == 'won' && data.amount > 1.0",
            &["true: data.stage == 'won' | data.stage=\"won\"", "true: data.amount > 1.0 | data.amount=500.0"],
        ),
        // What guards is the reason; what it guards is not.
        ("has(data.parts) && data.parts > 1", &["false: has(data.parts) | data.parts=absent"]),
        (
            "data.stage == 'lost' || ((data.amount > 900.0) || data.address.city == \"(y\")",
            &[
                "false: data.stage == 'lost' | data.stage=\"won\"",
                "false: data.amount > 900.0 | data.amount=500.0",
                "false: data.address.city == \"(y\" | data.address.city=\"x\"",
            ],
        ),
        ("data.stage == 'won' || data.amount > 900.0", &["true: data.stage == 'won' | data.stage=\"won\""]),
        ("!(data.stage == 'won')", &["false: !(data.stage == 'won') | data.stage=\"won\""]),
        (
            "data.amount > 1.0 && !data.address.open",
            &["failed (there is no field `open`): !data.address.open | data.address.open=absent"],
        ),
        (
            "!!!(data.stage == 'x' || data.amount > 1.0)",
            &[
                "false: !!!(data.stage == 'x' || data.amount > 1.0) | data.stage=\"won\", data.amount=500.0",
                "true: data.amount > 1.0 | data.amount=500.0",
            ],
        ),
        ("data.?note.orValue('') == 'x'", &["false: data.?note.orValue('') == 'x' | data.note=absent"]),
        ("data[?'stage'].orValue('') == 'x'", &["false: data[?'stage'].orValue('') == 'x' | data.stage=\"won\""]),
        (
            "data.?address.?city.orValue('') == 'y'",
            &["false: data.?address.?city.orValue('') == 'y' | data.address.city=\"x\""],
        ),
        (
            "data.amount > 900.0 ? {'a:b': true}['a:b'] : (data.stage == ')' // no: comment\n)",
            &[
                "false: data.amount > 900.0 | data.amount=500.0",
                "false: data.stage == ')' // no: comment | data.stage=\"won\"",
            ],
        ),
        (
            "data['größe'] > 0 && data.nothing > 1",
            &["failed (there is no field `nothing`): data.nothing > 1 | data.nothing=absent"],
        ),
        (
            "data.stage",
            &["failed (the condition gives a string, where a boolean must stand): data.stage | data.stage=\"won\""],
        ),
        // The variable of a macro is no field, also where it is called as one.
        (
            "data.tags.exists(data, data == 'c') || event.tenant_id == 'u'",
            &[
                "false: data.tags.exists(data, data == 'c') | data.tags=[\"a\",\"b\"]",
                "false: event.tenant_id == 'u' | event.tenant_id=\"t\"",
            ],
        ),
        (
            "(data.amount > 1.0) == (data.stage == 'x')",
            &["false: (data.amount > 1.0) == (data.stage == 'x') | data.amount=500.0, data.stage=\"won\""],
        ),
        ("r'\\' == '\\'' && true", &["false: r'\\' == '\\''"]),
        ("1 > 2", &["false: 1 > 2"]),
    ] {
        assert_eq!(parts(text), expected, "{text}");
    }
}

/// As deep as an expression may be, on the stack of an ordinary thread.
#[test]
fn the_deepest_condition_has_parts() {
    let nots = format!("{}data.amount > 1.0{}", "!(".repeat(14), ")".repeat(14));
    assert_eq!(parts(&nots), [format!("true: {nots} | data.amount=500.0")]);
    let choices = format!("{}data.amount > 1.0{}", "true ? (".repeat(14), ") : false".repeat(14));
    assert_eq!(parts(&choices).len(), 15);
}

#[test]
fn a_condition_of_many_parts_stays_bounded() {
    let text = vec!["data.amount > 900.0"; 150].join("||");
    let parts = parts(&text);
    assert!(parts.len() <= MAX_SPLITS + 1, "{}", parts.len());
}
