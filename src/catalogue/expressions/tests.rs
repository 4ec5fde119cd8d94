use super::{Node, place};
use crate::catalogue::compile;
use crate::catalogue::tests::SMALL;
use crate::catalogue::tree::Value;

#[test]
fn an_error_in_an_expression_is_placed_inside_the_yaml() {
    let found = |text: &str, start: usize, expression: &str, at: Option<usize>| {
        let node = Node { value: Value::Scalar(expression.to_owned()), span: start..text.len() };
        text[place(text, &node, expression, at)].to_owned()
    };
    assert_eq!(found("when: \"é + datum\"", 6, "é + datum", Some(4)), "datum");
    assert_eq!(found("when: a + b", 6, "a + b", Some(2)), "+");
    assert_eq!(found("when: a + b", 6, "a + b", None), "a + b");
    // Too early an end is shown at the last character.
    assert_eq!(found("when: a + ", 6, "a + ", Some(4)), "+");
    assert_eq!(found(r#"when: "a == \"x\"""#, 6, r#"a == "x""#, Some(2)), "=");
    // The text in the file is not the text of the expression.
    assert_eq!(found("when: a + b", 6, "x", Some(0)), "a + b");
}

/// Checks that the one finding about a condition underlines these words of it, and says in which line and column.
#[track_caller]
fn condition(written: &str, underlined: &str) {
    let text = SMALL.replacen("when: \"data.amount > 1000.0\"", &format!("when: {written}"), 1);
    let start = text.find(written).unwrap() + written.find(underlined).unwrap();
    let line = text[..start].matches('\n').count() + 1;
    let column = text[..start].chars().rev().take_while(|c| *c != '\n').count() + 1;
    let (_, found) = compile("test.yaml", &text);
    let found: Vec<_> =
        found.iter().map(|found| (found.line as usize, found.column as usize, &text[found.span.clone()])).collect();
    assert_eq!(found, [(line, column, underlined)], "{written}");
}

#[test]
fn every_way_to_write_a_condition_leads_to_the_place_within_it() {
    condition("datum.amount > 1.0", "datum");
    condition("\"datum.amount > 1.0\"", "datum");
    condition("'datum.amount > 1.0'", "datum");
    // Behind escapes and characters of several bytes.
    condition(r#""data.stage == \"é\" && nope(1)""#, "nope");
    condition(r#""data.stage == '\u00e9😀' || nope(1)""#, "nope");
    condition("'data.stage == ''é'' && nope(1)'", "nope");
    // Over several lines.
    condition("data.stage == 'won'\n              && nope(1)", "nope");
    condition("\"data.stage == 'é'\n\n              && nope(1)\"", "nope");
    condition(">\n              data.amount > 1.0\n              && data.stage == 'é' && nope(1)", "nope");
    condition("|-\n              data.amount > 1.0\n                && nope(1)\n", "nope");
    condition("|\n\n              data.amount > 1.0 && (", "(");
}
