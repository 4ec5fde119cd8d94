//! `state`: the entity types of a module. Checked now, without effect until state is built (decision 79).

use super::codes;
use super::drafts::Drafts;
use super::fields::{Fields, entries};
use super::names::{is_snake, shorten};
use super::payload::{Place, contract};
use super::report::Report;
use super::subscriptions::own_fact;
use super::tree::{Node, Value};
use crate::ids::ModuleId;

/// Checks the entity types of a module.
pub(super) fn check(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId, node: &Node) {
    for entry in entries(report, node, "`state`").unwrap_or_default() {
        if !is_snake(entry.key) {
            let message = format!("the entity type `{}` is not lower snake case", shorten(entry.key));
            report.error(codes::BAD_NAME, entry.at, message);
        }
        let what = format!("the entity type `{}`", entry.key);
        let known: &[&[&str]] = &[&["fields", "emits", "readers"]];
        let fields = Fields::open(report, entry.value, &what, known).unwrap_or_default();
        if let Some(node) = fields.get("fields") {
            contract(report, node, "`fields`", Place::Inside);
        }
        if let Some(node) = fields.get("emits") {
            emits(report, drafts, owner, node);
        }
        if let Some(node) = fields.get("readers") {
            readers(report, drafts, node);
        }
    }
}

fn emits(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId, node: &Node) {
    for entry in entries(report, node, "`emits`").unwrap_or_default() {
        own_fact(report, drafts, owner, (entry.key, entry.at));
        let what = format!("the emission of `{}`", shorten(entry.key));
        let Some(fields) = Fields::open(report, entry.value, &what, &[&["on", "when", "map"]]) else { continue };
        if let Some(node) = fields.get("on") {
            match node.value {
                Value::List(_) => drop(report.scalars(node, "`on`")),
                Value::Null | Value::Scalar(_) | Value::Map(_) => drop(report.scalar(node, "`on`")),
            }
        }
        if let Some(node) = fields.get("when") {
            report.scalar(node, "`when`");
        }
        for entry in fields.get("map").and_then(|node| entries(report, node, "`map`")).unwrap_or_default() {
            report.scalar(entry.value, &format!("the value of `{}`", shorten(entry.key)));
        }
    }
}

fn readers(report: &mut Report<'_>, drafts: &Drafts<'_>, node: &Node) {
    for (name, node) in report.scalars(node, "`readers`") {
        if !drafts.has_module(name) {
            let help = report.suggest(name, drafts.modules.iter().map(|draft| &*draft.module.name));
            let message = format!("no module `{}` is declared", shorten(name));
            report.error(codes::UNKNOWN_MODULE, &node.span, message).help(help);
        }
    }
}
