//! Entity types that came, went, or changed, and what their changes emit.
//!
//! Unlike events, states stay: those that were written by the former contract are read, patched and compared under the
//! present one.

use std::collections::HashSet;

use super::emissions;
use super::fields::{self, FieldChange};
use super::{Change, Comparison, Party};
use crate::catalogue::{Catalogue, EntityType, Readers, StateMode};
use crate::ids::ModuleId;
use crate::schema::{Additional, Contract, Field};

/// An entity type, before and after.
#[derive(Clone, Copy)]
pub(super) struct Pair<'c> {
    pub(super) old: &'c EntityType,
    pub(super) new: &'c EntityType,
}

pub(super) fn compare(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let (old, new) = (comparison.old, comparison.new);
    mode(comparison, out);
    for is in &new.entity_types {
        let name = name(new, is);
        match old.entity_type(owner(new, is), &is.name) {
            Some(was) => both(comparison, &name, Pair { old: was, new: is }, out),
            None => out.push(Change::of(&name, format!("the entity type `{name}` added"))),
        }
    }
    for was in old.entity_types.iter().filter(|was| new.entity_type(owner(old, was), &was.name).is_none()) {
        let name = name(old, was);
        let change = Change::of(&name, format!("the entity type `{name}` removed"));
        out.push(change.breaking([Party::Owner(owner(old, was).to_owned())]).breaking(listed(old, &was.readers)));
    }
}

fn mode(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    let whole = |what: &str, breaks: Vec<Party>| Change { event_type: None, what: what.to_owned(), breaks };
    match (comparison.old.settings.state_mode, comparison.new.settings.state_mode) {
        (StateMode::Open, StateMode::Declared) => {
            out.push(whole("only declared entity types may be written", vec![Party::Undeclared]));
        }
        (StateMode::Declared, StateMode::Open) => {
            out.push(whole("entity types that are not declared may be written too", Vec::new()));
        }
        (StateMode::Open, StateMode::Open) | (StateMode::Declared, StateMode::Declared) => {}
    }
}

/// `module/type`, which no event type is called.
pub(super) fn name(catalogue: &Catalogue, entity: &EntityType) -> String {
    format!("{}/{}", owner(catalogue, entity), entity.name)
}

fn owner<'c>(catalogue: &'c Catalogue, entity: &EntityType) -> &'c str {
    &catalogue.module(entity.module).name
}

fn both(comparison: &Comparison<'_>, name: &str, pair: Pair<'_>, out: &mut Vec<Change>) {
    let writer = [Party::Owner(owner(comparison.new, pair.new).to_owned())];
    readers(comparison, name, pair, out);
    match (pair.old.contract.additional, pair.new.contract.additional) {
        (Additional::Allow, Additional::Refuse) => {
            let change = Change::of(name, format!("`{name}` refuses fields that it does not declare"));
            out.push(change.breaking(writer.clone()).breaking([Party::StoredStates]));
        }
        (Additional::Refuse, Additional::Allow) => {
            out.push(Change::of(name, format!("`{name}` keeps fields that it does not declare")));
        }
        (Additional::Allow, Additional::Allow) | (Additional::Refuse, Additional::Refuse) => {}
    }
    let kept = kept_readers(comparison, pair);
    let stored = as_stored(&pair.old.contract);
    let outdated: HashSet<String> = fields::compare(name, &stored, &pair.new.contract)
        .into_iter()
        .filter_map(|change| change.writers.then_some(change.what))
        .collect();
    for change in fields::compare(name, &pair.old.contract, &pair.new.contract) {
        let FieldChange { writers, readers, .. } = change;
        let stored = outdated.contains(&change.what).then_some(Party::StoredStates);
        let broken = emissions::broken(comparison, pair, &change);
        let change = Change::of(name, change.what).breaking(broken);
        let change = change.breaking(writer.iter().filter(|_| writers).cloned()).breaking(stored);
        out.push(change.breaking(kept.iter().filter(|_| readers).cloned()));
    }
    emissions::compare(comparison, name, pair, out);
}

/// What states look like at rest: under canonical names alone.
fn as_stored(contract: &Contract) -> Contract {
    let canonical = |field: &Field| Field { aliases: Vec::new(), ..field.clone() };
    Contract { fields: contract.fields.iter().map(canonical).collect(), ..*contract }
}

fn listed(catalogue: &Catalogue, readers: &Readers) -> Vec<Party> {
    match readers {
        Readers::Everyone => vec![Party::Readers],
        Readers::Listed(modules) => modules.iter().map(|module| reader(catalogue, *module)).collect(),
    }
}

fn reader(catalogue: &Catalogue, module: ModuleId) -> Party {
    Party::Reader(catalogue.module(module).name.to_string())
}

/// Those who read it and still may.
fn kept_readers(comparison: &Comparison<'_>, pair: Pair<'_>) -> Vec<Party> {
    match (&pair.old.readers, &pair.new.readers) {
        (Readers::Everyone, readers) => listed(comparison.new, readers),
        (readers, Readers::Everyone) => listed(comparison.old, readers),
        (old, new) => {
            let new = listed(comparison.new, new);
            listed(comparison.old, old).into_iter().filter(|party| new.contains(party)).collect()
        }
    }
}

fn readers(comparison: &Comparison<'_>, name: &str, pair: Pair<'_>, out: &mut Vec<Change>) {
    let (was, is) = (listed(comparison.old, &pair.old.readers), listed(comparison.new, &pair.new.readers));
    match (&pair.old.readers, &pair.new.readers) {
        (Readers::Everyone, Readers::Everyone) => {}
        (Readers::Listed(_), Readers::Everyone) => {
            out.push(Change::of(name, format!("every module may read `{name}`")));
        }
        (Readers::Everyone, Readers::Listed(_)) => {
            let change = Change::of(name, format!("only listed modules may read `{name}`"));
            out.push(change.breaking([Party::OtherReaders]));
        }
        (Readers::Listed(_), Readers::Listed(_)) => {
            for gone in was.iter().filter(|party| !is.contains(party)) {
                let what = format!("the {} of `{name}` may not read it any more", gone.told(None));
                out.push(Change::of(name, what).breaking([gone.clone()]));
            }
            for added in is.iter().filter(|party| !was.contains(party)) {
                out.push(Change::of(name, format!("the {} of `{name}` added", added.told(None))));
            }
        }
    }
}
