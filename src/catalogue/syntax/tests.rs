use super::super::tree::parse;

/// The line, from 1, and the text at which a file is said to be no YAML.
fn place(text: &str) -> (usize, &str) {
    let error = parse(text).unwrap_err();
    (text[..error.span.start].matches('\n').count() + 1, &text[error.span])
}

#[test]
fn a_quote_that_is_missing_is_found_where_the_text_begins() {
    for text in [
        "a: 1\nb: \"open\nc: 2\nd: \"e\"\n",
        "a: 1\nb: 'open\nc: 2\nd: 'e'\n",
        "a: \"x\n  y\"\nb: \"open # \\\" \nc: 2\nd: \"e\"\n",
        "# it's \"\nb: \"open\nc: it's\nd: \"e\"\n",
    ] {
        let (line, at) = place(text);
        assert_eq!(at.len(), 1, "{text:?}: {at:?}");
        assert!(text.lines().nth(line - 1).unwrap().contains("open"), "{text:?}: line {line}");
    }
}

#[test]
fn texts_that_end_are_not_blamed() {
    assert_eq!(place("a: \"x\n  y\"\nb: \"z\" w\n").0, 3);
    assert_eq!(place("a: it's\nb: \"z\" w\n").0, 2);
    assert_eq!(place("a: 1\nb: c: d\n").0, 2);
}
