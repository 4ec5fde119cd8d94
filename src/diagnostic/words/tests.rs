use super::{did_you_mean, nearest, shorten};

#[test]
fn the_word_that_was_meant() {
    let words = ["partitions", "retention", "on", "off", "startsWith", "integer"];
    for (word, meant) in [
        ("partition", Some("partitions")),
        ("Retention", Some("retention")),
        ("of", Some("off")),
        ("startswith", Some("startsWith")),
        ("STARTSWITH", Some("startsWith")),
        ("intgr", Some("integer")),
        ("something", None),
        ("", None),
    ] {
        assert_eq!(nearest(word, words), meant, "{word}");
    }
    assert_eq!(nearest(&"x".repeat(1000), words), None);
    assert_eq!(nearest("stage", ["stages", "stag", "tage"]), Some("stages"));
}

#[test]
fn the_closest_name_is_the_same_whatever_the_order() {
    let mut names = ["sales.pong", "sales.ping", "billing.charge"];
    for _ in 0..names.len() {
        names.rotate_left(1);
        assert_eq!(did_you_mean("sales.p_ng", names), ": did you mean `sales.ping`?");
    }
    assert_eq!(did_you_mean("x", [""; 0]), "");
}

#[test]
fn a_sentence_holds_no_page() {
    assert_eq!(shorten("a b"), "a b");
    assert_eq!(shorten("a\u{1b}[2Jb\n"), "a [2Jb ");
    assert_eq!(shorten("a\u{202e}b"), "a b");
    assert_eq!(shorten(&"é".repeat(64)), "é".repeat(64));
    assert_eq!(shorten(&"é".repeat(65)), format!("{}…", "é".repeat(64)));
}
