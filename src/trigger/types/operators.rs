//! Comparisons: whether they work, and whether their answer depends on the event at all.

use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::guards;
use super::hints::instead;
use super::kinds::{Kind, Works};
use super::known::Known;
use super::signatures::{can_equal, comparable, is_key};
use super::times::{literal, time_beside_text};
use super::walk::Walk;

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
        if let Some(path) = same(sides, &left) {
            return self.itself(node, &path, !negated);
        }
        if let Some(equal) = self.truths(sides, (&left, &right)) {
            return self.of_truths(node, equal != negated);
        }
        let equal = equal(&left, &right).or_else(|| lists_differ(sides, (&left, &right)).then_some(false));
        let Some(equal) = equal else {
            self.compared_as_text((node, &call.func_name), sides, (&left, &right), &[]);
            return Given::plain(Kind::Bool);
        };
        if equal == negated {
            self.never((node, sides), (&left, &right), "equal to");
        } else {
            self.always(node, sides, (&left, &right));
        }
        Given::bool(Some(equal != negated))
    }

    /// Whether two conditions answer alike, or never do, by what each makes sure of.
    fn truths(&self, sides: Sides<'_>, (left, right): (&Given<'c>, &Given<'c>)) -> Option<bool> {
        let is_open = |given: &Given<'c>| given.ty == Ty::Plain(Kind::Bool) && given.known == Known::Nothing;
        let never = |one: bool, two: bool| {
            let facts = guards::implied(sides.left, one).and(guards::implied(sides.right, two));
            self.contradicted(&facts, true).is_some()
        };
        if !is_open(left) || !is_open(right) {
            None
        } else if never(true, true) && never(false, false) {
            Some(false)
        } else {
            (never(true, false) && never(false, true)).then_some(true)
        }
    }

    fn of_truths(&mut self, node: &IdedExpr, truth: bool) -> Given<'c> {
        let at = self.place(node);
        let (kind, message) = if truth {
            (FindingKind::AlwaysHolds, "this comparison always holds")
        } else {
            (FindingKind::NeverHolds, "this comparison never holds")
        };
        if let Some(found) = self.find(kind, at, message.to_owned()) {
            found.help("each side says what the other does, or the contrary".to_owned());
        }
        Given::bool(Some(truth))
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
        let found =
            self.unless(works, at, || format!("`{operator}` does not work on {} and {}", left.noun(), right.noun()));
        if let Some(found) = found {
            let time = time_beside_text(&call.func_name, sides, (&left, &right));
            found.help(time.or_else(|| instead(sides, (&left, &right))));
        }
        if works != Works::Yes {
            return Given::plain(Kind::Bool);
        }
        if let Some(path) = same(sides, &left) {
            return self.itself(node, &path, matches!(call.func_name.as_str(), op::LESS_EQUALS | op::GREATER_EQUALS));
        }
        self.compared_as_text((node, &call.func_name), sides, (&left, &right), &[]);
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
            let beside: Vec<&str> = list.elements.iter().filter_map(literal).collect();
            for element in &list.elements {
                let right = self.node(element);
                if is_mixed_decimal(&left, &right) {
                    self.loosely_equal(element, Sides { left: sides.left, right: element });
                    answers.push(None);
                    continue;
                }
                let answer = equal(&left, &right);
                let pair = Sides { left: sides.left, right: element };
                match answer {
                    Some(false) => self.never((element, pair), (&left, &right), "equal to"),
                    None => self.compared_as_text((element, op::IN), pair, (&left, &right), &beside),
                    Some(true) => {}
                }
                answers.push(answer);
            }
            if answers.contains(&Some(true)) || covers(&left, &beside) {
                self.always(node, sides, (&left, &Given::unknown()));
                return Given::bool(Some(true));
            }
            return Given::bool(answers.iter().all(|answer| *answer == Some(false)).then_some(false));
        }
        let right = self.node(sides.right);
        match &right.ty {
            Ty::List(element) if is_mixed_decimal(&left, element) => {
                self.loosely_equal(node, sides);
                Given::plain(Kind::Bool)
            }
            Ty::List(element) => {
                let answer = equal(&left, element).filter(|equal| !equal);
                if answer.is_some() && element.ty != Ty::Never {
                    self.never((node, sides), (&left, element), "equal to");
                }
                Given::bool(answer)
            }
            Ty::Map(_) | Ty::Object(_) | Ty::Record(_) => {
                let at = self.begin(sides.left);
                self.unless(left.works(is_key), at, || format!("{} cannot be the key of a map", left.noun()));
                self.key_in(sides.left, sides.right, &right)
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
}

/// Whether words are all that a value can be.
fn covers(given: &Given<'_>, words: &[&str]) -> bool {
    matches!(&given.known, Known::Words(all) if all.iter().all(|word| words.contains(&&**word)))
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
        (Ty::Plain(_), Ty::Plain(_)) => extent(left).equal(&extent(right)),
        _ => None,
    }
}

/// What is known of a value; of an int also that it has 64 bits.
fn extent(given: &Given<'_>) -> Known {
    match given {
        Given { ty: Ty::Plain(Kind::Int), known: Known::Range(range), .. } => Known::Range(range.of_ints()),
        _ => given.known.clone(),
    }
}

/// The path of a declared value that stands on both sides.
fn same(sides: Sides<'_>, left: &Given<'_>) -> Option<Vec<Arc<str>>> {
    let path = guards::path(sides.left).filter(|_| !left.is_open())?;
    (guards::path(sides.right)? == path).then_some(path)
}

/// Whether a list stands beside one whose elements are never any of its own, and that is never empty.
fn lists_differ(sides: Sides<'_>, (left, right): (&Given<'_>, &Given<'_>)) -> bool {
    let filled = |node: &IdedExpr| matches!(&node.expr, Expr::List(list) if !list.elements.is_empty() && list.optional_indices.is_empty());
    let (Ty::List(one), Ty::List(two)) = (&left.ty, &right.ty) else { return false };
    (filled(sides.left) || filled(sides.right)) && equal(one, two) == Some(false)
}

/// The answer of a comparison, where it does not depend on the event.
fn ordered(name: &str, left: &Given<'_>, right: &Given<'_>) -> Option<bool> {
    let (Known::Range(one), Known::Range(two)) = (extent(left), extent(right)) else { return None };
    let decided = |always: bool, never: bool| if always { Some(true) } else { never.then_some(false) };
    match name {
        op::LESS => decided(one.max < two.min, one.min >= two.max),
        op::LESS_EQUALS => decided(one.max <= two.min, one.min > two.max),
        op::GREATER => decided(one.min > two.max, one.max <= two.min),
        op::GREATER_EQUALS => decided(one.min >= two.max, one.max < two.min),
        _ => None,
    }
}
