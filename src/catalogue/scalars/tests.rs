use super::super::tree::{self, Node, Value};
use super::places;

/// The first single value behind the key `x` of a file, with what the file has at each of its characters.
fn read(file: &str) -> (String, Vec<String>) {
    let root = tree::parse(file).unwrap();
    let Value::Map(pairs) = &root.value else { panic!("no mapping") };
    let Node { value: Value::Scalar(text), span } = &pairs[0].1 else { panic!("no scalar") };
    let written = &file[span.clone()];
    let places = places(written, text).unwrap_or_else(|| panic!("{written:?} and {text:?} do not fit"));
    (text.clone(), places.into_iter().map(|place| written[place].to_owned()).collect())
}

#[test]
fn every_character_that_is_not_white_space_is_found() {
    for file in [
        "x: data.amount > 1\n",
        "x: data.é > 1   # behind\ny: 1\n",
        "x: data.a\n  > 1\n\n  && b\ny: 1\n",
        "x: 'it is\n  é'\n",
        "x: \"é 😀 a\n   b\n\n  c\"\n",
        "x: \"a \\\n   b\"\n",
        "x: |\n  data.x\n    é\n\n  b\ny: 1\n",
        "x: |\n\n\n  b\n",
        "x: |2-\n    data.x\n   b\n",
        "x: |\n  \"a\" == \"b\"",
        "x: |-\n  'a' == 'b'",
        "x: >\n  data.x\n  é\n\n  b\n\n\n",
        "x: >-\n  data.x\n    more\n   most\n  b\ny: 1\n",
        "x: >2-  # behind\n    data.x\n\ny: 1\n",
        "x: >+\n  a\n\n",
        "x: !!str data.x\n",
        "x: &here data.x\ny: *here\n",
        "x: &here |\n  data.x\n",
        "\u{feff}x: data.x\r\n  + é\r\n",
        "x: \"a\r\n  b\"\r\n",
        "x: |\r\n  a\r\n  b\r\n",
        "{\"x\": data.x}",
    ] {
        let (text, places) = read(file);
        assert_eq!(text.chars().count(), places.len(), "{file:?}");
        for (c, place) in text.chars().zip(&places) {
            assert!(c.is_whitespace() || *place == c.to_string(), "{file:?}: {c:?} is said to stand at {place:?}");
        }
    }
}

#[test]
fn an_escape_is_one_place() {
    let found = |file: &str| read(file).1;
    assert_eq!(found(r#"x: "a\"b""#), ["a", r#"\""#, "b"]);
    assert_eq!(
        found(r#"x: "\u00e9\x41\U0001F600\n\t\\ é""#)[..6],
        [r"\u00e9", r"\x41", r"\U0001F600", r"\n", r"\t", r"\\"]
    );
    assert_eq!(found("x: 'it''s'"), ["i", "t", "''", "s"]);
    assert_eq!(found("x: ''''''"), ["''", "''"]);
    // White space that is escaped is not folded into that of the line's end.
    assert_eq!(found("x: \"a\\n\n  b\""), ["a", r"\n", "\n", "b"]);
}

#[test]
fn what_does_not_fit_is_not_guessed() {
    for (written, text) in [("a", "b"), ("a", "aa"), ("\"\\q\"", "q"), ("\"\\ud83d\"", "x"), ("", "x"), ("'a", "a")] {
        assert_eq!(places(written, text), None, "{written:?} as {text:?}");
    }
}
