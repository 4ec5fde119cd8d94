//! What a trigger passes into its command without an expression: whether every field that the command requires is
//! filled, and with what it takes (decisions 31 and 36).

use std::ops::Range;
use std::sync::Arc;

use super::fields::{Entry, first, list};
use super::report::{Report, nearest};
use super::{EventType, codes};
use crate::schema::{Additional, Field, Presence, Type};
use crate::trigger::types::{Facts, Misfit, Passage, field_fits, field_path, type_name};

/// A fact and a command that it triggers.
#[derive(Clone, Copy)]
pub(super) struct Ends<'t> {
    pub(super) source: &'t EventType,
    pub(super) target: &'t EventType,
}

/// What decides which fields pass.
pub(super) struct Passing<'t> {
    /// What holds where the trigger fires.
    pub(super) facts: &'t Facts,
    /// The fields that are mapped, as written.
    pub(super) mapped: Vec<&'t str>,
    /// The fields that are kept; all where there is none.
    pub(super) keep: Option<&'t [Arc<str>]>,
}

/// The field of the command that an entry of `map` makes.
pub(super) fn mapped_field<'t>(report: &mut Report<'_>, entry: &Entry<'_>, target: &'t EventType) -> Option<&'t Field> {
    let found = target.contract.fields.iter().find(|field| field.goes_by(entry.key));
    if found.is_none() {
        let message = format!("`{}` declares no field `{}`", target.name, super::names::shorten(entry.key));
        let names = || target.contract.fields.iter().map(|field| &*field.name);
        let help = report.suggest(entry.key, names()).unwrap_or_else(|| declares(&names().collect::<Vec<_>>()));
        match target.contract.additional {
            Additional::Refuse => report.error(codes::UNKNOWN_FIELD, entry.at, message).help(help),
            Additional::Allow => report.warning(codes::UNKNOWN_FIELD, entry.at, message).help(help),
        }
    }
    found
}

/// What there is instead of what there is not.
fn declares(names: &[&str]) -> String {
    match names {
        [] => "it declares none: declare it there, or leave it out".to_owned(),
        names => format!("it declares {}", first(names)),
    }
}

/// Checks what passes.
pub(super) fn check(report: &mut Report<'_>, at: &Range<usize>, ends: Ends<'_>, passing: &Passing<'_>) {
    for wanted in ends.target.contract.fields.iter().filter(|field| !field.ty.is_unreadable()) {
        let mapped = passing.mapped.iter().filter(|name| wanted.goes_by(name)).count();
        let fields: Vec<&Field> = passing.fields(ends).filter(|field| wanted.goes_by(&field.name)).collect();
        match (mapped, fields.as_slice()) {
            (0, []) if wanted.presence == Presence::Required => missing(report, at, ends, wanted),
            (0, [given]) => one(report, at, (given, wanted), ends, passing.facts),
            (0 | 1, []) => {}
            _ => {
                let message = format!("`{}` would get its `{}` twice, under two names", ends.target.name, wanted.name);
                report.error(codes::UNFIT_FIELD, at, message).hint("leave one of them out with `keep`");
            }
        }
    }
    if ends.target.contract.additional == Additional::Refuse {
        refused(report, at, ends, passing);
    }
    if passing.keep.is_none() && ends.source.contract.additional == Additional::Allow {
        unchecked(report, at, ends, passing);
    }
}

/// What the fact may carry beyond its contract, under a name to which the command gives a type (decision 31).
fn unchecked(report: &mut Report<'_>, at: &Range<usize>, ends: Ends<'_>, passing: &Passing<'_>) {
    let fields = ends.target.contract.fields.iter().filter(|field| field.presence == Presence::Optional);
    let names = fields.filter(|field| {
        let declared = ends.source.contract.fields.iter().any(|given| field.goes_by(&given.name));
        !declared && !passing.mapped.iter().any(|name| field.goes_by(name))
    });
    let names: Vec<&str> = names.map(|field| &*field.name).collect();
    if !names.is_empty() {
        let (command, fact) = (&ends.target.name, &ends.source.name);
        let message = format!("`{fact}` does not declare {} of `{command}`, and may carry it unchecked", list(names));
        let help = "with another type there, the fact would be a dead letter: declare it optional in the fact, or name \
                    what passes with `keep`";
        report.note(codes::UNCHECKED_FIELD, at, message).hint(help);
    }
}

impl Passing<'_> {
    /// The declared fields that pass.
    fn fields<'t>(&'t self, ends: Ends<'t>) -> impl Iterator<Item = &'t Field> {
        ends.source.contract.fields.iter().filter(|field| {
            let kept = self.keep.is_none_or(|keep| keep.contains(&field.name));
            kept && !self.mapped.iter().any(|name| **name == *field.name)
        })
    }
}

