//! The walk over an expression's tree.

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, SourceInfo};

use super::contradiction::Contradiction;
use super::facts::{Fact, Facts};
use super::finding::{Finding, FindingKind};
use super::given::{Given, Ty};
use super::guards;
use super::kinds::{Kind, Kinds};
use super::known::{Known, Range};
use super::scope::{About, Bound, Scope};
use super::signatures::makes_key;
use crate::trigger::Expression;
use crate::trigger::functions::MAX_ITEMS;

/// What makes a boolean of a value.
pub(super) const COMPARE: &str = "compare it with something: `==`, `>`, `in`, `has(…)`";

/// The sentence for a condition that gives something else.
pub(super) fn no_boolean(given: &Given<'_>) -> String {
    format!("the condition is {}, where a boolean must stand", given.noun())
}

/// The state of a walk.
pub(super) struct Walk<'c, 'e> {
    pub(super) text: &'e str,
    pub(super) source: &'e SourceInfo,
    pub(super) scope: &'e Scope<'c>,
    pub(super) bound: Vec<Bound<'c>>,
    pub(super) facts: Vec<Fact>,
    pub(super) findings: Vec<Finding>,
    /// What is wrong with chains; it is said once it is known whether it decides the whole.
    pub(super) contradictions: Vec<Contradiction>,
    /// How many items the comprehensions that are evaluated here may still walk.
    pub(super) items: usize,
}

impl<'c, 'e> Walk<'c, 'e> {
    pub(super) fn new(expression: &'e Expression, scope: &'e Scope<'c>) -> Self {
        let facts = Self::first_facts(scope);
        Self {
            text: expression.text(),
            source: expression.source(),
            scope,
            bound: Vec::new(),
            facts,
            findings: Vec::new(),
            contradictions: Vec::new(),
            items: MAX_ITEMS,
        }
    }

