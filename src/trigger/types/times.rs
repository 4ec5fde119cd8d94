//! Times and periods that are compared as text, which is not what they mean: one time can be written in many ways
//! (decision 52: other zones, no zone, fractions of a second), and a quarter in two.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::constant;
use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::kinds::Kind;
use super::known::{Form, Known};
use super::operators::Sides;
use super::walk::Walk;
use crate::schema::{Type, takes_text};

impl<'c> Walk<'c, '_> {
    /// Says so of a comparison of two strings; `beside` are the other strings of a list.
    pub(super) fn compared_as_text(
        &mut self,
        (node, name): (&IdedExpr, &str),
        sides: Sides<'_>,
        (left, right): (&Given<'c>, &Given<'c>),
        beside: &[&str],
    ) {
        let text = |given: &Given<'c>| given.ty == Ty::Plain(Kind::String);
        if !(text(left) && text(right)) {
            return;
        }
        let forms = [form(left), form(right)];
        let (message, help) = if forms.contains(&Some(Form::DateTime)) {
            let shown = if name == op::IN { op::EQUALS } else { name };
            (
                format!(
                    "`{}` compares the text of times, and one time can be written in many ways",
                    shown.trim_matches('_')
                ),
                as_times(shown, sides, [left, right]),
            )
        } else if forms.contains(&Some(Form::Period)) {
            let Some(said) = of_periods(name, sides, beside) else { return };
            said
        } else {
            return;
        };
        let at = self.place(node);
        if let Some(found) = self.find(FindingKind::Loose, at, message) {
            found.help(help);
        }
    }

    /// `timestamp(…)` of what is a day or a period, and so no time.
    pub(super) fn made_time(&mut self, (node, written): (&IdedExpr, &IdedExpr), given: &Given<'c>) {
        let Some(form @ (Form::Date | Form::Period)) = form(given) else { return };
        let at = self.place(node);
        let message = format!("`timestamp(…)` always fails on a {}, which has no time of day", form.noun());
        if let Some(found) = self.find(FindingKind::Operands, at, message) {
            found.help((form == Form::Date).then(|| format!("write `{}`", as_time(written, Some(form)))));
        }
    }
}

impl Walk<'_, '_> {
    /// A part of a time in a time zone that there is not, such as `data.at.getHours('nowhere')`.
    pub(super) fn read_in_zone(&mut self, (node, call): (&IdedExpr, &CallExpr), zone: &IdedExpr) {
        let Expr::Literal(LiteralValue::String(name)) = &zone.expr else { return };
        if !call.func_name.starts_with("get") || is_zone(call, zone) {
            return;
        }
        let at = self.place(node);
        let message = format!("`{}(…)` always fails: there is no time zone `{}`", call.func_name, name.inner());
        if let Some(found) = self.find(FindingKind::Operands, at, message) {
            found.help(Some("write a name such as `'Europe/Berlin'`, or a distance such as `'+01:00'`".to_owned()));
        }
    }
}

/// Whether the evaluator reads a time in this zone.
fn is_zone(call: &CallExpr, zone: &IdedExpr) -> bool {
    let call_of = |func_name: &str, target, arg| {
        Expr::Call(CallExpr { func_name: func_name.to_owned(), target, args: vec![arg] })
    };
    let node = |expr| IdedExpr { id: 0, expr };
    let time = node(Expr::Literal(LiteralValue::String("2024-01-15T10:30:00Z".into())));
    let time = node(call_of("timestamp", None, time));
    constant::of_call(&node(call_of(&call.func_name, Some(Box::new(time)), zone.clone()))).is_some()
}

fn form(given: &Given<'_>) -> Option<Form> {
    if let Known::Form(form) = given.known { Some(form) } else { None }
}

/// A comparison as one of times, where it can be one.
pub(super) fn as_times(name: &str, sides: Sides<'_>, [left, right]: [&Given<'_>; 2]) -> Option<String> {
    let forms = [form(left), form(right)];
    if forms.contains(&Some(Form::Period)) || !forms.contains(&Some(Form::DateTime)) {
        return None;
    }
    let (left, right) = (as_time(sides.left, forms[0]), as_time(sides.right, forms[1]));
    Some(format!("write `{left} {} {right}`", name.trim_matches('_')))
}

