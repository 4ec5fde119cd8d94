//! Which fields an expression names.

/// How an expression names a field of its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Not at all.
    No,
    /// Somewhere, and somewhere it asks with `has()` whether it is there.
    Guarded,
    /// Without asking.
    Bare,
}

/// How an expression, which compiled once, names a field of one of these variables by its path: `data.address.city`, or
/// with brackets.
pub(super) fn named(variables: &[&str], expression: &str, path: &[&str]) -> Named {
    let tokens = tokens(expression);
    let mut named = Named::No;
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| variables.contains(&token.as_str())) {
        let (before, behind) = tokens.split_at(at);
        if before.last().is_some_and(|last| last == ".") || !follows(&behind[1..], path) {
            continue;
        }
        let asked = matches!(before, [.., has, open] if has == "has" && open == "(");
        named = if asked || named == Named::Guarded { Named::Guarded } else { Named::Bare };
    }
    named
}

/// Whether tokens go down a path.
fn follows(mut tokens: &[String], path: &[&str]) -> bool {
    for step in path {
        tokens = match tokens {
            [dot, name, rest @ ..] if dot == "." && name == step => rest,
            [open, name, close, rest @ ..] if open == "[" && close == "]" && string_is(name, step) => rest,
            _ => return false,
        };
    }
    true
}

/// Words, quoted strings with their quotes, and single characters; blanks and comments are left out.
fn tokens(expression: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = expression.chars().peekable();
    while let Some(first) = chars.next() {
        let mut token = first.to_string();
        if first.is_alphanumeric() || first == '_' {
            while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                token.push(next);
            }
        } else if matches!(first, '"' | '\'') {
            while let Some(next) = chars.next() {
                token.push(next);
                if next == '\\' {
                    token.extend(chars.next());
                } else if next == first {
                    break;
                }
            }
        } else if first.is_whitespace() {
            continue;
        } else if first == '/' && chars.peek() == Some(&'/') {
            while chars.next_if(|c| *c != '\n').is_some() {}
            continue;
        }
        tokens.push(token);
    }
    tokens
}

fn string_is(token: &str, text: &str) -> bool {
    ['"', '\''].iter().any(|quote| token.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)) == Some(text))
}
