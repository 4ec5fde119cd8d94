//! Whether a value can stand in a field of a command.

use super::facts::Facts;
use super::given::{Given, Ty};
use super::kinds::{Kind, Kinds};
use super::known::{Form, Known, MAX_PLAIN, Range};
use super::sayable::unsayable;
use super::words::type_name;
use crate::diagnostic::nearest;
use crate::schema::{Bounds, Contract, Field, Presence, Type, takes_text};

/// Why a value does not fit a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Whether it never fits; else it depends on the event.
    pub(crate) certain: bool,
    /// What it is, behind "and this is".
    pub(crate) is: String,
    /// What makes it fit.
    pub(crate) help: Option<String>,
}

/// How a value gets into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It passes as its producer wrote it.
    Written,
    /// An expression makes it.
    Computed,
}

impl Misfit {
    pub(super) fn never(is: impl Into<String>) -> Option<Self> {
        Some(Self { certain: true, is: is.into(), help: None })
    }

    pub(super) fn maybe(is: impl Into<String>) -> Option<Self> {
        Some(Self { certain: false, is: is.into(), help: None })
    }

    pub(super) fn helped(found: Option<Self>, help: &str) -> Option<Self> {
        found.map(|found| Self { help: Some(help.to_owned()), ..found })
    }
}

/// Whether a value fits a field.
pub(crate) fn field_fits(given: &Given<'_>, field: &Field, passage: Passage) -> Option<Misfit> {
    // `null` is absence (decision 65).
    if given.ty == Ty::Plain(Kind::Null) && field.presence == Presence::Optional {
        return None;
    }
    fits(given, &field.ty, passage)
}

/// Whether a value is of a type.
pub(super) fn fits(given: &Given<'_>, ty: &Type, passage: Passage) -> Option<Misfit> {
    if ty.is_unreadable() {
        return None;
    }
    match (&given.ty, ty) {
        // What depends on the event altogether; a `type` becomes text.
        (Ty::Dyn | Ty::Never | Ty::Plain(Kind::Type), _) => None,
        (Ty::Plain(Kind::Bool), Type::Boolean) => None,
        (Ty::Plain(Kind::Int | Kind::Uint | Kind::Double), _) => number(given, ty, passage),
        (Ty::Plain(Kind::String), _) => text(&given.known, ty),
        (Ty::Plain(Kind::Timestamp), Type::DateTime | Type::String) => None,
        (Ty::Plain(Kind::Bytes | Kind::Duration) | Ty::Optional(_), _) => unsayable(given),
        (Ty::Decimal, _) => decimal(&given.known, ty),
        (Ty::Mixed(kinds), _) => mixed(*kinds, ty, passage),
        (Ty::List(_), Type::Array(None)) | (Ty::Map(_) | Ty::Object(_) | Ty::Record(_), Type::Object(None)) => {
            unsayable(given)
        }
        (Ty::Map(_), Type::Object(Some(_))) => unsayable(given),
        (Ty::List(element), Type::Array(Some(of))) => {
            fits(element, of, passage).map(|found| Misfit { is: format!("a list, and in it {}", found.is), ..found })
        }
        (Ty::Object(source), Type::Object(Some(target))) => object(source, &given.facts, target, passage),
        (Ty::Record(entries), Type::Object(Some(target))) => record(entries, target, passage),
        (Ty::Plain(_) | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Record(_), _) => Misfit::never(given.noun()),
    }
}

