//! What is said of comparisons that answer alike on every event.

use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators as op};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::hints::instead;
use super::known::{Form, Known, Range};
use super::operators::Sides;
use super::times::{as_times, time_beside_text};
use super::walk::Walk;
use super::words::{list, shown};
use crate::diagnostic::nearest;

impl<'c> Walk<'c, '_> {
    /// A comparison that never holds, for the reason that the two sides give.
    pub(super) fn never(
        &mut self,
        (node, sides): (&IdedExpr, Sides<'_>),
        (left, right): (&Given<'c>, &Given<'c>),
        how: &str,
    ) {
        let swapped = guards::path(sides.left).is_none() && guards::path(sides.right).is_some();
        let ((field, value), (given, other)) = if swapped {
            ((sides.right, sides.left), (right, left))
        } else {
            ((sides.left, sides.right), (left, right))
        };
        let name = guards::path(field)
            .map_or_else(|| "the left side".to_owned(), |path| format!("`{}`", guards::written(&path)));
        let (message, help) = match (&given.known, &other.known) {
            (Known::Words(words), Known::Words(wrong)) => {
                let wrong = wrong.first().map_or("", |word| &**word);
                let names: Vec<&str> = words.iter().map(|word| &**word).collect();
                let near = nearest(wrong, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                (format!("{name} is never `{wrong}`"), near.or_else(|| Some(format!("it is {}", one_of(&names)))))
            }
            (Known::Range(range), Known::Range(wrong)) => {
                let beside = how == "equal to" && range.is_beside(*wrong);
                let help = if beside { Some("it is a whole number".to_owned()) } else { range.told("it") };
                (format!("{name} is never {} {}", relation(how, swapped), shown(value)), help)
            }
            (Known::Form(form), Known::Words(wrong)) => {
                let wrong = wrong.first().map_or("", |word| &**word);
                let help = as_times(op::EQUALS, sides, [left, right]).filter(|_| Form::Date.has(wrong));
                (format!("{name} is never `{wrong}`, which is no {}", form.noun()), help)
            }
            (Known::Form(one), Known::Form(two)) => (
                format!("the text of a {} is never that of a {}", one.noun(), two.noun()),
                as_times(op::EQUALS, sides, [left, right]),
            ),
            _ => (
                match (&given.ty, &other.ty) {
                    (Ty::List(one), Ty::List(two)) => {
                        format!("the lists are never equal: in one is {}, in the other {}", one.noun(), two.noun())
                    }
                    _ => format!("{} is never equal to {}", given.noun(), other.noun()),
                },
                time_beside_text(op::EQUALS, sides, (left, right)).or_else(|| instead(sides, (left, right))),
            ),
        };
        // A literal is where the mistake is most likely.
        let at = if matches!(value.expr, Expr::Literal(_)) { self.place(value) } else { self.place(node) };
        if let Some(found) = self.find(FindingKind::NeverHolds, at, message) {
            found.help(help);
        }
    }

    /// A value beside itself.
    pub(super) fn itself(&mut self, node: &IdedExpr, path: &[Arc<str>], truth: bool) -> Given<'c> {
        let path = guards::written(path);
        let at = self.place(node);
        let (kind, answer) = if truth {
            (FindingKind::AlwaysHolds, "this comparison always holds")
        } else {
            (FindingKind::NeverHolds, "this comparison never holds")
        };
        if let Some(found) = self.find(kind, at, answer.to_owned()) {
            found.help(format!("`{path}` stands on both sides"));
        }
        Given::bool(Some(truth))
    }

    /// A question about a text that all the words which it can be answer alike.
    pub(super) fn asked(&mut self, (node, call): (&IdedExpr, &CallExpr), args: &[Given<'c>], truth: bool) {
        let (Some(text), Some(Known::Words(words))) = (&call.target, args.first().map(|given| &given.known)) else {
            return;
        };
        let (kind, answer) = if truth {
            (FindingKind::AlwaysHolds, "this always holds")
        } else {
            (FindingKind::NeverHolds, "this never holds")
        };
        let name = guards::path(text).map_or_else(|| "it".to_owned(), |path| format!("`{}`", guards::written(&path)));
        let help = format!("{name} is {}", one_of(&words.iter().map(|word| &**word).collect::<Vec<_>>()));
        let at = self.place(node);
        if let Some(found) = self.find(kind, at, answer.to_owned()) {
            found.help(help);
        }
    }

    pub(super) fn always(&mut self, node: &IdedExpr, sides: Sides<'_>, (left, right): (&Given<'c>, &Given<'c>)) {
        let at = self.place(node);
        let literal = matches!(sides.left.expr, Expr::Literal(_));
        let (side, given, other) = if literal { (sides.right, right, left) } else { (sides.left, left, right) };
        let name = guards::path(side).map_or_else(|| "it".to_owned(), |path| format!("`{}`", guards::written(&path)));
        let help = match &given.known {
            Known::Form(_) if matches!(other.known, Known::Form(_)) => as_times(op::NOT_EQUALS, sides, [left, right]),
            Known::Range(range) if *range != Range::ALL => range.told(&name),
            Known::Words(words) => {
                Some(format!("{name} is {}", one_of(&words.iter().map(|word| &**word).collect::<Vec<_>>())))
            }
            Known::Nothing | Known::Form(_) | Known::Range(_) | Known::Digits(..) | Known::Truth(_) => {
                Some(format!("{name} is {}", given.noun()))
            }
        };
        if let Some(found) = self.find(FindingKind::AlwaysHolds, at, "this comparison always holds".to_owned()) {
            found.help(help);
        }
    }
}

fn one_of(words: &[&str]) -> String {
    list(words).replace(" and ", " or ")
}

/// An operator in words, read from the other side where the sides are exchanged.
fn relation(operator: &str, swapped: bool) -> &'static str {
    match (operator, swapped) {
        ("<", false) | (">", true) => "less than",
        (">", false) | ("<", true) => "more than",
        ("<=", false) | (">=", true) => "at most",
        (">=", false) | ("<=", true) => "at least",
        _ => "equal to",
    }
}
