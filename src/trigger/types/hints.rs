//! What is said of operators and functions that do not work on what they are given, and what to write instead.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::finding::FindingKind;
use super::given::{Given, Ty, called};
use super::guards;
use super::kinds::{Kind, Kinds};
use super::known::Known;
use super::operators::Sides;
use super::signatures::{FUNCTIONS, OPERATORS, knows};
use super::times::time_for_text;
use super::walk::Walk;
use super::words::{list_of, shown};
use crate::trigger::functions::Style;

impl<'c> Walk<'c, '_> {
    pub(super) fn no_overload(&mut self, (node, call): (&IdedExpr, &CallExpr), style: Style, args: &[Given<'c>]) {
        let name = call.func_name.as_str();
        let at = self.place(node);
        let message = refusal(name, style, args);
        let table = if knows(OPERATORS, name) { OPERATORS } else { FUNCTIONS };
        let works = |kinds: &[Kind]| table.iter().any(|row| row.0 == name && row.1 == style && row.2 == kinds);
        let help = time_for_text(call, args, works).or_else(|| hint(name, style, args));
        if let Some(found) = self.find(FindingKind::Operands, at, message) {
            found.help(help);
        }
    }

    /// A decimal is a string or a number, as its producer wrote it.
    pub(super) fn loose(&mut self, (node, call): (&IdedExpr, &CallExpr), args: &[Given<'c>]) {
        let at = self.place(node);
        let shown = call.func_name.trim_matches(['_', '@']);
        let of = match args.iter().any(|arg| arg.ty.kinds() == Kinds::of(Kind::String)) {
            true => "number",
            false => "string",
        };
        let message = format!("`{shown}` fails where a producer writes the decimal as a {of}");
        let decimal = call.args.iter().chain(call.target.as_deref()).find_map(guards::path);
        let value = decimal.map_or_else(|| "…".to_owned(), |path| guards::written(&path));
        let help = if of == "number" { format!("write `string({value})`") } else { format!("write `double({value})`") };
        if let Some(found) = self.find(FindingKind::Operands, at, message) {
            found.help(help);
        }
    }
}

/// What to write where a value stands beside a literal of another type, or a whole object beside a scalar.
pub(super) fn instead(sides: Sides<'_>, (left, right): (&Given<'_>, &Given<'_>)) -> Option<String> {
    let one = |(node, given): (&IdedExpr, &Given<'_>), other: &IdedExpr| match (&given.ty, &other.expr) {
        (Ty::Plain(Kind::Double), Expr::Literal(LiteralValue::String(text))) => {
            let value = text.inner().parse::<f64>().ok().filter(|value| value.is_finite())?;
            Some(format!("a number stands without quotes: `{value:?}`"))
        }
        (Ty::Plain(Kind::Int), Expr::Literal(LiteralValue::String(text))) => {
            let value = text.inner().parse::<i64>().ok()?;
            Some(format!("a number stands without quotes: `{value}`"))
        }
        (Ty::Plain(Kind::Bool), Expr::Literal(LiteralValue::String(text))) => {
            let value = text.inner().parse::<bool>().ok()?;
            Some(format!("a boolean stands without quotes: `{value}`"))
        }
        (Ty::Plain(Kind::String), Expr::Literal(LiteralValue::Int(_) | LiteralValue::Double(_)))
            if given.known == Known::Nothing =>
        {
            Some(format!("a text stands in quotes: `'{}'`", shown(other)))
        }
        (Ty::Object(contract), _) => {
            let mut path = guards::path(node)?;
            path.push(contract.fields.first()?.name.clone());
            Some(format!("compare a field of it, such as `{}`", guards::written(&path)))
        }
        _ => None,
    };
    one((sides.left, left), sides.right).or_else(|| one((sides.right, right), sides.left))
}

pub(super) fn refusal(name: &str, style: Style, args: &[Given<'_>]) -> String {
    let operator = knows(OPERATORS, name);
    let shown = if operator { format!("`{}`", name.trim_matches('_')) } else { called(name, style) };
    let nouns: Vec<String> = args.iter().map(Given::noun).collect();
    match nouns.as_slice() {
        [] => format!("{shown} is called without its argument"),
        nouns => format!("{shown} does not work on {}", list_of(nouns)),
    }
}

/// What to write where types do not go together.
fn hint(name: &str, style: Style, args: &[Given<'_>]) -> Option<String> {
    let kinds: Vec<Kind> = args.iter().filter_map(|arg| arg.ty.kinds().iter().next()).collect();
    let table = if knows(OPERATORS, name) { OPERATORS } else { FUNCTIONS };
    match kinds.as_slice() {
        [Kind::Double, Kind::Int] if knows(OPERATORS, name) && name != op::MODULO => {
            Some("write the number with a point, such as `1.0`, or `double(…)` around it".to_owned())
        }
        [Kind::Int, Kind::Double] if knows(OPERATORS, name) && name != op::MODULO => {
            Some("`double(…)` around the int makes a double of it".to_owned())
        }
        [Kind::Double, _] | [_, Kind::Double] if name == op::MODULO => {
            Some("`%` works on ints: `int(…)` cuts a double".to_owned())
        }
        [Kind::String, other] | [other, Kind::String] if name == op::ADD && *other != Kind::String => {
            Some("`string(…)` makes text of it".to_owned())
        }
        _ => {
            let mut counts: Vec<usize> =
                table.iter().filter(|row| row.0 == name && row.1 == style).map(|row| row.2.len()).collect();
            counts.dedup();
            let count = *counts.first()?;
            (!counts.contains(&args.len())).then(|| {
                let count = if style == Style::Member { count - 1 } else { count };
                format!("it takes {count} argument{}", if count == 1 { "" } else { "s" })
            })
        }
    }
}
