//! Type expressions: `string`, `number(0..100)?`, `decimal(12,2)`, `enum(low|medium|high)`, `array<integer>`.

use std::sync::Arc;

use super::{Bounds, Presence, Type};
use crate::diagnostic::{nearest, shorten};

/// How deep arrays may nest.
const MAX_NESTING: usize = 8;
/// How many words an enum may have, and how long each may be in bytes.
const MAX_WORDS: usize = 256;
const MAX_WORD: usize = 128;
/// Beyond this a double no longer holds every whole number.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The names of the types, for "did you mean".
pub const TYPE_NAMES: [&str; 12] = [
    "string", "number", "float", "integer", "boolean", "decimal", "enum", "datetime", "date", "period", "array",
    "object",
];

/// Why a type expression cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TypeError {
    /// One sentence.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl TypeError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads a type expression; a `?` behind it makes the field optional.
///
/// # Errors
/// An unknown type, and arguments that it does not take.
pub fn parse_type(text: &str) -> Result<(Type, Presence), TypeError> {
    let text = text.trim();
    match text.strip_suffix('?') {
        Some(base) => Ok((parse(base.trim_end(), 0)?, Presence::Optional)),
        None => Ok((parse(text, 0)?, Presence::Required)),
    }
}

fn parse(text: &str, depth: usize) -> Result<Type, TypeError> {
    if depth > MAX_NESTING {
        return Err(TypeError::new(format!("arrays nest deeper than {MAX_NESTING}")));
    }
    let (name, rest) = text.split_at(text.find(['(', '<']).unwrap_or(text.len()));
    let name = name.trim_end();
    let arguments = match rest.chars().next() {
        Some('(') => Some(enclosed(rest, ')')?),
        Some(_) if name == "array" => {
            let element = enclosed(rest, '>')?;
            if element.ends_with('?') {
                return Err(TypeError::new("elements of an array cannot be optional")
                    .help("an array that may be missing is `array<T>?`"));
            }
            return Ok(Type::Array(Some(Box::new(parse(element, depth + 1)?))));
        }
        Some(_) => {
            let error = TypeError::new(format!("only `array` takes `<…>`, and this is `{name}`"));
            return Err(error.help(format!("a list is `array{rest}`; the fields of an object stand on lines below it")));
        }
        None => None,
    };
    match (name, arguments) {
        ("string", None) => Ok(Type::String),
        ("boolean", None) => Ok(Type::Boolean),
        ("datetime", None) => Ok(Type::DateTime),
        ("date", None) => Ok(Type::Date),
        ("period", None) => Ok(Type::Period),
        ("array", None) => Ok(Type::Array(None)),
        ("object", None) => Ok(Type::Object(None)),
        ("number" | "float", range) => Ok(Type::Number(range.map_or(Ok(Bounds::default()), bounds)?)),
        ("integer", range) => Ok(Type::Integer(range.map_or(Ok(Bounds::default()), whole_bounds)?)),
        ("decimal", digits) => decimal(digits),
        ("enum", words) => words_of(words),
        ("array", Some(element)) => {
            Err(TypeError::new("`array` takes no `(…)`").help(format!("write `array<{element}>`")))
        }
        (known, Some(_)) if TYPE_NAMES.contains(&known) => {
            Err(TypeError::new(format!("`{known}` takes no `(…)`")).help(format!("write `{known}`")))
        }
        (other, _) => Err(unknown(other)),
    }
}

/// What stands between the first character and a closing one at the very end.
fn enclosed(text: &str, close: char) -> Result<&str, TypeError> {
    text.strip_suffix(close).and_then(|text| text.get(1..)).map(str::trim).ok_or_else(|| {
        TypeError::new(format!("`{close}` is missing at the end")).help(format!("close it with `{close}`"))
    })
}

