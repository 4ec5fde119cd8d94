//! Whether one scalar value is of its declared type (decisions 14, 51, 52, 58). No value is rewritten.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Bounds, Type};
use crate::json::{self, Kind, Scanner, Value};
use crate::time::{Timestamp, Zone, is_date};

/// Whether a scalar is of its type; if not, the rest of a sentence that begins with the field's name.
/// The zone is [`Zone::Assumed`] for a time that has none, and given for anything else.
pub(super) fn check(ty: &Type, value: Value<'_>) -> Result<Zone, Cow<'static, str>> {
    let problem = match (ty, value.kind) {
        (Type::String, Kind::String(_)) | (Type::Boolean, Kind::Bool(_)) => None,
        (Type::Number(bounds), Kind::Number) => number(value.raw, *bounds),
        (Type::Integer(bounds), Kind::Number) => integer(value.raw, *bounds),
        (Type::Decimal { precision, scale }, Kind::Number) => decimal(value.raw, *precision, *scale),
        (Type::Decimal { precision, scale }, Kind::String(_)) => decimal(&text(value), *precision, *scale),
        (Type::DateTime, Kind::String(_)) => {
            return match Timestamp::parse(&text(value)) {
                Some((_, zone)) => Ok(zone),
                None => Err("is not a time as RFC 3339 has it, such as 2024-01-15T10:30:00Z".into()),
            };
        }
        (Type::Enum(allowed), Kind::String(_)) => {
            let text = text(value);
            (!allowed.iter().any(|one| **one == text)).then(|| format!("is none of {}", allowed.join(", ")).into())
        }
        (Type::Date, Kind::String(_)) => (!is_date(&text(value))).then_some("is not a date such as 2024-01-15".into()),
        (Type::Period, Kind::String(_)) => {
            (!is_period(&text(value))).then_some("is not a period such as 2024, 2024-Q1 or 2024-01".into())
        }
        _ => Some(format!("must be {}, not {}", wanted(ty), value.what()).into()),
    };
    problem.map_or(Ok(Zone::Given), Err)
}

/// The text of a string.
fn text(value: Value<'_>) -> Cow<'_, str> {
    value.text().unwrap_or_default()
}

/// Whether a text can be the value of a field of this type.
#[must_use]
pub fn takes_text(ty: &Type, text: &str) -> bool {
    let mut written = Vec::new();
    json::push_string(&mut written, text);
    let written = String::from_utf8(written).unwrap_or_default();
    Scanner::new(&written).value().is_ok_and(|value| check(ty, value).is_ok())
}

/// What a type wants, in a sentence.
fn wanted(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Number(_) => "a number",
        Type::Integer(_) => "an integer",
        Type::Boolean => "a boolean",
        Type::Decimal { .. } => "a decimal",
        Type::Enum(_) => "one of its texts",
        Type::DateTime => "a time in quotes",
        Type::Date => "a date in quotes",
        Type::Period => "a period in quotes",
        Type::Array(_) => "an array",
        Type::Object(_) => "an object",
    }
}

fn number(token: &str, bounds: Bounds) -> Option<Cow<'static, str>> {
    // A short token without an exponent is finite, whatever its digits.
    if bounds == Bounds::default() && token.len() <= 64 && !token.bytes().any(|b| matches!(b, b'e' | b'E')) {
        return None;
    }
    match token.parse::<f64>() {
        Ok(value) if value.is_finite() => outside(bounds, |end| value.partial_cmp(&end)),
        _ => Some("is too large for a number".into()),
    }
}

/// How a value stands to the ends of its range is for its own type to say.
fn outside(bounds: Bounds, to: impl Fn(f64) -> Option<Ordering>) -> Option<Cow<'static, str>> {
    let below = bounds.min.is_some_and(|min| to(min) == Some(Ordering::Less));
    let above = bounds.max.is_some_and(|max| to(max) == Some(Ordering::Greater));
    (below || above).then(|| {
        let end = |end: Option<f64>| end.map_or(String::new(), |end| end.to_string());
        format!("is outside {}..{}", end(bounds.min), end(bounds.max)).into()
    })
}

#[allow(clippy::cast_possible_truncation, reason = "the ends of an integer's range are whole and within 2^53")]
fn integer(token: &str, bounds: Bounds) -> Option<Cow<'static, str>> {
    match integral(token) {
        Some(value) => outside(bounds, |end| Some(value.cmp(&(end as i64)))),
        None => Some("is not an integer within 64 bits".into()),
    }
}

/// The value of a number token that is mathematically integral and fits 64 bits: `1.0` and `1e3` are.
#[must_use]
pub fn integral(token: &str) -> Option<i64> {
    if let Ok(value) = token.parse() {
        return Some(value);
    }
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.trim_start_matches('-').bytes().chain(fraction.bytes()).all(|b| b == b'0') {
        return Some(0);
    }
    // An exponent beyond these has no integral value in 64 bits, or is longer than any text.
    let exponent: i64 = exponent.parse().ok()?;
    let digits = format!("{whole}{fraction}");
    let shift = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if shift >= 0 {
        let zeros = usize::try_from(shift).ok().filter(|&zeros| zeros < 20)?;
        return format!("{digits}{}", "0".repeat(zeros)).parse().ok();
    }
    let cut = digits.len().checked_sub(usize::try_from(shift.unsigned_abs()).ok()?)?;
    let (kept, dropped) = digits.split_at(cut);
    if dropped.bytes().all(|b| b == b'0') { kept.parse().ok() } else { None }
}

const PLAIN: &str = "is not plain digits, such as 1234.50";

fn decimal(text: &str, precision: u8, scale: u8) -> Option<Cow<'static, str>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Some(PLAIN.into()),
        None => (unsigned, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Some(PLAIN.into());
    }
    // JSON has no number without a digit before its point, so that a lone zero there counts as none.
    let before = if whole == "0" { 0 } else { whole.len() };
    let fits = fraction.len() <= usize::from(scale) && before <= usize::from(precision - scale);
    (!fits).then(|| {
        format!(
            "has more digits than decimal({precision},{scale}): {} before the point, {scale} behind",
            precision - scale
        )
        .into()
    })
}

fn is_period(text: &str) -> bool {
    let quarter = |text: &[u8]| matches!(text, [b'Q', b'1'..=b'4']);
    let year = |text: &[u8]| text.len() == 4 && text.iter().all(u8::is_ascii_digit);
    match text.as_bytes() {
        whole @ [_, _, _, _] => year(whole),
        [start @ .., b'-', b'Q', q] => year(start) && quarter(&[b'Q', *q]),
        [start @ .., b'-', tens, ones] => {
            year(start) && matches!((tens, ones), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
        }
        [b'Q', q, b'_', rest @ ..] => quarter(&[b'Q', *q]) && year(rest),
        _ => false,
    }
}
