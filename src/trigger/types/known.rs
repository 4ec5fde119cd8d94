//! What is known of a scalar beside its type: the words it may be, the range it lies in.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::schema::{Bounds, Type};

/// Beyond this a double no longer holds every whole number, and a range of integers says nothing.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// With more digits behind the point, the least values are written with an exponent, which a decimal refuses.
pub(super) const MAX_PLAIN: u8 = 5;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known {
    /// Its type.
    Nothing,
    /// It is one of these strings.
    Words(Vec<Arc<str>>),
    /// It is a string of a form.
    Form(Form),
    /// It is a number within a range.
    Range(Range),
    /// It is a decimal of these digits: all, and those behind the point.
    Digits(u8, u8),
    /// It is this boolean.
    Truth(bool),
}

/// How a string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A date.
    Date,
    /// A time.
    DateTime,
    /// A period.
    Period,
}

/// An inclusive range; an open side is infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// The least value.
    pub(crate) min: f64,
    /// The greatest.
    pub(crate) max: f64,
    /// At most so many digits stand behind the point, where that is known.
    pub(crate) digits: Option<u8>,
}

impl Range {
    /// Every number.
    pub(crate) const ALL: Self = Self { min: f64::NEG_INFINITY, max: f64::INFINITY, digits: None };

    /// One whole number.
    pub(super) fn whole(value: i64) -> Self {
        let one = Self { min: value as f64, max: value as f64, digits: Some(0) };
        // The ends of all ints are as near as a double comes to them.
        if matches!(value, i64::MIN | i64::MAX) { one } else { one.exact() }
    }

    /// Where every int lies.
    pub(super) fn of_ints(self) -> Self {
        Self { min: self.min.max(i64::MIN as f64), max: self.max.min(i64::MAX as f64), ..self }
    }

    /// What doubles a decimal of these digits can be.
    pub(super) fn of_decimal(precision: u8, scale: u8) -> Self {
        // More digits than these a double does not tell apart.
        const MAX_DIGITS: u8 = 15;
        let nines = |count: u8| "9".repeat(usize::from(count));
        let most = format!("0{}.{}", nines(precision.saturating_sub(scale)), nines(scale));
        let most = most.parse().unwrap_or(f64::INFINITY);
        Self { min: -most, max: most, digits: (precision <= MAX_DIGITS && scale <= MAX_PLAIN).then_some(scale) }
    }

    /// Whether this is whole, and the other one number that is not.
    pub(super) fn is_beside(self, other: Self) -> bool {
        self.digits == Some(0) && other.single().is_some_and(|value| value.fract() != 0.0)
    }

    /// Where a value lies, for a sentence.
    pub(super) fn told(self, name: &str) -> Option<String> {
        if self.min.is_finite() || self.max.is_finite() {
            return Some(format!("{name} lies within {}", self.text()));
        }
        (self.digits == Some(0)).then(|| format!("{name} is a whole number of 64 bits"))
    }

    /// One double.
    pub(super) fn point(value: f64) -> Self {
        let text = value.to_string();
        let digits = text.split_once('.').map_or(0, |(_, behind)| behind.len());
        Self { min: value, max: value, digits: u8::try_from(digits).ok() }
    }

    pub(super) fn of(bounds: Bounds, digits: Option<u8>) -> Self {
        let min = bounds.min.unwrap_or(f64::NEG_INFINITY);
        Self { min, max: bounds.max.unwrap_or(f64::INFINITY), digits }
    }

    /// Opens the sides on which doubles are not exact.
    pub(super) fn exact(self) -> Self {
        let min = if self.min.abs() <= MAX_EXACT { self.min } else { f64::NEG_INFINITY };
        let max = if self.max.abs() <= MAX_EXACT { self.max } else { f64::INFINITY };
        Self { min, max, ..self }
    }

    /// The one number that it holds.
    pub(super) fn single(self) -> Option<f64> {
        (self.min.total_cmp(&self.max) == Ordering::Equal && self.min.is_finite()).then_some(self.min)
    }

    /// What lies in both; nothing in common leaves the first.
    pub(super) fn narrowed(self, other: Self) -> Self {
        let (min, max) = (self.min.max(other.min), self.max.min(other.max));
        if min <= max { Self { min, max, digits: self.digits } } else { self }
    }

