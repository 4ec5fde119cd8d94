//! Event types that came, went, or changed.

use super::fields::{self, FieldChange, Shape};
use super::names::{Named, named};
use super::passing::{Row, Rows};
use super::{Change, Comparison, Pair, Party, emissions, topic, triggers};
use crate::catalogue::{Catalogue, EventType, Kind};
use crate::ids::TypeId;
use crate::schema::Contract;
use crate::trigger::Expression;

/// Who writes an event type, and who reads it.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) writers: Vec<Party>,
    pub(super) readers: Vec<Party>,
}

pub(super) fn compare(comparison: &Comparison<'_>, out: &mut Vec<Change>) {
    for (is, event_type) in comparison.new.iter() {
        match comparison.was.get(&is) {
            Some(was) => {
                both(comparison, *was, Pair { old: comparison.old.event_type(*was), new: event_type, id: is }, out);
            }
            None => out.push(Change::of(&event_type.name, format!("the {} added", told(event_type)))),
        }
    }
    for (was, event_type) in comparison.old.iter().filter(|(was, _)| !comparison.became.contains_key(was)) {
        removed(comparison, was, event_type, out);
    }
}

fn told(event_type: &EventType) -> String {
    let kind = if matches!(event_type.kind, Kind::Fact(_)) { "fact" } else { "command" };
    format!("{kind} `{}`", event_type.name)
}

fn removed(comparison: &Comparison<'_>, was: TypeId, event_type: &EventType, out: &mut Vec<Change>) {
    let [subscribers, _] = &comparison.subscribers;
    let sides = Sides::of(comparison.old, event_type, subscribers.get(&was).map(Vec::as_slice));
    let rows: Vec<Party> = match &event_type.kind {
        Kind::Fact(fact) => {
            let row = |trigger| Row { catalogue: comparison.old, fact: event_type, trigger }.party();
            fact.triggers.iter().map(row).collect()
        }
        Kind::Command(_) => Vec::new(),
    };
    let change = Change::of(&event_type.name, format!("the {} removed", told(event_type)));
    out.push(change.breaking(rows.into_iter().chain(sides.writers).chain(sides.readers)));
}

fn both(comparison: &Comparison<'_>, was: TypeId, pair: Pair<'_>, out: &mut Vec<Change>) {
    let name = &pair.new.name;
    let readers = kept_subscribers(comparison, (was, pair.id));
    let sides = Sides::of(comparison.new, pair.new, Some(&readers));
    names(pair, &sides, out);
    if pair.new.deprecated && !pair.old.deprecated {
        out.push(Change::of(name, format!("`{name}` is deprecated")));
    }
    topic::compare(comparison, pair, &sides, out);
    let (from, to) = (comparison.rows_of(pair.new), comparison.senders(pair.id));
    for change in fields::compare(name, &pair.old.contract, &pair.new.contract) {
        let mut rules = broken(&from, &to, &change);
        rules.extend(emissions::starved(comparison, pair.id, (&pair.old.contract, &pair.new.contract), &change));
        out.push(with_parties(name, change, rules, &sides));
    }
    reply(comparison, pair, out);
    triggers::compare(comparison, pair, out);
}

/// The name of the type and its aliases.
fn names(pair: Pair<'_>, sides: &Sides, out: &mut Vec<Change>) {
    let (was, is) = (pair.old, pair.new);
    if was.name != is.name {
        let kept = is.aliases.contains(&was.name);
        let how = if kept { "is an alias" } else { "is gone" };
        let what = format!(
            "`{}` renamed to `{}`: the former name {how}, the topic is `{}`, and ids of derived events change with it",
            was.name, is.name, is.topic.name
        );
        let parties = if kept { Vec::new() } else { sides.writers.clone() };
        out.push(Change::of(&is.name, what).breaking(parties));
    }
    let known = |event_type: &EventType, name: &str| {
        *event_type.name == *name || event_type.aliases.iter().any(|alias| **alias == *name)
    };
    for alias in was.aliases.iter().filter(|alias| !known(is, alias)) {
        let change = Change::of(&is.name, format!("the alias `{alias}` removed from `{}`", is.name));
        out.push(change.breaking(sides.writers.iter().cloned()));
    }
    for alias in is.aliases.iter().filter(|alias| !known(was, alias)) {
        out.push(Change::of(&is.name, format!("the alias `{alias}` added to `{}`", is.name)));
    }
}

