//! Where the parts of an expression stand in its text.

use cel::common::ast::operators::IN;
use cel::common::ast::{Expr, IdedExpr};

use super::finding::{Finding, FindingKind};
use super::walk::Walk;
use crate::trigger::functions;

impl Walk<'_, '_> {
    /// Adds a finding, once.
    pub(super) fn find(&mut self, kind: FindingKind, at: Option<usize>, message: String) -> Option<&mut Finding> {
        if self.findings.iter().any(|found| found.kind == kind && found.message == message) {
            return None;
        }
        self.findings.push(Finding { kind, at, message, help: None });
        self.findings.last_mut()
    }

    /// The place of a node in characters: of an operator, a call's name, a literal's or variable's begin.
    pub(super) fn place(&self, node: &IdedExpr) -> Option<usize> {
        let start = self.byte(node)?;
        match &node.expr {
            // The parser places a call at its bracket.
            Expr::Call(call) => {
                let before = self.text.get(..start)?;
                self.chars(before.strip_suffix(call.func_name.as_str()).unwrap_or(before).len())
            }
            Expr::Select(select) if !select.test => self.field_place(node, &select.field),
            Expr::Select(_) => self.chars(self.text.get(..start)?.strip_suffix("has").map_or(start, str::len)),
            Expr::Ident(_)
            | Expr::Literal(_)
            | Expr::List(_)
            | Expr::Map(_)
            | Expr::Struct(_)
            | Expr::Comprehension(_)
            | Expr::Unspecified => self.chars(start),
        }
    }

    /// Where the value of a node begins: for a path its variable, for an operator its left side.
    pub(super) fn begin(&self, node: &IdedExpr) -> Option<usize> {
        match &node.expr {
            Expr::Select(select) if !select.test => self.begin(&select.operand),
            Expr::Call(call) => match (&call.target, call.args.first()) {
                (Some(target), _) => self.begin(target),
                (None, Some(first)) if is_infix(&call.func_name) => self.begin(first),
                (None, _) => self.place(node),
            },
            Expr::Comprehension(loops) => self.begin(&loops.iter_range),
            Expr::Select(_)
            | Expr::Ident(_)
            | Expr::Literal(_)
            | Expr::List(_)
            | Expr::Map(_)
            | Expr::Struct(_)
            | Expr::Unspecified => self.place(node),
        }
    }

    /// The place of a field's name behind a node that stands before it.
    pub(super) fn field_place(&self, before: &IdedExpr, field: &str) -> Option<usize> {
        let start = self.byte(before)?;
        let behind = self.text.get(start..)?;
        let found = behind.match_indices(field).find(|(at, _)| {
            let ahead = behind.get(..*at).unwrap_or("").trim_end();
            let next = behind.get(at + field.len()..).and_then(|rest| rest.chars().next());
            (ahead.ends_with('.') || ahead.ends_with('?'))
                && next.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_')
        });
        self.chars(start + found.map_or(0, |(at, _)| at))
    }

    fn byte(&self, node: &IdedExpr) -> Option<usize> {
        self.source.offset_for(node.id).map(|(start, _)| start as usize)
    }

    fn chars(&self, byte: usize) -> Option<usize> {
        self.text.get(..byte).map(|before| before.chars().count())
    }
}

/// Whether a function stands between its operands.
fn is_infix(name: &str) -> bool {
    name.starts_with("_") || [IN, functions::WALK, functions::ZONED, functions::WHOLE].contains(&name)
}
