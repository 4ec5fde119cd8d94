use super::{one_line, visible, visible_json, visible_lines};

#[test]
fn nothing_is_obeyed_and_nothing_hides() {
    for (text, shown) in [
        ("plain, ä, 日本, 👍", "plain, ä, 日本, 👍"),
        ("a\u{1b}[2Jb", "a\\u001b[2Jb"),
        ("a\u{9b}2Jb", "a\\u009b2Jb"),
        ("user\u{202e}txt.exe", "user\\u202etxt.exe"),
        ("a\u{2066}b\u{2069}\u{200f}\u{61c}", "a\\u2066b\\u2069\\u200f\\u061c"),
        ("a\u{200b}b\u{feff}", "a\\u200bb\\ufeff"),
        ("\u{e0041}", "\\udb40\\udc41"),
    ] {
        assert_eq!(visible(text), shown);
    }
    assert_eq!(visible("a\nb"), "a\\u000ab");
    assert_eq!(visible_lines("a\nb\r\u{202e}"), "a\nb\\u000d\\u202e");
}

#[test]
fn json_stays_the_same_value() {
    let value = serde_json::json!({"a\u{202e}": ["\u{9b}\u{e0041}", "\n\t\u{1b}"]});
    let text = serde_json::to_string_pretty(&value).unwrap().replace(':', "\t:\r");
    let shown = visible_json(&text);
    assert!(shown.chars().all(|c| c < ' ' || !super::is_hidden(c)), "{shown}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
}

#[test]
fn a_line_is_cut_between_characters() {
    assert_eq!(one_line("äöü", 3), "äöü");
    assert_eq!(one_line("äöü", 2), "äö…");
    assert_eq!(one_line("a\u{202e}b", 2), "a\\u202e…");
}
