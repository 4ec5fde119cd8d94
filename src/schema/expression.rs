//! A type as its author wrote it: `number(0..100)`, `array<decimal(12,2)>`.

use super::{Bounds, Type};

impl Type {
    /// The type as an expression that [`parse_type`](super::parse_type) reads; an object with fields is `object`.
    #[must_use]
    pub fn expression(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Number(bounds) => format!("number{}", range(*bounds)),
            Self::Integer(bounds) => format!("integer{}", range(*bounds)),
            Self::Boolean => "boolean".to_owned(),
            Self::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
            Self::Enum(words) => format!("enum({})", words.join("|")),
            Self::DateTime => "datetime".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Period => "period".to_owned(),
            Self::Array(None) => "array".to_owned(),
            Self::Array(Some(element)) => format!("array<{}>", element.expression()),
            Self::Object(_) => "object".to_owned(),
        }
    }
}

fn range(bounds: Bounds) -> String {
    let end = |end: Option<f64>| end.map_or(String::new(), |end| end.to_string());
    if bounds == Bounds::default() {
        return String::new();
    }
    format!("({}..{})", end(bounds.min), end(bounds.max))
}
