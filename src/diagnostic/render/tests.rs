use super::{Diagnostic, Severity, render};

fn found(severity: Severity, span: std::ops::Range<usize>, help: Option<&str>) -> Diagnostic {
    Diagnostic {
        code: "RB0103",
        severity,
        message: "the file has no key `versoin`".to_owned(),
        file: "topics.yaml".to_owned(),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        help: help.map(str::to_owned),
        span,
    }
}

#[test]
fn a_finding_looks_like_a_compilers() {
    let text = "versoin: 1\nmodules: {}\n";
    let shown = render(text, &[found(Severity::Error, 0..7, Some("did you mean `version`?"))], false);
    assert_eq!(
        shown,
        "\
error[RB0103]: the file has no key `versoin`
 --> topics.yaml:1:1
  |
1 | versoin: 1
  | ^^^^^^^
  |
  = help: did you mean `version`?

"
    );
}

#[test]
fn severities_differ_and_nothing_renders_to_nothing() {
    let text = "a: b\n";
    assert!(render(text, &[found(Severity::Warning, 0..1, None)], false).starts_with("warning[RB0103]"));
    assert!(render(text, &[found(Severity::Note, 0..1, None)], false).starts_with("note[RB0103]"));
    assert_eq!(render(text, &[], false), "");
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let finding = [found(Severity::Error, 0..1, None)];
    assert!(render("a: b\n", &finding, true).contains('\u{1b}'));
    assert!(!render("a: b\n", &finding, false).contains('\u{1b}'));
}

#[test]
fn spans_beyond_or_within_characters_are_borne() {
    for text in ["", "é", "é\r\nü: \t😀\n", "\u{feff}a"] {
        for start in 0..text.len() + 3 {
            for end in [0, start, start + 1, start + 100, usize::MAX] {
                let help = Some("nothing");
                assert!(!render(text, &[found(Severity::Note, start..end, help)], false).is_empty());
            }
        }
    }
}

#[test]
fn of_a_long_line_a_part_is_shown_with_its_true_column() {
    let text = format!("{}wrong{}\n", "é: 1, ".repeat(1000), "b: 2, ".repeat(1000));
    let at = 7000;
    let mut finding = found(Severity::Error, at..at + 5, None);
    finding.column = 6001;
    let shown = render(&text, &[finding], false);
    assert!(shown.contains("--> topics.yaml:1:6001"), "{shown}");
    assert!(shown.contains("wrong") && shown.lines().all(|line| line.chars().count() < 200), "{shown}");
}