fn reply(comparison: &Comparison<'_>, pair: Pair<'_>, out: &mut Vec<Change>) {
    let (Kind::Command(was), Kind::Command(is)) = (&pair.old.kind, &pair.new.kind) else { return };
    let name = &pair.new.name;
    let handler = Party::Handler(comparison.new.module(pair.new.module).name.to_string());
    let (before, after) = (was.timeout_seconds, is.timeout_seconds);
    if before != after {
        let change = Change::of(name, format!("`timeout_seconds` of `{name}` changed from {before} to {after}"));
        let waiting = is.reply.iter().map(|_| Party::Requesters);
        let parties = std::iter::once(handler.clone()).chain(waiting).filter(|_| after < before);
        out.push(change.breaking(parties));
    }
    match (&was.reply, &is.reply) {
        (None, None) => {}
        (None, Some(_)) => out.push(Change::of(name, format!("the reply of `{name}` added"))),
        (Some(_), None) => {
            let change = Change::of(name, format!("the reply of `{name}` removed"));
            out.push(change.breaking([Party::Requesters]));
        }
        (Some(was), Some(is)) => {
            let sides = Sides { writers: vec![handler], readers: vec![Party::Requesters] };
            out.extend(of_reply(name, was, is, &sides));
        }
    }
}

fn of_reply(name: &str, was: &Contract, is: &Contract, sides: &Sides) -> Vec<Change> {
    let changes = fields::compare(&format!("{name}.completed"), was, is);
    changes.into_iter().map(|change| with_parties(name, change, Vec::new(), sides)).collect()
}

fn with_parties(name: &str, change: FieldChange<'_>, rules: Vec<Party>, sides: &Sides) -> Change {
    let side = |felt: bool, by_avro: bool, parties: &[Party], avro: Party| match (felt, by_avro) {
        (true, _) => parties.to_vec(),
        (false, true) => vec![avro],
        (false, false) => Vec::new(),
    };
    Change::of(name, change.what)
        .breaking(rules)
        .breaking(side(change.writers, change.avro_writers, &sides.writers, Party::AvroWriters))
        .breaking(side(change.readers, change.avro_readers, &sides.readers, Party::AvroReaders))
}

/// The triggers that a change of a field breaks: those that stand on the fact and name or pass it, and those that emit
/// the command.
fn broken(from: &[Rows<'_>], to: &[Rows<'_>], change: &FieldChange<'_>) -> Vec<Party> {
    let tops: Vec<&str> = change.paths.iter().filter_map(|path| path.first().copied()).collect();
    let naming = from.iter().filter(|rows| row_names_it(rows.new, change));
    let passing = from.iter().chain(to).filter(|rows| rows.broke_at(&tops));
    naming.chain(passing).map(|rows| rows.new.party()).collect()
}

/// Whether an expression of a trigger names a field as it was.
fn row_names_it(row: Row<'_>, change: &FieldChange<'_>) -> bool {
    let mut texts = row.trigger.when.iter().chain(row.trigger.map.iter().map(|mapping| &mapping.value));
    texts.any(|expression| names_it(&["data"], expression, change))
}

/// Whether an expression names a field of one of these variables as it was.
pub(super) fn names_it(variables: &[&str], expression: &Expression, change: &FieldChange<'_>) -> bool {
    match (change.shape, named(variables, expression.text(), &change.paths[0])) {
        (Shape::Gone, Named::Bare | Named::Guarded) | (Shape::Optional, Named::Bare) => true,
        (Shape::Same, _) | (_, Named::No) | (Shape::Optional, Named::Guarded) => false,
    }
}

impl Sides {
    pub(super) fn of(catalogue: &Catalogue, event_type: &EventType, subscribers: Option<&[&str]>) -> Self {
        let subscribe = subscribers.unwrap_or_default().iter();
        let subscribers = subscribe.map(|module| Party::Subscriber((*module).to_owned()));
        let owner = catalogue.module(event_type.module).name.to_string();
        match &event_type.kind {
            Kind::Fact(_) => Self { writers: vec![Party::Producer(owner)], readers: subscribers.collect() },
            Kind::Command(command) => {
                let writers = command.reply.iter().map(|_| Party::Requesters).collect();
                Self { writers, readers: std::iter::once(Party::Handler(owner)).chain(subscribers).collect() }
            }
        }
    }
}

/// Those who subscribed to it and still do: who comes new, comes to what is there.
pub(super) fn kept_subscribers<'c>(comparison: &Comparison<'c>, (was, is): (TypeId, TypeId)) -> Vec<&'c str> {
    let [before, after] = &comparison.subscribers;
    let present = after.get(&is).map(Vec::as_slice).unwrap_or_default();
    let former = before.get(&was).into_iter().flatten();
    former.filter(|module| present.contains(module)).copied().collect()
}