/// Nothing fills a field.
fn missing(report: &mut Report<'_>, at: &Range<usize>, ends: Ends<'_>, wanted: &Field) {
    let names = || ends.source.contract.fields.iter().map(|field| &*field.name);
    let help = match names().find(|name| wanted.goes_by(name)) {
        Some(left_out) => format!("`keep` leaves `{left_out}` out: add it there"),
        None => match nearest(&wanted.name, names()) {
            Some(near) => format!("map it from the nearest: `map: {{{}: {}}}`", wanted.name, as_value("data", near)),
            None => format!("say what it is: `map: {{{}: …}}`, or declare it optional", wanted.name),
        },
    };
    let (command, fact) = (&ends.target.name, &ends.source.name);
    let message = format!("`{command}` requires `{}`, and nothing of `{fact}` fills it", wanted.name);
    report.error(codes::NO_SOURCE, at, message).help(help);
}

/// One field fills it.
fn one(report: &mut Report<'_>, at: &Range<usize>, (given, wanted): (&Field, &Field), ends: Ends<'_>, facts: &Facts) {
    let (command, fact) = (&ends.target.name, &ends.source.name);
    let is_sure = given.presence == Presence::Required || facts.has_data(&given.name);
    if wanted.presence == Presence::Required && !is_sure {
        let message = format!("`{command}` requires `{}`, which is optional in `{fact}`", wanted.name);
        let (path, stand_in) = (format!("data.{}", given.name), stand_in(&wanted.ty));
        let help = format!("say what stands in: `map: {{{}: \"has({path}) ? {path} : {stand_in}\"}}`", wanted.name);
        report.error(codes::NO_SOURCE, at, message).help(help);
    }
    let Some(Misfit { certain, is, help }) = field_fits(&facts.data_field(given), wanted, Passage::Written) else {
        return;
    };
    let verb = if certain { "does not fit" } else { "may not fit" };
    let message =
        format!("`{}` of `{fact}` {verb} `{command}`, which takes {}: it is {is}", given.name, type_name(&wanted.ty));
    let help = match help {
        None => format!("map it: `map: {{{}: …}}`", wanted.name),
        Some(help) if help.starts_with("map it, ") || help.starts_with("declare ") => help,
        Some(help) => format!("map it: {help}"),
    };
    if certain {
        report.error(codes::UNFIT_FIELD, at, message).help(help);
    } else {
        report.warning(codes::UNFIT_FIELD, at, message).help(help);
    }
}

/// A field of a variable as the value of a mapping between braces, where YAML keeps brackets for itself.
pub(super) fn as_value(variable: &str, field: &str) -> String {
    let path = field_path(variable, field);
    if path.contains('[') { format!("\"{path}\"") } else { path }
}

/// A literal of a type, for an example.
fn stand_in(ty: &Type) -> String {
    match ty {
        Type::Number(_) => "0.0".to_owned(),
        Type::Integer(_) | Type::Decimal { .. } => "0".to_owned(),
        Type::Boolean => "false".to_owned(),
        Type::Array(_) => "[]".to_owned(),
        Type::Object(_) => "{}".to_owned(),
        Type::Enum(words) => format!("'{}'", words.first().map_or("", |word| word)),
        Type::String | Type::DateTime | Type::Date | Type::Period => "'…'".to_owned(),
    }
}

/// What passes into a command that refuses what it does not declare.
fn refused(report: &mut Report<'_>, at: &Range<usize>, ends: Ends<'_>, passing: &Passing<'_>) {
    let taken = |name: &str| ends.target.contract.fields.iter().any(|field| field.goes_by(name));
    let (good, bad): (Vec<&Field>, Vec<&Field>) = passing.fields(ends).partition(|field| taken(&field.name));
    let (command, fact) = (&ends.target.name, &ends.source.name);
    let keep =
        format!("pass no others: `keep: [{}]`", good.iter().map(|field| &*field.name).collect::<Vec<_>>().join(", "));
    if !bad.is_empty() {
        let message = format!("`{command}` refuses {} of `{fact}`", list(bad.iter().map(|field| &*field.name)));
        if bad.iter().any(|field| field.presence == Presence::Required) {
            report.error(codes::UNFIT_FIELD, at, message).help(keep);
        } else {
            report.warning(codes::UNFIT_FIELD, at, message).help(keep);
        }
    } else if passing.keep.is_none() && ends.source.contract.additional == Additional::Allow {
        let message = format!("`{command}` refuses fields that `{fact}` does not declare, and lets pass");
        report.warning(codes::UNFIT_FIELD, at, message).help(keep);
    }
}
