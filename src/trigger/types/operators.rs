//! Comparisons: whether they work, and whether their answer depends on the event at all.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::kinds::{Kind, Works};
use super::known::{Known, Range};
use super::signatures::{can_equal, comparable, is_key};
use super::walk::Walk;
use super::words::{list, shown};
use crate::trigger::sentence::closest;

/// The two sides of an operator.
#[derive(Clone, Copy)]
pub(super) struct Sides<'n> {
    pub(super) left: &'n IdedExpr,
    pub(super) right: &'n IdedExpr,
}

impl<'c> Walk<'c, '_> {
    /// `==` and `!=`, which work on everything.
    pub(super) fn equality(&mut self, node: &IdedExpr, call: &CallExpr, sides: Sides<'_>) -> Given<'c> {
        let negated = call.func_name == op::NOT_EQUALS;
        if let Some(given) = self.compared_with_null(sides, negated) {
            return given;
        }
        let (left, right) = (self.node(sides.left), self.node(sides.right));
        if is_mixed_decimal(&left, &right) {
            self.loosely_equal(node, sides);
            return Given::plain(Kind::Bool);
        }
        let Some(equal) = equal(&left, &right) else { return Given::plain(Kind::Bool) };
        if equal == negated {
            self.never((node, sides), (&left, &right), "equal to");
        } else {
            self.always(node, sides, (&left, &right));
        }
        Given::bool(Some(equal != negated))
    }

    /// A declared field is never `null`: where the event has it so, it is absent.
    fn compared_with_null(&mut self, sides: Sides<'_>, negated: bool) -> Option<Given<'c>> {
        let null = |node: &IdedExpr| matches!(node.expr, Expr::Literal(LiteralValue::Null));
        let other = if null(sides.right) { sides.left } else { sides.right };
        if !(null(sides.left) || null(sides.right)) || !matches!(other.expr, Expr::Select(_)) {
            return None;
        }
        let before = self.findings.len();
        let given = self.node(other);
        if !declared(&given) {
            return Some(Given::plain(Kind::Bool));
        }
        let unguarded = self
            .findings
            .iter()
            .skip(before)
            .any(|found| matches!(found.kind, FindingKind::Unguarded | FindingKind::Lacking));
        self.findings.truncate(before);
        let path = guards::path(other).map_or_else(|| "…".to_owned(), |path| guards::written(&path));
        let kind = match (negated, unguarded) {
            (true, true) => FindingKind::Unguarded,
            (true, false) => FindingKind::AlwaysHolds,
            (false, _) => FindingKind::NeverHolds,
        };
        let at = self.begin(other);
        let message = format!("`{path}` is never null: where the event has no value for it, it is absent");
        let help = format!("write `{}has({path})`", if negated { "" } else { "!" });
        if let Some(found) = self.find(kind, at, message) {
            found.help(help);
        }
        Some(Given::bool(if unguarded { None } else { Some(negated) }))
    }

    fn loosely_equal(&mut self, node: &IdedExpr, sides: Sides<'_>) {
        let at = self.place(node);
        let path = guards::path(sides.left).or_else(|| guards::path(sides.right));
        let path = path.map_or_else(|| "…".to_owned(), |path| guards::written(&path));
        let message =
            "a decimal is a string or a number, as its producer wrote it: the two ways are never equal".to_owned();
        if let Some(found) = self.find(FindingKind::Loose, at, message) {
            found.help(format!("compare `double({path})` with a number"));
        }
    }

    /// `<`, `<=`, `>`, `>=`.
    pub(super) fn order(&mut self, node: &IdedExpr, call: &CallExpr, sides: Sides<'_>) -> Given<'c> {
        let (left, right) = (self.node(sides.left), self.node(sides.right));
        let operator = call.func_name.trim_matches('_');
        let works = left.works_with(&right, comparable);
        if works == Works::Maybe && (left.ty == Ty::Decimal || right.ty == Ty::Decimal) {
            self.loose((node, call), &[left, right]);
            return Given::plain(Kind::Bool);
        }
        let at = self.place(node);
        self.unless(works, at, || format!("`{operator}` does not work on {} and {}", left.noun(), right.noun()));
        if works != Works::Yes {
            return Given::plain(Kind::Bool);
        }
        let truth = ordered(&call.func_name, &left, &right);
        match truth {
            Some(false) => self.never((node, sides), (&left, &right), operator),
            Some(true) => self.always(node, sides, (&left, &right)),
            None => {}
        }
        Given::bool(truth)
    }

    /// `in`: an element of a list, a key of a map.
    pub(super) fn inside(&mut self, node: &IdedExpr, sides: Sides<'_>) -> Given<'c> {
        let left = self.node(sides.left);
        if let Expr::List(list) = &sides.right.expr
            && list.optional_indices.is_empty()
        {
            let mut answers = Vec::with_capacity(list.elements.len());
            for element in &list.elements {
                let right = self.node(element);
                let answer = equal(&left, &right);
                if answer == Some(false) {
                    self.never((element, Sides { left: sides.left, right: element }), (&left, &right), "equal to");
                }
                answers.push(answer);
            }
            return Given::bool(if answers.contains(&Some(true)) {
                Some(true)
            } else {
                answers.iter().all(|answer| *answer == Some(false)).then_some(false)
            });
        }
        let right = self.node(sides.right);
        match &right.ty {
            Ty::List(element) => {
                let answer = equal(&left, element).filter(|equal| !equal);
                if answer.is_some() && element.ty != Ty::Never {
                    self.never((node, sides), (&left, element), "equal to");
                }
                Given::bool(answer)
            }
            Ty::Map | Ty::Object(_) | Ty::Record(_) => {
                let at = self.begin(sides.left);
                self.unless(left.works(is_key), at, || format!("{} cannot be the key of a map", left.noun()));
                Given::plain(Kind::Bool)
            }
            Ty::Dyn | Ty::Never => Given::plain(Kind::Bool),
            Ty::Plain(_) | Ty::Decimal | Ty::Optional(_) | Ty::Mixed(_) => {
                let at = self.place(node);
                self.unless(right.works(|kind| matches!(kind, Kind::List | Kind::Map)), at, || {
                    format!("behind `in` a list or a map must stand, and this is {}", right.noun())
                });
                Given::plain(Kind::Bool)
            }
        }
    }

    /// A comparison that never holds, for the reason that the two sides give.
    fn never(&mut self, (node, sides): (&IdedExpr, Sides<'_>), (left, right): (&Given<'c>, &Given<'c>), how: &str) {
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
                let near = closest(wrong, &names).map(|near| format!("did you mean `{near}`?"));
                (format!("{name} is never `{wrong}`"), near.or_else(|| Some(format!("it is {}", one_of(&names)))))
            }
            (Known::Range(range), Known::Range(_)) => (
                format!("{name} is never {} {}", relation(how, swapped), shown(value)),
                Some(format!("it lies within {}", range.text())),
            ),
            (Known::Form(form), Known::Words(wrong)) => {
                let wrong = wrong.first().map_or("", |word| &**word);
                (format!("{name} is never `{wrong}`, which is no {}", form.noun()), None)
            }
            _ => (format!("{} is never equal to {}", given.noun(), other.noun()), None),
        };
        // A literal is where the mistake is most likely.
        let at = if matches!(value.expr, Expr::Literal(_)) { self.place(value) } else { self.place(node) };
        if let Some(found) = self.find(FindingKind::NeverHolds, at, message) {
            found.help(help);
        }
    }

    fn always(&mut self, node: &IdedExpr, sides: Sides<'_>, (left, right): (&Given<'c>, &Given<'c>)) {
        let at = self.place(node);
        let literal = matches!(sides.left.expr, Expr::Literal(_));
        let (side, given) = if literal { (sides.right, right) } else { (sides.left, left) };
        let name = guards::path(side).map_or_else(|| "it".to_owned(), |path| format!("`{}`", guards::written(&path)));
        let help = match &given.known {
            Known::Range(range) if *range != Range::ALL => Some(format!("{name} lies within {}", range.text())),
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

/// Whether a value is that of a declared field, which `null` makes absent.
fn declared(given: &Given<'_>) -> bool {
    !matches!(given.ty, Ty::Dyn | Ty::Never | Ty::Optional(_) | Ty::Plain(Kind::Null))
}

/// A decimal beside what only one way of writing it equals.
fn is_mixed_decimal(left: &Given<'_>, right: &Given<'_>) -> bool {
    let one = |decimal: &Given<'_>, other: &Given<'_>| {
        decimal.ty == Ty::Decimal && matches!(other.ty, Ty::Plain(kind) if kind == Kind::String || kind.is_number())
    };
    one(left, right) || one(right, left)
}

/// Whether two values are equal, where that does not depend on the event.
fn equal(left: &Given<'_>, right: &Given<'_>) -> Option<bool> {
    if left.works_with(right, can_equal) == Works::No {
        return Some(false);
    }
    match (&left.ty, &right.ty) {
        (Ty::Plain(_), Ty::Plain(_)) => left.known.equal(&right.known),
        _ => None,
    }
}

/// The answer of a comparison, where it does not depend on the event.
fn ordered(name: &str, left: &Given<'_>, right: &Given<'_>) -> Option<bool> {
    let (Known::Range(one), Known::Range(two)) = (&left.known, &right.known) else { return None };
    let decided = |always: bool, never: bool| if always { Some(true) } else { never.then_some(false) };
    match name {
        op::LESS => decided(one.max < two.min, one.min >= two.max),
        op::LESS_EQUALS => decided(one.max <= two.min, one.min > two.max),
        op::GREATER => decided(one.min > two.max, one.max <= two.min),
        op::GREATER_EQUALS => decided(one.min >= two.max, one.max < two.min),
        _ => None,
    }
}
