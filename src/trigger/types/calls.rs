//! Calls: which overload a function has for what it is given.

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators as op};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::hints::refusal;
use super::kinds::{Kind, Kinds, Works};
use super::known::Known;
use super::operators::Sides;
use super::results::{arithmetic, counted, joined};
use super::signatures::{FUNCTIONS, OPERATORS, Signature, knows};
use super::walk::Walk;
use crate::trigger::functions::{self, Style};

impl<'c> Walk<'c, '_> {
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Given<'c> {
        match self.constant(node) {
            Some(given) => given,
            None => self.overloaded(node, call),
        }
    }

    /// A call that is not evaluated here.
    pub(super) fn overloaded(&mut self, node: &IdedExpr, call: &CallExpr) -> Given<'c> {
        match (call.func_name.as_str(), call.args.as_slice(), &call.target) {
            (op::CONDITIONAL, [condition, yes, no], None) => self.conditional([condition, yes, no]),
            (op::LOGICAL_AND | op::LOGICAL_OR, [left, right], None) => self.logic((node, call), Sides { left, right }),
            (op::LOGICAL_NOT, [inner], None) => Given::bool(self.boolean(inner).map(|truth| !truth)),
            (op::NOT_STRICTLY_FALSE, [inner], None) => {
                self.node(inner);
                Given::plain(Kind::Bool)
            }
            (functions::WALK, [range], None) => self.walked(range),
            (functions::ZONED | functions::WHOLE, [text], None) => self.node(text),
            (op::INDEX, [operand, index], None) => self.index(node, operand, index),
            (op::OPT_INDEX | op::OPT_SELECT, [operand, index], None) => self.optional(operand, index),
            (op::EQUALS | op::NOT_EQUALS, [left, right], None) => self.equality(node, call, Sides { left, right }),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [left, right], None) => {
                self.order(node, call, Sides { left, right })
            }
            (op::IN, [left, right], None) => self.inside(node, Sides { left, right }),
            (name, _, None) if knows(OPERATORS, name) => self.operator(node, call),
            _ => self.function(node, call),
        }
    }

    fn operator(&mut self, node: &IdedExpr, call: &CallExpr) -> Given<'c> {
        let args: Vec<Given<'c>> = call.args.iter().map(|arg| self.node(arg)).collect();
        let Some(kinds) = self.overload(OPERATORS, (node, call), Style::Global, &args) else {
            return Given::unknown();
        };
        self.divided_by_zero((node, call), &args);
        match (kinds.single(), args.as_slice()) {
            (Some(Kind::List), [left, right]) => match (&left.ty, &right.ty) {
                (Ty::List(one), Ty::List(two)) => Given::list(one.join(two)),
                _ => Given::list(Given::unknown()),
            },
            (Some(kind @ (Kind::Int | Kind::Double)), _) => {
                let range = arithmetic(&call.func_name, &args, kind);
                Given::new(Ty::Plain(kind), Known::Range(range))
            }
            (Some(Kind::String), _) => Given::new(Ty::Plain(Kind::String), joined(&args)),
            _ => given_of(kinds, &args),
        }
    }

    /// A division whose divisor is zero on every event.
    fn divided_by_zero(&mut self, (node, call): (&IdedExpr, &CallExpr), args: &[Given<'c>]) {
        let (op::DIVIDE | op::MODULO, [_, by]) = (call.func_name.as_str(), args) else { return };
        if !by.known.range().single().is_some_and(|by| by == 0.0) {
            return;
        }
        let at = self.place(node);
        if by.ty == Ty::Plain(Kind::Int) {
            self.find(FindingKind::Operands, at, "this always fails: a division by zero".to_owned());
        } else {
            self.find(FindingKind::Loose, at, "a division by zero gives no finite number".to_owned());
        }
    }

    fn function(&mut self, node: &IdedExpr, call: &CallExpr) -> Given<'c> {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target
            && let Expr::Ident(space) = &target.expr
            && functions::exists(&format!("{space}.{name}"), Style::Global)
        {
            let args: Vec<Given<'c>> = call.args.iter().map(|arg| self.node(arg)).collect();
            return self.make_optional(node, call, args);
        }
        let style = if call.target.is_some() { Style::Member } else { Style::Global };
        let args: Vec<Given<'c>> =
            call.target.iter().map(|target| &**target).chain(&call.args).map(|arg| self.node(arg)).collect();
        match (name, args.as_slice()) {
            ("dyn", [_]) => Given::unknown(),
            ("type", [_]) => Given::plain(Kind::Type),
            ("value" | "hasValue" | "or" | "orValue", [target, ..]) if style == Style::Member => {
                self.of_optional((node, call), target, &args)
            }
            _ if knows(FUNCTIONS, name) => match self.overload(FUNCTIONS, (node, call), style, &args) {
                Some(kinds) => {
                    if let ("timestamp", [time], [given]) = (name, call.args.as_slice(), args.as_slice()) {
                        self.made_time((node, time), given);
                    }
                    if let (Style::Member, [text], [_, given]) = (style, call.args.as_slice(), args.as_slice()) {
                        self.read_in_zone((node, call), text);
                        self.read_by((node, call), text, given);
                    }
                    if let [given] = args.as_slice() {
                        self.converted((node, call), given);
                    }
                    let known = kinds.single().map_or(Known::Nothing, |kind| counted(name, &args, kind));
                    if let Known::Truth(truth) = known {
                        self.asked((node, call), &args, truth);
                    }
                    Given { known, ..given_of(kinds, &args) }
                }
                None => Given::unknown(),
            },
            ("dyn" | "type", _) => self.wrong_count((node, call), "1"),
            _ => Given::unknown(),
        }
    }

    /// The kinds that the overloads for these arguments give, where there are any.
    fn overload(
        &mut self,
        table: &[Signature],
        (node, call): (&IdedExpr, &CallExpr),
        style: Style,
        args: &[Given<'c>],
    ) -> Option<Kinds> {
        let name = call.func_name.as_str();
        let can_be = |arg: &Given<'c>, kind: &Kind| arg.ty.kinds().has(*kind);
        let rows: Vec<&Signature> = table
            .iter()
            .filter(|row| row.0 == name && row.1 == style && row.2.len() == args.len())
            .filter(|row| args.iter().zip(row.2).all(|(arg, kind)| can_be(arg, kind)))
            .collect();
        let Some(kinds) = rows.iter().map(|row| Kinds::of(row.3)).reduce(Kinds::and) else {
            self.no_overload((node, call), style, args);
            return None;
        };
        if !is_served(&rows, args) {
            if args.iter().any(|arg| arg.ty == Ty::Decimal) {
                self.loose((node, call), args);
            } else {
                let at = self.place(node);
                self.unless(Works::Maybe, at, || refusal(name, style, args));
            }
        }
        Some(kinds)
    }

    /// `optional.none()`, `optional.of(x)`, `optional.ofNonZeroValue(x)`.
    fn make_optional(&mut self, node: &IdedExpr, call: &CallExpr, args: Vec<Given<'c>>) -> Given<'c> {
        let takes = usize::from(call.func_name != "none");
        if args.len() != takes {
            return self.wrong_count((node, call), &takes.to_string());
        }
        let value = args.into_iter().next();
        Given::optional(value.unwrap_or_else(|| Given::new(Ty::Never, Known::Nothing)))
    }

    fn of_optional(
        &mut self,
        (node, call): (&IdedExpr, &CallExpr),
        target: &Given<'c>,
        args: &[Given<'c>],
    ) -> Given<'c> {
        let name = call.func_name.as_str();
        let takes = if matches!(name, "or" | "orValue") { 2 } else { 1 };
        if args.len() != takes {
            return self.wrong_count((node, call), &(takes - 1).to_string());
        }
        let inner = match &target.ty {
            Ty::Optional(inner) => (**inner).clone(),
            Ty::Dyn | Ty::Never => Given::unknown(),
            Ty::Plain(_) | Ty::Decimal | Ty::Mixed(_) | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Record(_) => {
                self.no_overload((node, call), Style::Member, args);
                return Given::unknown();
            }
        };
        match (name, args.get(1)) {
            ("value", _) => inner,
            ("orValue", Some(other)) => inner.join(other),
            ("or", Some(other)) => target.join(other),
            _ => Given::plain(Kind::Bool),
        }
    }

    fn wrong_count(&mut self, (node, call): (&IdedExpr, &CallExpr), takes: &str) -> Given<'c> {
        let at = self.place(node);
        let message = format!("`{}` takes {takes} arguments, and is given {}", call.func_name, call.args.len());
        self.find(FindingKind::Operands, at, message.replace("takes 1 arguments", "takes 1 argument"));
        Given::unknown()
    }
}

/// What one of some overloads gives. Which of them is not known where an argument may be anything.
fn given_of<'c>(kinds: Kinds, args: &[Given<'c>]) -> Given<'c> {
    match kinds.single() {
        Some(kind) => Given::of_kind(kind),
        None if args.iter().any(Given::is_open) => Given::unknown(),
        None => Given::new(Ty::Mixed(kinds), Known::Nothing),
    }
}

/// Whether every way in which the arguments may come has its row.
fn is_served(rows: &[&Signature], args: &[Given<'_>]) -> bool {
    if args.iter().any(Given::is_open) {
        let mut mixed = args.iter().enumerate().filter(|(_, arg)| arg.ty.is_mixed());
        return mixed.all(|(at, arg)| arg.ty.kinds().iter().all(|kind| rows.iter().any(|row| row.2[at] == kind)));
    }
    let ways: u32 = args.iter().map(|arg| arg.ty.kinds().count()).product();
    u32::try_from(rows.len()) == Ok(ways)
}
