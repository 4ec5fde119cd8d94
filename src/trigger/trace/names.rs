//! Which fields an expression names.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use crate::trigger::subject::Variable;

/// The fields that a part names, each once, in the order of the text, with the node that has their value.
pub(super) fn of(part: &IdedExpr) -> Vec<(Vec<String>, IdedExpr)> {
    let mut names = Names { bound: Vec::new(), found: Vec::new() };
    names.node(part);
    names.found
}

struct Names<'n> {
    /// The variables that the macros around a node bind.
    bound: Vec<&'n str>,
    found: Vec<(Vec<String>, IdedExpr)>,
}

impl<'n> Names<'n> {
    fn node(&mut self, node: &'n IdedExpr) {
        if let Some(path) = self.path(node) {
            if self.found.iter().all(|(known, _)| *known != path) {
                self.found.push((path, value_of(node)));
            }
            return;
        }
        match &node.expr {
            Expr::Literal(_) | Expr::Ident(_) | Expr::Unspecified | Expr::Struct(_) => {}
            Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).for_each(|node| self.node(node)),
            Expr::Select(select) => self.node(&select.operand),
            Expr::List(list) => list.elements.iter().for_each(|node| self.node(node)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    self.node(&entry.key);
                    self.node(&entry.value);
                }
            }),
            Expr::Comprehension(loops) => {
                self.node(&loops.iter_range);
                self.node(&loops.accu_init);
                let outer = self.bound.len();
                self.bound.extend([loops.iter_var.as_str(), loops.accu_var.as_str()]);
                self.bound.extend(loops.iter_var2.as_deref());
                [&loops.loop_cond, &loops.loop_step, &loops.result].into_iter().for_each(|node| self.node(node));
                self.bound.truncate(outer);
            }
        }
    }

    /// The names on the way to a field, where a node is one.
    fn path(&self, node: &IdedExpr) -> Option<Vec<String>> {
        match &node.expr {
            Expr::Ident(name) => {
                let free = !self.bound.iter().any(|bound| bound == name);
                let name = name.strip_prefix('.').unwrap_or(name);
                (free && Variable::of(name).is_some()).then(|| vec![name.to_owned()])
            }
            Expr::Select(select) => self.inside(&select.operand, &select.field),
            Expr::Call(CallExpr { func_name, target: None, args }) if func_name == operators::INDEX => {
                let [operand, IdedExpr { expr: Expr::Literal(LiteralValue::String(name)), .. }] = args.as_slice()
                else {
                    return None;
                };
                self.inside(operand, name.inner())
            }
            Expr::Call(_)
            | Expr::Literal(_)
            | Expr::List(_)
            | Expr::Map(_)
            | Expr::Struct(_)
            | Expr::Comprehension(_)
            | Expr::Unspecified => None,
        }
    }

    fn inside(&self, operand: &IdedExpr, field: &str) -> Option<Vec<String>> {
        let mut path = self.path(operand)?;
        path.push(field.to_owned());
        Some(path)
    }
}

/// The node that has a field's value: `has(…)` only asks for it.
fn value_of(node: &IdedExpr) -> IdedExpr {
    let Expr::Select(select) = &node.expr else { return node.clone() };
    let SelectExpr { operand, field, .. } = select.clone();
    IdedExpr { id: node.id, expr: Expr::Select(SelectExpr { operand, field, test: false }) }
}