    fn joined(self, other: Self) -> Self {
        let digits = self.digits.zip(other.digits).map(|(one, two)| one.max(two));
        Self { min: self.min.min(other.min), max: self.max.max(other.max), digits }
    }

    /// The results of an operation that is monotone in both operands.
    pub(super) fn combined(self, other: Self, digits: Option<u8>, op: fn(f64, f64) -> f64) -> Self {
        let ends = [op(self.min, other.min), op(self.min, other.max), op(self.max, other.min), op(self.max, other.max)];
        if ends.iter().any(|end| end.is_nan()) {
            return Self { digits, ..Self::ALL };
        }
        let (min, max) =
            ends.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), end| (min.min(*end), max.max(*end)));
        Self { min, max, digits }
    }

    /// Cut towards zero.
    pub(super) fn truncated(self) -> Self {
        Self { min: self.min.trunc(), max: self.max.trunc(), digits: Some(0) }
    }

    /// `0..100`.
    pub(super) fn text(self) -> String {
        let end = |end: f64| if end.is_finite() { end.to_string() } else { String::new() };
        format!("{}..{}", end(self.min), end(self.max))
    }
}

impl Known {
    /// What the type of a field says.
    pub(super) fn of(ty: &Type) -> Self {
        match ty {
            Type::Enum(words) => Self::Words(words.clone()),
            Type::Number(bounds) => Self::Range(Range::of(*bounds, None)),
            Type::Integer(bounds) => Self::Range(Range::of(*bounds, Some(0)).exact()),
            Type::Decimal { precision, scale } => Self::Digits(*precision, *scale),
            Type::DateTime => Self::Form(Form::DateTime),
            Type::Date => Self::Form(Form::Date),
            Type::Period => Self::Form(Form::Period),
            Type::String | Type::Boolean | Type::Array(_) | Type::Object(_) => Self::Nothing,
        }
    }

    /// The one string that it is.
    pub(super) fn word(text: &str) -> Self {
        Self::Words(vec![Arc::from(text)])
    }

    /// Its range, as a number.
    pub(super) const fn range(&self) -> Range {
        if let Self::Range(range) = self { *range } else { Range::ALL }
    }

    /// What holds for either of two values.
    pub(super) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Words(one), Self::Words(two)) => {
                let mut words = one.clone();
                words.extend(two.iter().filter(|word| !one.contains(word)).cloned());
                Self::Words(words)
            }
            (Self::Range(one), Self::Range(two)) => Self::Range(one.joined(*two)),
            (Self::Digits(p, s), Self::Digits(q, t)) => {
                let scale = (*s).max(*t);
                Self::Digits((p - s).max(q - t).saturating_add(scale), scale)
            }
            (one, two) if one == two => one.clone(),
            _ => Self::Nothing,
        }
    }

    /// Whether two values are equal: `None` where it depends on the event.
    pub(super) fn equal(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Words(one), Self::Words(two)) => match (one.as_slice(), two.as_slice()) {
                ([one], [two]) => Some(one == two),
                _ => (!one.iter().any(|word| two.contains(word))).then_some(false),
            },
            (Self::Range(one), Self::Range(two)) => match (one.single(), two.single()) {
                (Some(one), Some(two)) => Some(one.partial_cmp(&two) == Some(Ordering::Equal)),
                _ => {
                    let apart = one.max < two.min || two.max < one.min;
                    (apart || one.is_beside(*two) || two.is_beside(*one)).then_some(false)
                }
            },
            (Self::Truth(one), Self::Truth(two)) => Some(one == two),
            (Self::Form(one), Self::Form(two)) => (one != two).then_some(false),
            (Self::Form(form), Self::Words(words)) | (Self::Words(words), Self::Form(form)) => {
                (!words.iter().any(|word| form.has(word))).then_some(false)
            }
            _ => None,
        }
    }
}

impl Form {
    /// Whether a text is written so, as the contract's own check has it.
    pub(super) fn has(self, text: &str) -> bool {
        let ty = match self {
            Self::Date => Type::Date,
            Self::DateTime => Type::DateTime,
            Self::Period => Type::Period,
        };
        crate::schema::takes_text(&ty, text)
    }

    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Period => "period",
        }
    }
}