fn number(given: &Given<'_>, ty: &Type, passage: Passage) -> Option<Misfit> {
    let range = given.known.range();
    let is_double = given.ty == Ty::Plain(Kind::Double);
    if range.min.is_nan() || range.min == f64::INFINITY || range.max == f64::NEG_INFINITY {
        return Misfit::never("not a finite number");
    }
    match ty {
        Type::Number(bounds) => within(range, *bounds),
        Type::Integer(bounds) if !is_double || range.digits == Some(0) => within(range, *bounds),
        Type::Integer(_) => match range.single() {
            Some(value) => Misfit::never(value.to_string()),
            None => Misfit::helped(Misfit::maybe("a double, which may not be whole"), "`int(…)` makes it whole"),
        },
        // `3.0` has a digit behind its point.
        Type::Decimal { scale: 0, .. } if is_double && passage == Passage::Computed => {
            Misfit::helped(Misfit::never("a double, which is written with a point"), "`int(…)` makes it whole")
        }
        Type::Decimal { precision, scale } => digits(range, (*precision, *scale), passage),
        Type::String | Type::Enum(_) | Type::DateTime | Type::Date | Type::Period => {
            Misfit::helped(Misfit::never(given.noun()), "`string(…)` makes text of it")
        }
        Type::Boolean | Type::Array(_) | Type::Object(_) => Misfit::never(given.noun()),
    }
}

fn within(range: Range, bounds: Bounds) -> Option<Misfit> {
    let field = Range::of(bounds, None);
    let shown = range.single().map_or_else(
        || if range.min.is_finite() || range.max.is_finite() { range.text() } else { "any number".to_owned() },
        |value| value.to_string(),
    );
    if range.max < field.min || range.min > field.max {
        Misfit::never(shown)
    } else if range.min >= field.min && range.max <= field.max {
        None
    } else {
        let (sign, end) = if range.max > field.max { ('>', field.max) } else { ('<', field.min) };
        let end = if range.digits == Some(0) { end.to_string() } else { format!("{end:?}") };
        Misfit::helped(Misfit::maybe(shown), &format!("keep it within: `x {sign} {end} ? {end} : x`"))
    }
}

fn digits(range: Range, (precision, scale): (u8, u8), passage: Passage) -> Option<Misfit> {
    let limit = 10f64.powi(i32::from(precision - scale));
    if range.min >= limit || range.max <= -limit {
        return Misfit::never(format!(
            "{}, of too many digits",
            range.single().map_or_else(|| range.text(), |one| one.to_string())
        ));
    }
    match (range.digits, range.single()) {
        (Some(behind), Some(value)) if behind > scale => Misfit::never(value.to_string()),
        (Some(behind), _) if behind <= scale && passage == Passage::Computed => None,
        (Some(0), _) => Misfit::helped(
            Misfit::maybe("a number as its producer wrote it, also with an exponent"),
            "map it, which writes it out",
        ),
        _ if scale > MAX_PLAIN => Misfit::helped(
            Misfit::maybe("a double, which may be written with an exponent"),
            &format!("pass a `decimal` as it is, or declare at most {MAX_PLAIN} digits behind the point"),
        ),
        _ => {
            let power = 10f64.powi(i32::from(scale));
            let is = format!("a double, which may have more than {scale} digits behind the point");
            Misfit::helped(
                Misfit::maybe(is),
                &format!("round it: `double(int(x * {power:.1} + (x < 0.0 ? -0.5 : 0.5))) / {power:.1}`"),
            )
        }
    }
}

fn text(known: &Known, ty: &Type) -> Option<Misfit> {
    let form = match ty {
        Type::String => return None,
        Type::Number(_) | Type::Integer(_) => {
            let make = if matches!(ty, Type::Integer(_)) { "int" } else { "double" };
            return Misfit::helped(Misfit::never("a string"), &format!("`{make}(…)` reads a number from text"));
        }
        Type::Boolean | Type::Array(_) | Type::Object(_) => return Misfit::never("a string"),
        Type::Date => Some(Form::Date),
        Type::DateTime => Some(Form::DateTime),
        Type::Period => Some(Form::Period),
        Type::Enum(_) | Type::Decimal { .. } => None,
    };
    match known {
        Known::Words(words) => {
            let wrong: Vec<&str> = words.iter().map(|word| &**word).filter(|word| !takes_text(ty, word)).collect();
            let first = wrong.first()?;
            let near =
                if let Type::Enum(allowed) = ty { nearest(first, allowed.iter().map(|word| &**word)) } else { None };
            Some(Misfit {
                certain: wrong.len() == words.len(),
                is: if words.len() == 1 { format!("`{first}`") } else { format!("sometimes `{first}`") },
                help: near.map(|near| format!("did you mean `{near}`?")),
            })
        }
        Known::Form(given) if Some(*given) == form => None,
        Known::Form(given) if form.is_some() => {
            let found = Misfit::never(format!("a {}", given.noun()));
            match (given, form) {
                (Form::Date, Some(Form::DateTime)) => Misfit::helped(found, "`x + 'T00:00:00Z'` makes a time of a day"),
                (Form::DateTime, Some(Form::Date)) => Misfit::helped(
                    found,
                    "declare the field as `datetime`: no function cuts the day out of the text of a time",
                ),
                _ => found,
            }
        }
        Known::Form(_) | Known::Nothing | Known::Range(_) | Known::Digits(..) | Known::Truth(_) => {
            Misfit::maybe("any string")
        }
    }
}