/// What to write where a time stands beside the text of one.
pub(super) fn time_beside_text(
    name: &str,
    sides: Sides<'_>,
    (left, right): (&Given<'_>, &Given<'_>),
) -> Option<String> {
    let time = |given: &Given<'_>| given.ty == Ty::Plain(Kind::Timestamp);
    let written = |given: &Given<'_>| given.ty == Ty::Plain(Kind::String);
    if time(right) && written(left) && guards::path(sides.left).is_some() {
        return Some(format!("write `{} {} …`", as_time(sides.left, form(left)), name.trim_matches('_')));
    }
    let turned = time(left) && written(right) && guards::path(sides.right).is_some();
    turned.then(|| format!("write `… {} {}`", name.trim_matches('_'), as_time(sides.right, form(right))))
}

/// What to write where a function would work on a time, and is given the text of one.
pub(super) fn time_for_text(call: &CallExpr, args: &[Given<'_>], works: impl Fn(&[Kind]) -> bool) -> Option<String> {
    let kinds: Vec<Kind> = args.iter().filter_map(|arg| arg.ty.kinds().iter().next()).collect();
    call.target.iter().map(|target| &**target).chain(&call.args).zip(args).enumerate().find_map(
        |(at, (node, given))| {
            let form = form(given).filter(|form| *form != Form::Period)?;
            let mut kinds = kinds.clone();
            *kinds.get_mut(at)? = Kind::Timestamp;
            works(&kinds).then(|| format!("write `{}`", as_time(node, Some(form))))
        },
    )
}

/// What makes a time of a text.
fn as_time(node: &IdedExpr, form: Option<Form>) -> String {
    let date = |text: &str| takes_text(&Type::Date, text);
    if let Some(text) = literal(node) {
        return format!("timestamp('{text}{}')", if date(text) { "T00:00:00Z" } else { "" });
    }
    let path = guards::path(guards::as_written(node)).map_or_else(|| "…".to_owned(), |path| guards::written(&path));
    match form {
        Some(Form::Date) => format!("timestamp({path} + 'T00:00:00Z')"),
        Some(Form::DateTime | Form::Period) | None => format!("timestamp({path})"),
    }
}

/// What is said of a comparison of periods, where one way of writing them is left out.
fn of_periods(name: &str, sides: Sides<'_>, beside: &[&str]) -> Option<(String, Option<String>)> {
    let orders = matches!(name, op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS);
    if orders {
        let message = format!(
            "`{}` compares the text of periods, and `Q1_2024` stands behind every year",
            name.trim_matches('_')
        );
        return Some((message, Some("name those that are meant: `… in ['2024-Q1', 'Q1_2024']`".to_owned())));
    }
    let (word, other) =
        literal(sides.right).map(|word| (word, sides.left)).or_else(|| Some((literal(sides.left)?, sides.right)))?;
    let twin = twin(word)?;
    if beside.contains(&twin.as_str()) {
        return None;
    }
    let path = guards::path(other).map_or_else(|| "…".to_owned(), |path| guards::written(&path));
    let both = format!("{path} in ['{word}', '{twin}']");
    let help = match name {
        op::IN => format!("add `'{twin}'` to the list"),
        op::NOT_EQUALS => format!("write `!({both})`"),
        _ => format!("write `{both}`"),
    };
    Some((format!("a producer may write the quarter `{word}` as `{twin}`, which is another text"), Some(help)))
}

/// The other way to write a quarter.
fn twin(quarter: &str) -> Option<String> {
    if !takes_text(&Type::Period, quarter) {
        return None;
    }
    match (quarter.split_once("-Q"), quarter.split_once('_')) {
        (Some((year, number)), _) => Some(format!("Q{number}_{year}")),
        (None, Some((number, year))) => Some(format!("{year}-{number}")),
        (None, None) => None,
    }
}

pub(super) fn literal(node: &IdedExpr) -> Option<&str> {
    let Expr::Literal(LiteralValue::String(text)) = &node.expr else { return None };
    Some(text.inner())
}