fn bounds(text: &str) -> Result<Bounds, TypeError> {
    let wrong = || TypeError::new(format!("`{text}` is not a range")).help("write `(0..100)`, `(0..)` or `(..100)`");
    let (min, max) = text.split_once("..").ok_or_else(wrong)?;
    let side = |side: &str| match side.trim() {
        "" => Ok(None),
        side => side.parse::<f64>().ok().filter(|value| value.is_finite()).map(Some).ok_or_else(wrong),
    };
    let bounds = Bounds { min: side(min)?, max: side(max)? };
    if bounds.min.is_none() && bounds.max.is_none() {
        return Err(wrong());
    }
    if let (Some(min), Some(max)) = (bounds.min, bounds.max)
        && min > max
    {
        return Err(TypeError::new(format!("the range `{text}` is empty: {min} is more than {max}"))
            .help(format!("write `({max}..{min})`")));
    }
    Ok(bounds)
}

fn whole_bounds(text: &str) -> Result<Bounds, TypeError> {
    let bounds = bounds(text)?;
    let whole = |side: Option<f64>| side.is_none_or(|value| value.fract() == 0.0 && value.abs() <= MAX_EXACT);
    // The next numbers beyond are read as the very end.
    let beyond = |side: &str| side.trim().parse::<i64>().is_ok_and(|value| value.unsigned_abs() > MAX_EXACT as u64);
    if whole(bounds.min) && whole(bounds.max) && !text.split("..").any(beyond) {
        return Ok(bounds);
    }
    Err(TypeError::new(format!("the ends of an integer's range are whole numbers within 2^53, and this is `{text}`")))
}

fn decimal(digits: Option<&str>) -> Result<Type, TypeError> {
    let wrong = || {
        TypeError::new("`decimal` needs all its digits (1 to 38) and those behind the point")
            .help("`decimal(12,2)` is up to 9999999999.99")
    };
    let (precision, scale) = digits.and_then(|text| text.split_once(',')).ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<u8>().map_err(|_| wrong());
    let (precision, scale) = (number(precision)?, number(scale)?);
    if !(1..=38).contains(&precision) || scale > precision {
        return Err(wrong());
    }
    Ok(Type::Decimal { precision, scale })
}

fn words_of(words: Option<&str>) -> Result<Type, TypeError> {
    let Some(words) = words else {
        return Err(TypeError::new("`enum` needs its words").help("write `enum(low|medium|high)`"));
    };
    let words: Vec<&str> = words.split('|').map(str::trim).collect();
    if words.len() > MAX_WORDS {
        return Err(TypeError::new(format!("an enum has at most {MAX_WORDS} words")));
    }
    for (at, word) in words.iter().enumerate() {
        if word.is_empty() || word.len() > MAX_WORD || word.contains(['(', ')', ',']) {
            let error = TypeError::new(format!("`{word}` is not a word of an enum"));
            return Err(error.help("words stand between `|`: `enum(low|medium|high)`"));
        }
        if words[..at].contains(word) {
            return Err(TypeError::new(format!("the enum has `{word}` twice")).help("name each word once"));
        }
    }
    Ok(Type::Enum(words.into_iter().map(Arc::from).collect()))
}

fn unknown(name: &str) -> TypeError {
    if let Some((list, element)) = name.trim_end_matches(']').split_once('[') {
        let element = if element.is_empty() { list } else { element };
        return TypeError::new(format!("there is no type `{}`", shorten(name)))
            .help(format!("a list is written `array<{}>`", shorten(element)));
    }
    let usual = match name.to_lowercase().as_str() {
        "int" | "long" | "int32" | "int64" => Some("integer"),
        "bool" => Some("boolean"),
        "text" | "str" | "varchar" | "uuid" => Some("string"),
        "timestamp" | "time" => Some("datetime"),
        "double" | "real" => Some("number"),
        "list" => Some("array"),
        "map" | "dict" | "record" | "json" => Some("object"),
        "money" | "currency" => Some("decimal(12,2)"),
        _ => None,
    };
    let near = usual.or_else(|| nearest(name, TYPE_NAMES));
    TypeError::new(format!("there is no type `{}`", shorten(name))).help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the types are {}", TYPE_NAMES.join(", ")),
    })
}

#[cfg(test)]
mod tests;
