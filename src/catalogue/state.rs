//! `state`: the entity types of a module, who reads them, and what their changes emit.

mod emits;

use std::sync::Arc;

use self::emits::{Source, emissions};
use super::drafts::Drafts;
use super::fields::{Entry, Fields, entries};
use super::names::{check_entity_type, shorten};
use super::payload::{Place, contract};
use super::report::Report;
use super::topics::additional_fields;
use super::tree::Node;
use super::{EntityType, Readers, codes};
use crate::ids::ModuleId;
use crate::schema::Contract;

const ENTITY_KEYS: &[&str] = &["fields", "additional_fields", "emits", "readers"];
/// How many entity types a module may have.
const MAX_ENTITY_TYPES: usize = 200;

/// Reads the entity types of a module.
pub(super) fn entity_types(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId) -> Vec<EntityType> {
    let Some(node) = drafts.modules[owner.index()].state else { return Vec::new() };
    let entries = entries(report, node, "`state`").unwrap_or_default();
    if entries.len() > MAX_ENTITY_TYPES {
        let message = format!("a module has at most {MAX_ENTITY_TYPES} entity types");
        report.error(codes::TOO_LARGE, &node.span, message);
    }
    entries.iter().take(MAX_ENTITY_TYPES).map(|entry| entity_type(report, drafts, owner, entry)).collect()
}

fn entity_type(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId, entry: &Entry<'_>) -> EntityType {
    check_entity_type(report, entry.key, entry.at);
    let what = format!("the entity type `{}`", shorten(entry.key));
    let fields = Fields::below(report, entry, &what, &[ENTITY_KEYS]).unwrap_or_default();
    let contract = state(report, entry, &fields);
    let name: Arc<str> = entry.key.into();
    let source = Source { owner, name: &name, contract: &contract };
    let emits = fields.get("emits").map(|node| emissions(report, drafts, source, node)).unwrap_or_default();
    let readers = fields.get("readers").map_or(Readers::Everyone, |node| readers(report, drafts, owner, node));
    EntityType { module: owner, name, contract, emits, readers }
}

/// What a state must look like.
fn state(report: &mut Report<'_>, entry: &Entry<'_>, fields: &Fields<'_>) -> Contract {
    let Some(node) = fields.get("fields") else {
        let message = format!("the state of `{}` may be any object", shorten(entry.key));
        report.note(codes::ANY_STATE, entry.at, message).hint("declare its `fields`, so that readers can rely on them");
        return Contract::default();
    };
    let additional = fields.get("additional_fields").and_then(|node| additional_fields(report, node));
    Contract { additional: additional.unwrap_or_default(), ..contract(report, node, "`fields`", Place::Inside) }
}

fn readers(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId, node: &Node) -> Readers {
    let mut listed = Vec::new();
    for (name, node) in report.scalars(node, "`readers`") {
        match drafts.module(name) {
            None => {
                let help = report.suggest(name, drafts.modules.iter().map(|draft| &*draft.module.name));
                let message = format!("no module `{}` is declared", shorten(name));
                report.error(codes::UNKNOWN_MODULE, &node.span, message).help(help);
            }
            Some(module) if module == owner => report
                .note(codes::OWNER_READS, &node.span, format!("`{name}` owns this state, and reads it anyway"))
                .hint("leave it out"),
            Some(module) if listed.contains(&module) => report
                .warning(codes::DUPLICATE_KEY, &node.span, format!("the module `{name}` is listed twice"))
                .hint("keep one of them"),
            Some(module) => listed.push(module),
        }
    }
    Readers::Listed(listed)
}