/// What is of a kind that fits, or of one that does not.
fn mixed(kinds: Kinds, ty: &Type, passage: Passage) -> Option<Misfit> {
    let of = |kind| fits(&Given::of_kind(kind), ty, passage).filter(|found| found.certain);
    let found: Vec<Option<Misfit>> = kinds.iter().map(of).collect();
    let certain = found.iter().all(Option::is_some);
    let first = found.into_iter().flatten().next()?;
    Some(Misfit { certain, is: if certain { first.is } else { format!("sometimes {}", first.is) }, ..first })
}

fn decimal(known: &Known, ty: &Type) -> Option<Misfit> {
    let as_written = "a decimal, which a producer may write as a";
    match (known, ty) {
        (Known::Digits(precision, scale), Type::Decimal { precision: most, scale: behind }) => {
            let fits = scale <= behind && precision - scale <= most - behind;
            if fits { None } else { Misfit::maybe(format!("decimal({precision},{scale})")) }
        }
        (_, Type::Decimal { .. }) => None,
        (_, Type::Number(_) | Type::Integer(_)) => {
            Misfit::helped(Misfit::maybe(format!("{as_written} string")), "`double(…)` makes a number of both")
        }
        (_, Type::String) => {
            Misfit::helped(Misfit::maybe(format!("{as_written} number")), "`string(…)` makes text of both")
        }
        (
            _,
            Type::Enum(_)
            | Type::DateTime
            | Type::Date
            | Type::Period
            | Type::Boolean
            | Type::Array(_)
            | Type::Object(_),
        ) => Misfit::never("a decimal"),
    }
}

/// A declared object as another.
fn object(source: &Contract, facts: &Facts, target: &Contract, passage: Passage) -> Option<Misfit> {
    worst(target.fields.iter().filter_map(|wanted| {
        let given = source.fields.iter().find(|field| wanted.goes_by(&field.name));
        let required = wanted.presence == Presence::Required;
        match given {
            None if required => Misfit::never(format!("an object without `{}`", wanted.name)),
            None => None,
            Some(given) if required && given.presence == Presence::Optional && !facts.has(&given.name) => {
                Misfit::maybe(format!("an object in which `{}` is optional", given.name))
            }
            Some(given) => field_fits(&Given::declared(&given.ty), wanted, passage).map(|found| inside(found, wanted)),
        }
    }))
}

/// A map that an expression writes as an object.
fn record(entries: &[(String, Given<'_>)], target: &Contract, passage: Passage) -> Option<Misfit> {
    worst(target.fields.iter().filter_map(|wanted| match entries.iter().find(|(name, _)| wanted.goes_by(name)) {
        None if wanted.presence == Presence::Required => Misfit::never(format!("a map without `{}`", wanted.name)),
        None => None,
        Some((_, given)) => field_fits(given, wanted, passage).map(|found| inside(found, wanted)),
    }))
}

fn inside(found: Misfit, field: &Field) -> Misfit {
    let is = format!("an object whose `{}` ({}) is {}", field.name, type_name(&field.ty), found.is);
    Misfit { is, ..found }
}

/// The first certain one, else the first.
pub(super) fn worst(found: impl Iterator<Item = Misfit>) -> Option<Misfit> {
    let all: Vec<Misfit> = found.collect();
    let at = all.iter().position(|one| one.certain).unwrap_or(0);
    all.into_iter().nth(at)
}
