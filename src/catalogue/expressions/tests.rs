use super::{Node, place};
use crate::catalogue::tree::Value;

#[test]
fn an_error_in_an_expression_is_placed_inside_the_yaml() {
    let found = |text: &str, start: usize, expression: &str, at: Option<usize>| {
        let node = Node { value: Value::Scalar(expression.to_owned()), span: start..text.len() };
        text[place(text, &node, expression, at)].to_owned()
    };
    assert_eq!(found("when: \"é + datum\"", 6, "é + datum", Some(4)), "d");
    assert_eq!(found("when: a + b", 6, "a + b", Some(2)), "+");
    assert_eq!(found("when: a + b", 6, "a + b", None), "a + b");
    assert_eq!(found("when: a + b", 6, "a + b", Some(99)), "a + b");
    // Escapes and folding: the text in the file is not the text of the expression.
    assert_eq!(found(r#"when: "a == \"x\"""#, 6, r#"a == "x""#, Some(2)), r#""a == \"x\"""#);
}
