//! Parts without variables: evaluated once, here, by the evaluator itself.

use cel::common::ast::{Expr, IdedExpr};
use cel::{Context, Value};

use super::finding::FindingKind;
use super::given::{Given, Ty};
use super::kinds::Kind;
use super::known::{Known, Range};
use super::walk::Walk;
use crate::trigger::{functions, sentence};

impl<'c> Walk<'c, '_> {
    /// What a call without variables gives, where that can be said; one that fails is found.
    pub(super) fn constant(&mut self, node: &IdedExpr) -> Option<Given<'c>> {
        if !is_constant(node) {
            return None;
        }
        let context = Context::with_env(functions::environment());
        functions::refill_budget();
        match Value::resolve(node, &context) {
            Ok(value) => of_value(&value),
            Err(error) => {
                let before = self.findings.len();
                // Where the types are wrong, the walk says so at the very place.
                let given = self.parts(node);
                if self.findings.len() == before {
                    let at = self.place(node);
                    self.find(FindingKind::Operands, at, format!("this always fails: {}", sentence::of(&error)));
                }
                Some(given)
            }
        }
    }

    fn parts(&mut self, node: &IdedExpr) -> Given<'c> {
        let Expr::Call(call) = &node.expr else { return Given::unknown() };
        self.overloaded(node, call)
    }
}

/// Whether a node is made of literals alone.
fn is_constant(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Literal(_) => true,
        Expr::Call(call) => {
            call.func_name != functions::WALK
                && call.target.iter().map(|target| &**target).chain(&call.args).all(is_constant)
        }
        Expr::List(list) => list.elements.iter().all(is_constant),
        Expr::Ident(_)
        | Expr::Select(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified => false,
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
