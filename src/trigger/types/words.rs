//! Types and values as messages show them.

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use crate::schema::{Bounds, Type};

/// A type as the catalogue writes it, long lists of words cut.
pub(crate) fn type_name(ty: &Type) -> String {
    const WORDS: usize = 6;
    match ty {
        Type::String => "string".to_owned(),
        Type::Number(bounds) => format!("number{}", range(*bounds)),
        Type::Integer(bounds) => format!("integer{}", range(*bounds)),
        Type::Boolean => "boolean".to_owned(),
        Type::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        Type::Enum(words) => {
            let more = if words.len() > WORDS { "|…" } else { "" };
            format!("enum({}{more})", words.iter().take(WORDS).map(|word| &**word).collect::<Vec<_>>().join("|"))
        }
        Type::DateTime => "datetime".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Period => "period".to_owned(),
        Type::Array(None) => "array".to_owned(),
        Type::Array(Some(element)) => format!("array<{}>", type_name(element)),
        Type::Object(_) => "object".to_owned(),
    }
}

fn range(bounds: Bounds) -> String {
    if bounds == Bounds::default() {
        return String::new();
    }
    let end = |end: Option<f64>| end.map_or_else(String::new, |end| end.to_string());
    format!("({}..{})", end(bounds.min), end(bounds.max))
}

/// "`a`, `b` and `c`".
pub(crate) fn list(words: &[&str]) -> String {
    list_of(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>())
}

/// "a, b and c".
pub(super) fn list_of(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A literal as it reads, and what else stands there as a word.
pub(super) fn shown(node: &IdedExpr) -> String {
    match &node.expr {
        Expr::Literal(LiteralValue::Int(value)) => value.inner().to_string(),
        Expr::Literal(LiteralValue::UInt(value)) => value.inner().to_string(),
        Expr::Literal(LiteralValue::Double(value)) => value.inner().to_string(),
        Expr::Literal(_)
        | Expr::Unspecified
        | Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::Ident(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Select(_)
        | Expr::Struct(_) => match super::guards::path(node) {
            Some(path) => format!("`{}`", super::guards::written(&path)),
            None => "the right side".to_owned(),
        },
    }
}
