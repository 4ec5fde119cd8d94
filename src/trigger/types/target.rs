//! Expressions that make a field of a command: each branch and each element is held against the field by itself.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, MapExpr, operators as op};

use super::finding::FindingKind;
use super::fits::{Misfit, Passage, field_fits};
use super::given::{Given, Ty};
use super::guards;
use super::sayable::unsayable;
use super::walk::Walk;
use super::words::type_name;
use crate::diagnostic::nearest;
use crate::schema::{Contract, Field, Presence, Type};

impl<'c> Walk<'c, '_> {
    /// Holds an expression against a field.
    pub(super) fn hold(&mut self, node: &IdedExpr, field: &Field) {
        match (&node.expr, &field.ty) {
            (Expr::Call(call), _) if call.func_name == op::CONDITIONAL => self.branches(call, field),
            (Expr::Call(call), _) if call.func_name == "orValue" && call.target.is_some() => {
                self.or_value(node, call, field);
            }
            (Expr::List(list), Type::Array(Some(element))) if list.optional_indices.is_empty() => {
                let field = one(field, element);
                list.elements.iter().for_each(|node| self.hold(node, &field));
            }
            (Expr::List(list), Type::Array(None)) if list.optional_indices.is_empty() => {
                list.elements.iter().for_each(|node| self.hold_free(node));
            }
            (Expr::Map(map), Type::Object(Some(contract))) if is_written_out(map) => {
                self.hold_object(node, map, contract);
            }
            _ => {
                let given = self.node(node);
                self.judge(node, &given, field);
            }
        }
    }

    fn branches(&mut self, call: &CallExpr, field: &Field) {
        let [condition, yes, no] = call.args.as_slice() else { return };
        let truth = self.boolean(condition);
        for (answer, branch) in [(true, yes), (false, no)] {
            self.under(guards::implied(condition, answer), |walk| {
                if truth == Some(!answer) {
                    walk.node(branch);
                } else {
                    walk.hold(branch, field);
                }
            });
        }
    }

    fn or_value(&mut self, node: &IdedExpr, call: &CallExpr, field: &Field) {
        let (Some(target), [other]) = (&call.target, call.args.as_slice()) else {
            self.node(node);
            return;
        };
        match self.node(target) {
            Given { ty: Ty::Optional(inner), .. } => {
                self.judge(target, &inner, field);
                self.hold(other, field);
            }
            _ => {
                let given = self.node(node);
                self.judge(node, &given, field);
            }
        }
    }

    fn hold_object(&mut self, node: &IdedExpr, map: &MapExpr, contract: &Contract) {
        let mut given = Vec::new();
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let Expr::Literal(LiteralValue::String(name)) = &entry.key.expr else { continue };
            match contract.fields.iter().find(|field| field.goes_by(name.inner())) {
                Some(field) => self.hold(&entry.value, field),
                None => {
                    self.node(&entry.value);
                    let declared = contract.fields.iter().map(|field| &*field.name);
                    if let Some(near) = nearest(name.inner(), declared).filter(|near| !mentions(map, near)) {
                        let at = self.place(&entry.key);
                        let message = format!("the object declares no field `{}`", name.inner());
                        if let Some(found) = self.find(FindingKind::MayNotFit, at, message) {
                            found.help(format!("did you mean `{near}`?"));
                        }
                    }
                }
            }
            given.push(name.inner());
        }
        let missing =
            |field: &&Field| field.presence == Presence::Required && !given.iter().any(|name| field.goes_by(name));
        for field in contract.fields.iter().filter(missing) {
            let at = self.place(node);
            let message = format!("the map lacks `{}`, which the object requires", field.name);
            self.find(FindingKind::Unfit, at, message);
        }
    }

    /// Holds an expression against a field of which nothing is declared: JSON must be able to say what it gives.
    pub(super) fn hold_free(&mut self, node: &IdedExpr) {
        let given = self.node(node);
        let found = unsayable(&given).map(|found| (found.certain, format!("this is {}", found.is), found.help));
        let found = found.or_else(|| self.unsayable_constant(node).map(|why| (true, why, None)));
        let Some((certain, message, help)) = found else { return };
        let kind = if certain { FindingKind::Unfit } else { FindingKind::MayNotFit };
        let at = self.begin(node);
        if let Some(found) = self.find(kind, at, message) {
            found.help(help);
        }
    }

    fn judge(&mut self, node: &IdedExpr, given: &Given<'c>, field: &Field) {
        let found = field_fits(given, field, Passage::Computed);
        // Where the types alone leave it open, a value that is known decides.
        if !found.as_ref().is_some_and(|found| found.certain) && !field.ty.is_unreadable() {
            match self.unfit_constant(node, field) {
                Some(Ok(())) => return,
                Some(Err(why)) => {
                    let at = self.begin(node);
                    self.find(FindingKind::Unfit, at, format!("this never fits: {why}"));
                    return;
                }
                None => {}
            }
        }
        let Some(Misfit { certain, is, help }) = found else { return };
        let kind = if certain { FindingKind::Unfit } else { FindingKind::MayNotFit };
        let message = format!("`{}` takes {}, and this is {is}", field.name, type_name(&field.ty));
        let at = self.begin(node);
        // A condition narrows a field, and not what is computed of it.
        let narrows = help.as_ref().is_some_and(|help| help.starts_with("keep it within"));
        let help = if narrows && guards::path(node).is_none() {
            Some("keep each field in it within a range first, as in `(x > 50.0 ? 50.0 : x) * 2.0`".to_owned())
        } else {
            help
        };
        if let Some(found) = self.find(kind, at, message) {
            found.help(help);
        }
    }
}

/// An element of an array, as a field of its own.
fn one(array: &Field, element: &Type) -> Field {
    Field { ty: element.clone(), presence: Presence::Required, aliases: Vec::new(), ..array.clone() }
}

/// Whether the keys of a map are all written out.
fn is_written_out(map: &MapExpr) -> bool {
    map.entries.iter().all(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) => {
            !entry.optional && matches!(entry.key.expr, Expr::Literal(LiteralValue::String(_)))
        }
        EntryExpr::StructField(_) => false,
    })
}

fn mentions(map: &MapExpr, field: &str) -> bool {
    map.entries.iter().any(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) => guards::step(&entry.key).is_some_and(|name| name == field),
        EntryExpr::StructField(_) => false,
    })
}
