//! The modules: their names, and the sections under them.

use std::sync::Arc;

use super::drafts::{Drafts, ModuleDraft};
use super::events::{Owner, Rules, Section, event};
use super::fields::{Entry, Fields, entries};
use super::names::check_module;
use super::report::Report;
use super::tree::Node;
use super::{Module, codes};
use crate::ids::ModuleId;

const MODULE_KEYS: &[&str] = &["name", "description", "outbound", "inbound", "actions", "state"];

/// How many modules a catalogue may have.
const MAX_MODULES: usize = 500;
/// How many event types: each is a topic, and a cluster bears some thousands.
const MAX_TYPES: usize = 5000;

/// Reads all modules and the event types that they declare.
pub(super) fn modules<'n>(report: &mut Report<'_>, rules: &Rules, node: &'n Node) -> Drafts<'n> {
    let mut drafts = Drafts::default();
    let entries = entries(report, node, "`modules`").unwrap_or_default();
    if entries.len() > MAX_MODULES {
        report.error(codes::TOO_LARGE, &node.span, format!("a catalogue has at most {MAX_MODULES} modules"));
    }
    for entry in entries.into_iter().take(MAX_MODULES) {
        module(report, rules, entry, &mut drafts);
    }
    if drafts.types.len() > MAX_TYPES {
        report.error(codes::TOO_LARGE, &node.span, format!("a catalogue has at most {MAX_TYPES} event types"));
        drafts.types.truncate(MAX_TYPES);
    }
    if drafts.modules.is_empty() {
        report.error(codes::MISSING_KEY, &node.span, "no module is declared").hint("declare one under `modules`");
    }
    drafts
}

fn module<'n>(report: &mut Report<'_>, rules: &Rules, entry: Entry<'n>, drafts: &mut Drafts<'n>) {
    check_module(report, entry.key, entry.at);
    let what = format!("the module `{}`", entry.key);
    let fields = Fields::below(report, &entry, &what, &[MODULE_KEYS]).unwrap_or_default();
    let text = |report: &mut Report<'_>, key: &str| {
        fields.get(key).and_then(|node| report.scalar(node, &format!("`{key}`"))).map(str::to_owned)
    };
    let name: Arc<str> = entry.key.into();
    let display_name = text(report, "name").map_or_else(|| name.clone(), Arc::from);
    if let Some(node) = fields.get("name").filter(|_| display_name.trim().is_empty()) {
        let message = format!("the `name` of {what} is blank");
        report.error(codes::BAD_VALUE, &node.span, message).hint("say how people call it, or leave `name` out");
    }
    let description = text(report, "description");
    let id = ModuleId(u32::try_from(drafts.modules.len()).unwrap_or(u32::MAX));
    let owner = Owner { id, name: entry.key };
    for (section, key) in [(Section::Outbound, "outbound"), (Section::Actions, "actions")] {
        let Some(node) = fields.get(key) else { continue };
        for entry in entries(report, node, &format!("`{key}`")).unwrap_or_default() {
            drafts.types.push(event(report, rules, owner, section, entry));
        }
    }
    drafts.modules.push(ModuleDraft {
        module: Module { name, display_name, description, inbound: Vec::new() },
        at: entry.at,
        inbound: fields.get("inbound"),
        state: fields.get("state"),
    });
}
