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
fn a_tab_is_found_where_it_stands() {
    for text in ["a:\n\tb: 1\n", "a:\n  b: c\n\t  d: e\n", "a:\n  b: c\n  \td: e\n", "a: 1\n\n\tb: 1\n", "a:\n\t- b\n"]
    {
        let error = parse(text).unwrap_err();
        assert_eq!((&text[error.span.clone()], &*error.message), ("\t", "a tab stands in the indentation"), "{text:?}");
        assert_eq!(error.help.as_deref(), Some("indent with spaces"), "{text:?}");
    }
}

#[test]
fn a_file_that_is_too_much_is_not_a_pattern_without_quotes() {
    let levels = ["b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]", "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]"];
    let (levels, more, most) = (levels.join("\n"), "*c,".repeat(10), "*d,".repeat(20));
    let bomb = format!("a: &a [x,x,x,x,x,x,x,x,x,x]\n{levels}\nd: &d [{more}]\ne: [{most}]\n");
    let error = parse(&bomb).unwrap_err();
    assert_eq!((error.code, &*error.message), ("RB0102", "the file is more work to read than is allowed"));
    assert!(error.help.unwrap().contains("aliases"));
}

#[test]
fn texts_that_end_are_not_blamed() {
    assert_eq!(place("a: \"x\n  y\"\nb: \"z\" w\n").0, 3);
    assert_eq!(place("a: it's\nb: \"z\" w\n").0, 2);
    assert_eq!(place("a: 1\nb: c: d\n").0, 2);
}

#[test]
fn a_control_character_and_an_alias_of_itself_are_named() {
    let of = |text: &str| {
        let error = parse(text).unwrap_err();
        (text[error.span].to_owned(), error.message, error.help.unwrap())
    };
    let (at, message, help) = of("a: 1\nb: \"c\u{1}d\"\n");
    assert_eq!((&*at, &*message), ("\u{1}", "the control character U+0001 stands here, which YAML does not allow"));
    assert!(help.contains("`\\u0001`"), "{help}");
    let (at, message, help) = of("a: &a\n  b: *a\n");
    assert_eq!((&*at, &*message), ("*a", "an alias stands inside of what it means"));
    assert!(help.contains("without the alias"), "{help}");
}
