//! The facts that changes of state emit: which came, went or changed, and which a change elsewhere breaks.

use super::fields::FieldChange;
use super::state::{Pair, name};
use super::triggers::{Condition, Sense};
use super::types::{Sides, kept_subscribers, names_it};
use super::{Change, Comparison, Party};
use crate::catalogue::{Catalogue, Changes, Emission, EntityType, EventType, Kind};
use crate::ids::TypeId;
use crate::schema::{Contract, Presence};
use crate::trigger::Expression;

/// The variables of its expressions that are states.
const STATES: &[&str] = &["old", "new"];

/// The emission that a former one became.
fn former<'c>(comparison: &Comparison<'_>, old: &'c EntityType, is: &Emission) -> Option<&'c Emission> {
    let was = *comparison.was.get(&is.fact)?;
    old.emits.iter().find(|emission| emission.fact == was)
}

/// The emissions of an entity type that a change of one of its fields breaks: they name it as it was.
pub(super) fn broken(comparison: &Comparison<'_>, pair: Pair<'_>, change: &FieldChange<'_>) -> Vec<Party> {
    let naming = |emission: &&Emission| expressions(emission).any(|text| names_it(STATES, text, change));
    let emits = pair.new.emits.iter().filter(naming);
    emits.map(|emission| party(comparison.new, pair.new, emission)).collect()
}

/// The emissions of a fact that a change of one of its fields breaks: it is required now, and nothing fills it.
pub(super) fn starved(
    comparison: &Comparison<'_>,
    fact: TypeId,
    pair: (&Contract, &Contract),
    change: &FieldChange<'_>,
) -> Vec<Party> {
    let lacks = |contract: &Contract, emission: &Emission, name: Option<&&str>| {
        let field = name.and_then(|name| contract.position(name)).map(|at| &contract.fields[at]);
        field.is_some_and(|field| {
            field.presence == Presence::Required && !emission.map.iter().any(|mapping| field.goes_by(&mapping.field))
        })
    };
    let [was_called, is_called] = &change.paths;
    let mut parties = Vec::new();
    for (entity, emission) in emitting(comparison.new, fact) {
        let old = comparison.old.entity_type(&comparison.new.module(entity.module).name, &entity.name);
        let before = old.and_then(|old| former(comparison, old, emission));
        let was_whole = before.is_some_and(|before| !lacks(pair.0, before, was_called.first()));
        if was_whole && lacks(pair.1, emission, is_called.first()) {
            parties.push(party(comparison.new, entity, emission));
        }
    }
    parties
}

/// What emits a fact.
fn emitting(catalogue: &Catalogue, fact: TypeId) -> impl Iterator<Item = (&EntityType, &Emission)> {
    let all = catalogue.entity_types.iter().flat_map(|entity| entity.emits.iter().map(move |one| (entity, one)));
    all.filter(move |(_, emission)| emission.fact == fact)
}

fn party(catalogue: &Catalogue, entity: &EntityType, emission: &Emission) -> Party {
    let fact = catalogue.event_type(emission.fact).name.to_string();
    Party::Emission { entity: name(catalogue, entity), fact }
}

fn expressions(emission: &Emission) -> impl Iterator<Item = &Expression> {
    emission.when.iter().chain(emission.map.iter().map(|mapping| &mapping.value))
}

/// Compares what an entity type emits.
pub(super) fn compare(comparison: &Comparison<'_>, entity: &str, pair: Pair<'_>, out: &mut Vec<Change>) {
    for is in &pair.new.emits {
        let fact = &comparison.new.event_type(is.fact).name;
        match former(comparison, pair.old, is) {
            None => out.push(Change::of(entity, format!("the emission of `{fact}` added to `{entity}`"))),
            Some(was) => {
                let Differs { told, fewer } = differs(was, is);
                if !told.is_empty() {
                    let what = format!("the emission of `{fact}` by `{entity}` changed {}", told.join(", "));
                    let waiting = || consumers(comparison, was.fact, comparison.old.event_type(was.fact));
                    out.push(Change::of(entity, what).breaking(fewer.then(waiting).into_iter().flatten()));
                }
            }
        }
    }
    let kept = |was: &Emission| {
        let fact = comparison.became.get(&was.fact);
        fact.is_some_and(|fact| pair.new.emits.iter().any(|is| is.fact == *fact))
    };
    for was in pair.old.emits.iter().filter(|was| !kept(was)) {
        let fact = comparison.old.event_type(was.fact);
        let what = format!("the emission of `{}` removed from `{entity}`", fact.name);
        out.push(Change::of(entity, what).breaking(consumers(comparison, was.fact, fact)));
    }
}

/// Who goes on waiting for a fact.
fn consumers(comparison: &Comparison<'_>, was: TypeId, fact: &EventType) -> Vec<Party> {
    let Some(is) = comparison.became.get(&was) else { return Vec::new() };
    let Kind::Fact(present) = &comparison.new.event_type(*is).kind else { return Vec::new() };
    let triggers = present.triggers.iter().map(|trigger| Party::Trigger {
        fact: fact.name.to_string(),
        id: trigger.id.to_string(),
        command: comparison.new.event_type(trigger.emit).name.to_string(),
    });
    let subscribers = kept_subscribers(comparison, (was, *is));
    let sides = Sides::of(comparison.new, comparison.new.event_type(*is), Some(&subscribers));
    triggers.chain(sides.readers).collect()
}

/// What an emission does otherwise than before.
#[derive(Default)]
struct Differs {
    told: Vec<String>,
    /// Whether the fact comes less often.
    fewer: bool,
}

fn differs(was: &Emission, is: &Emission) -> Differs {
    let mut differs = Differs::default();
    if was.on != is.on {
        differs.told.push(format!("`on` from {} to {}", kinds(was.on), kinds(is.on)));
        let (before, after) = (was.on, is.on);
        let gone = [(before.create, after.create), (before.change, after.change), (before.delete, after.delete)];
        differs.fewer = gone.contains(&(true, false));
    }
    if let Some(condition) = Condition::compare(was.when.as_ref(), is.when.as_ref()) {
        differs.told.push(format!("{}, so that {} emit it", condition.what, condition.which("changes")));
        differs.fewer |= condition.sense == Sense::Fewer;
    }
    let mapped = super::triggers::remapped(&was.map, &is.map);
    if !mapped.is_empty() {
        differs.told.push(format!("the mapping of {}", mapped.join(", ")));
    }
    differs
}

fn kinds(on: Changes) -> String {
    let kinds = [(on.create, "`create`"), (on.change, "`change`"), (on.delete, "`delete`")];
    let named: Vec<&str> = kinds.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    named.join(", ")
}
