//! Parts without variables: evaluated once, here, by the evaluator itself.

use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Context, ExecutionError, Value};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::kinds::Kind;
use super::known::{Known, Range};
use super::walk::Walk;
use crate::json::{Scanner, members, push_string};
use crate::schema::{self, Additional, Contract, Field};
use crate::trigger::functions::{self, MAX_ITEMS};
use crate::trigger::weight::weighed;
use crate::trigger::{cel_to_json, sentence};

impl<'c> Walk<'c, '_> {
    /// What a part without variables gives, where that can be said; one that fails is found.
    pub(super) fn constant(&mut self, node: &IdedExpr) -> Option<Given<'c>> {
        match self.evaluated(node)? {
            Ok(value) => of_value(&value),
            Err(error) => {
                let before = self.findings.len();
                // Where the types are wrong, the walk says so at the very place.
                let given = self.parts(node);
                let is_said = self.findings.iter().skip(before).any(|found| found.kind == FindingKind::Operands);
                if !is_said && !self.findings.iter().skip(before).any(|found| found.kind.is_of_fields()) {
                    self.findings.truncate(before);
                    let at = self.place(node);
                    self.find(FindingKind::Operands, at, format!("this always fails: {}", sentence::of(&error)));
                }
                Some(given)
            }
        }
    }

    fn parts(&mut self, node: &IdedExpr) -> Given<'c> {
        match &node.expr {
            Expr::Call(call) => self.overloaded(node, call),
            Expr::Comprehension(loops) => self.comprehension(loops),
            Expr::Literal(_)
            | Expr::Ident(_)
            | Expr::Select(_)
            | Expr::List(_)
            | Expr::Map(_)
            | Expr::Struct(_)
            | Expr::Unspecified => Given::unknown(),
        }
    }

    /// What a part without variables gives. All such parts of an expression together may walk as many items as one
    /// evaluation of it: what is beyond that fails, or is not said.
    fn evaluated(&mut self, node: &IdedExpr) -> Option<Result<Value, ExecutionError>> {
        if self.items == 0 || !is_constant(node, &mut Vec::new()) {
            return None;
        }
        let (result, left) = evaluate(node, self.items);
        let is_cut_short = result.is_err() && left == 0 && self.items < MAX_ITEMS;
        self.items = left;
        (!is_cut_short).then_some(result)
    }

    /// Why what a part without variables gives is not the value of a field; nothing where it is, or has variables.
    pub(super) fn unfit_constant(&mut self, node: &IdedExpr, field: &Field) -> Option<Result<(), String>> {
        let value = self.evaluated(node)?.ok()?;
        let mut json = b"{".to_vec();
        push_string(&mut json, &field.name);
        json.push(b':');
        if let Err(error) = cel_to_json(&value, &mut json) {
            return Some(Err(error.message));
        }
        json.push(b'}');
        let text = String::from_utf8(json).ok()?;
        let mut reasons = Vec::new();
        let mut found = Vec::new();
        members(Scanner::new(&text).value().ok()?, |member| found.push(member));
        let contract = Contract { fields: vec![field.clone()], additional: Additional::Allow };
        schema::check(&contract, &found, &mut reasons);
        Some(reasons.into_iter().next().map_or(Ok(()), |reason| Err(reason.message)))
    }

    /// Why JSON cannot say what a part without variables gives.
    pub(super) fn unsayable_constant(&mut self, node: &IdedExpr) -> Option<String> {
        let value = self.evaluated(node)?.ok()?;
        cel_to_json(&value, &mut Vec::new()).err().map(|error| error.message)
    }
}

/// The value of a call of literals.
pub(super) fn of_call(node: &IdedExpr) -> Option<Value> {
    let is_plain = |node: &IdedExpr| matches!(node.expr, Expr::Call(_)) && is_constant(node, &mut Vec::new());
    if is_plain(node) { evaluate(node, 0).0.ok() } else { None }
}

/// What a node without variables gives, and how many of so many items are left.
fn evaluate(node: &IdedExpr, items: usize) -> (Result<Value, ExecutionError>, usize) {
    let context = Context::with_env(functions::environment());
    functions::set_budget(items);
    let result = Value::resolve(&weighed(node), &context);
    (result, functions::budget())
}

/// Whether a node names no variables but those that are bound in it.
fn is_constant<'n>(node: &'n IdedExpr, bound: &mut Vec<&'n str>) -> bool {
    match &node.expr {
        Expr::Literal(_) => true,
        Expr::Ident(name) => bound.contains(&name.as_str()),
        Expr::Select(select) => is_constant(&select.operand, bound),
        Expr::Call(call) => {
            let mut parts = call.target.iter().map(|target| &**target).chain(&call.args);
            parts.all(|part| is_constant(part, bound))
        }
        Expr::List(list) => list.elements.iter().all(|element| is_constant(element, bound)),
        Expr::Map(map) => map.entries.iter().all(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => is_constant(&entry.key, bound) && is_constant(&entry.value, bound),
            EntryExpr::StructField(_) => false,
        }),
        Expr::Comprehension(loops) => {
            if !is_constant(&loops.iter_range, bound) || !is_constant(&loops.accu_init, bound) {
                return false;
            }
            let outer = bound.len();
            bound.extend([loops.iter_var.as_str(), loops.accu_var.as_str()]);
            bound.extend(loops.iter_var2.as_deref());
            let mut parts = [&loops.loop_cond, &loops.loop_step, &loops.result].into_iter();
            let constant = parts.all(|part| is_constant(part, bound));
            bound.truncate(outer);
            constant
        }
        Expr::Struct(_) | Expr::Unspecified => false,
    }
}

fn of_value<'c>(value: &Value) -> Option<Given<'c>> {
    match value {
        Value::Bool(value) => Some(Given::bool(Some(*value))),
        Value::Int(value) => Some(Given::new(Ty::Plain(Kind::Int), Known::Range(Range::whole(*value)))),
        Value::Float(value) => Some(Given::new(Ty::Plain(Kind::Double), Known::Range(Range::point(*value)))),
        Value::String(value) => Some(Given::new(Ty::Plain(Kind::String), Known::word(value))),
        Value::UInt(_) => Some(Given::plain(Kind::Uint)),
        Value::Null => Some(Given::plain(Kind::Null)),
        Value::Bytes(_) => Some(Given::plain(Kind::Bytes)),
        Value::Timestamp(_) => Some(Given::plain(Kind::Timestamp)),
        Value::Duration(_) => Some(Given::plain(Kind::Duration)),
        Value::List(_) | Value::Map(_) | Value::Function(..) | Value::Opaque(_) | Value::Struct(_) => None,
    }
}