    /// The type of a node; what is wrong with it is found on the way.
    pub(super) fn node(&mut self, node: &IdedExpr) -> Given<'c> {
        match &node.expr {
            Expr::Literal(literal) => of_literal(literal),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Comprehension(loops) => match self.constant(node) {
                Some(given) => given,
                None => self.comprehension(loops),
            },
            Expr::Struct(_) | Expr::Unspecified => Given::unknown(),
        }
    }

    /// The truth of a node that must be a boolean, as far as it is known.
    pub(super) fn boolean(&mut self, node: &IdedExpr) -> Option<bool> {
        let given = self.node(node);
        let at = self.begin(node);
        let found = self.unless(given.works(|kind| kind == Kind::Bool), at, || {
            format!("a boolean must stand here, and this is {}", given.noun())
        });
        if let Some(found) = found {
            found.help(COMPARE.to_owned());
        }
        if let Known::Truth(truth) = given.known { Some(truth) } else { None }
    }

    /// `c ? a : b`: each branch under what the condition says there.
    pub(super) fn conditional(&mut self, [condition, yes, no]: [&IdedExpr; 3]) -> Given<'c> {
        let truth = self.boolean(condition);
        let one = self.under(guards::implied(condition, true), |walk| walk.node(yes));
        let two = self.under(guards::implied(condition, false), |walk| walk.node(no));
        match truth {
            Some(true) => one,
            Some(false) => two,
            None => one.join(&two),
        }
    }

    fn list(&mut self, list: &ListExpr) -> Given<'c> {
        let mut element = Given::new(Ty::Never, Known::Nothing);
        for (index, node) in list.elements.iter().enumerate() {
            let given = self.node(node);
            let optional = list.optional_indices.contains(&index);
            let given = if let (Ty::Optional(inner), true) = (&given.ty, optional) { (**inner).clone() } else { given };
            element = element.join(&given);
        }
        Given::list(element)
    }

    fn map(&mut self, map: &MapExpr) -> Given<'c> {
        let mut entries = Some(Vec::new());
        let mut keys = Kinds::NONE;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.node(&entry.key);
            let at = self.begin(&entry.key);
            self.unless(key.works(makes_key), at, || format!("{} cannot be the key of a map", key.noun()));
            keys = keys.and(key.ty.kinds());
            let value = self.node(&entry.value);
            match (&entry.key.expr, &mut entries) {
                (Expr::Literal(LiteralValue::String(name)), Some(entries)) if !entry.optional => {
                    entries.push((name.inner().to_owned(), value));
                }
                _ => entries = None,
            }
        }
        Given::new(entries.map_or(Ty::Map(keys), Ty::Record), Known::Nothing)
    }

    /// A macro that walks. What its accumulator holds after some rounds is what it begins with, or what a round gives.
    pub(super) fn comprehension(&mut self, loops: &ComprehensionExpr) -> Given<'c> {
        let range = self.node(&loops.iter_range);
        let element = element_of(&range);
        let init = self.node(&loops.accu_init);
        let outer = self.bound.len();
        if element.ty == Ty::Never {
            // `optMap` binds its variable so, without a round.
            self.bind(&loops.accu_var, init);
        } else {
            let mut accu = Given { known: Known::Nothing, facts: Facts::NONE, ..init };
            self.bind(&loops.accu_var, accu.clone());
            self.bind(&loops.iter_var, element);
            if let Some(second) = &loops.iter_var2 {
                self.bind(second, Given::unknown());
            }
            self.node(&loops.loop_cond);
            accu = accu.join(&self.node(&loops.loop_step));
            self.bind(&loops.accu_var, Given { known: Known::Nothing, ..accu });
        }
        let result = self.node(&loops.result);
        self.bound.truncate(outer);
        result
    }

    /// The range of a macro: a list, or the keys of a map.
    pub(super) fn walked(&mut self, node: &IdedExpr) -> Given<'c> {
        let range = self.node(node);
        let at = self.begin(node);
        self.unless(range.works(|kind| matches!(kind, Kind::List | Kind::Map)), at, || {
            format!("a list or a map must stand here, and this is {}", range.noun())
        });
        range
    }

    pub(super) fn not_boolean(&mut self, given: &Given<'c>) {
        if let Some(found) = self.find(FindingKind::NotBoolean, Some(0), no_boolean(given)) {
            found.help(COMPARE.to_owned());
        }
    }

    /// A condition that answers alike whatever the event says.
    pub(super) fn decided(&mut self, answer: bool) {
        let (kind, message, help) = if answer {
            let help = "leave `when` out if that is meant";
            (FindingKind::AlwaysFires, "the condition always holds", help)
        } else {
            match self.scope.about {
                About::Fact(_) => {
                    let help = "take the trigger out if that is meant";
                    (FindingKind::NeverFires, "the condition never holds: the trigger can never fire", help)
                }
                About::Change(_) => {
                    let help = "take the fact out of `emits` if that is meant";
                    (FindingKind::NeverEmits, "the condition never holds: the fact can never be emitted", help)
                }
            }
        };
        let why = self.contradictions.first().cloned();
        let at = why.as_ref().map_or(Some(0), |why| why.at);
        if let Some(found) = self.find(kind, at, message.to_owned()) {
            found.help(why.map_or_else(|| help.to_owned(), |why| why.help()));
        }
    }

    /// Chains that answer alike, in an expression that does not.
    pub(super) fn tell_contradictions(&mut self) {
        for why in std::mem::take(&mut self.contradictions) {
            let (kind, message) = if why.answer {
                (FindingKind::AlwaysHolds, "this always holds")
            } else {
                (FindingKind::NeverHolds, "this never holds")
            };
            if let Some(found) = self.find(kind, why.at, message.to_owned()) {
                found.help(why.help());
            }
        }
    }
}

fn element_of<'c>(range: &Given<'c>) -> Given<'c> {
    match &range.ty {
        Ty::List(element) => (**element).clone(),
        Ty::Object(_) | Ty::Record(_) => Given::plain(Kind::String),
        Ty::Dyn | Ty::Never | Ty::Map(_) | Ty::Mixed(_) | Ty::Plain(_) | Ty::Decimal | Ty::Optional(_) => {
            Given::unknown()
        }
    }
}

pub(super) fn of_literal<'c>(literal: &LiteralValue) -> Given<'c> {
    match literal {
        LiteralValue::Boolean(value) => Given::bool(Some(*value.inner())),
        LiteralValue::Bytes(_) => Given::plain(Kind::Bytes),
        LiteralValue::Double(value) => Given::new(Ty::Plain(Kind::Double), Known::Range(Range::point(*value.inner()))),
        LiteralValue::Int(value) => Given::new(Ty::Plain(Kind::Int), Known::Range(Range::whole(*value.inner()))),
        LiteralValue::Null => Given::plain(Kind::Null),
        LiteralValue::String(value) => Given::new(Ty::Plain(Kind::String), Known::word(value.inner())),
        LiteralValue::UInt(_) => Given::plain(Kind::Uint),
    }
}
