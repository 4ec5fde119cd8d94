//! `emits`: the facts of a module that a change of its state emits, when, and with what.

use std::ops::Range;
use std::sync::Arc;

use super::super::drafts::Drafts;
use super::super::expressions::{Within, condition, mapping};
use super::super::fields::{Entry, Fields, entries};
use super::super::names::shorten;
use super::super::passing::{as_value, mapped_field};
use super::super::report::{Report, nearest};
use super::super::subscriptions::own_fact;
use super::super::tree::{Node, Value};
use super::super::{Changes, Emission, EventType, codes};
use crate::ids::ModuleId;
use crate::schema::{Contract, Field, Presence, Type};
use crate::trigger::types::{About, Change, Envelope, Existence, Facts, Scope};
use crate::trigger::{Mapping, Subject};

/// How many facts a change may emit: each is an event in the same transaction.
const MAX_EMISSIONS: usize = 100;

/// The entity type whose changes emit.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) owner: ModuleId,
    pub(super) name: &'s Arc<str>,
    pub(super) contract: &'s Contract,
}

/// Reads what the changes of an entity type emit.
pub(super) fn emissions(
    report: &mut Report<'_>,
    drafts: &Drafts<'_>,
    source: Source<'_>,
    node: &Node,
) -> Vec<Emission> {
    let entries = entries(report, node, "`emits`").unwrap_or_default();
    if entries.len() > MAX_EMISSIONS {
        let message = format!("a change emits at most {MAX_EMISSIONS} facts");
        report.error(codes::TOO_LARGE, &node.span, message);
    }
    entries.iter().take(MAX_EMISSIONS).filter_map(|entry| emission(report, drafts, source, entry)).collect()
}

fn emission(report: &mut Report<'_>, drafts: &Drafts<'_>, source: Source<'_>, entry: &Entry<'_>) -> Option<Emission> {
    let fact = own_fact(report, drafts, source.owner, (entry.key, entry.at));
    let what = format!("the emission of `{}`", shorten(entry.key));
    let fields = Fields::below(report, entry, &what, &[&["on", "when", "map"]])?;
    let on = fields.get("on").map_or_else(Changes::default, |node| changes(report, node));
    let there = existence(on);
    let module = &drafts.modules[source.owner.index()].module.name;
    let change = Change::of(source.contract, (module, source.name), there);
    let before = Scope { about: About::Change(&change), event: &Envelope::of_update(), facts: &Facts::default() };
    let (when, facts) = match fields.get("when").map(|node| condition(report, node, &before)) {
        Some(Some((when, facts))) => (Some(when), Some(facts)),
        // What holds where the condition does is not known of a broken one.
        Some(None) => (None, None),
        None => (None, Some(Facts::default())),
    };
    let scope = facts.as_ref().map(|facts| Scope { facts, ..before });
    let within = scope.as_ref().map_or(Within::Broken(Subject::Change), Within::Scope);
    let target = fact.map(|fact| drafts.event_type(fact));
    let entries = fields.get("map").and_then(|node| entries(report, node, "`map`")).unwrap_or_default();
    let slips = target.map(|target| slips(target, &entries)).unwrap_or_default();
    let map = entries.iter().filter_map(|entry| value(report, entry, within, (target, &slips))).collect();
    if let Some(target) = target {
        check_filled(report, entry.at, target, &Given { source, there, entries: &entries, slips: &slips });
    }
    Some(Emission { fact: fact?, on, when, map })
}

/// A key of `map`, and the field that it means.
type Slip<'s> = (&'s str, &'s Field);

/// Misspelt names of fields that the fact requires, and that no other key gives.
fn slips<'s>(fact: &'s EventType, entries: &[Entry<'s>]) -> Vec<Slip<'s>> {
    let fields = &fact.contract.fields;
    let gives = |field: &Field| entries.iter().any(|entry| field.goes_by(entry.key));
    let is_lacking = |field: &&Field| field.presence == Presence::Required && !gives(field);
    if !fields.iter().any(|field| is_lacking(&field)) {
        return Vec::new();
    }
    let unknown = entries.iter().filter(|entry| !fields.iter().any(|field| field.goes_by(entry.key)));
    let meant = |entry: &Entry<'s>| {
        let name = nearest(entry.key, fields.iter().map(|field| &*field.name))?;
        Some((entry.key, fields.iter().find(|field| *field.name == *name).filter(is_lacking)?))
    };
    unknown.filter_map(meant).collect()
}

/// One field of the fact, under its canonical name.
fn value(
    report: &mut Report<'_>,
    entry: &Entry<'_>,
    within: Within<'_>,
    (target, slips): (Option<&EventType>, &[Slip<'_>]),
) -> Option<Mapping> {
    let slip = slips.iter().find(|(key, _)| *key == entry.key);
    let field = match (target, slip) {
        (Some(target), Some((_, meant))) => {
            let message =
                format!("`{}` requires `{}`, and declares no field `{}`", target.name, meant.name, shorten(entry.key));
            report.error(codes::UNKNOWN_FIELD, entry.at, message).help(format!("did you mean `{}`?", meant.name));
            Some(*meant)
        }
        (Some(target), None) => mapped_field(report, entry, target),
        (None, _) => None,
    };
    let mapping = mapping(report, entry, within, field)?;
    Some(Mapping { field: field.map_or(mapping.field, |field| field.name.clone()), ..mapping })
}

/// The words of `on`, and what they mean.
const CHANGES: [&str; 3] = ["create", "change", "delete"];

/// Reads `on`: a kind of change, or several. One that cannot be read counts as none; where none is left, the usual one
/// stands in.
fn changes(report: &mut Report<'_>, node: &Node) -> Changes {
    let words = match &node.value {
        Value::List(_) => report.scalars(node, "`on`"),
        Value::Null | Value::Scalar(_) | Value::Map(_) => {
            report.scalar(node, "`on`").map(|word| (word, node)).into_iter().collect()
        }
    };
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        report
            .error(codes::NEVER_EMITS, &node.span, "`on` names no change: the fact can never be emitted")
            .hint("name `create`, `change` or `delete`, or leave `on` out for `change`");
    }
    let mut changes = Changes::NONE;
    for (word, node) in words {
        let kind = match word {
            "create" => &mut changes.create,
            "change" => &mut changes.change,
            "delete" => &mut changes.delete,
            _ => {
                unknown(report, word, node);
                continue;
            }
        };
        if std::mem::replace(kind, true) {
            report
                .warning(codes::DUPLICATE_KEY, &node.span, format!("`on` names `{word}` twice"))
                .hint("keep one of them");
        }
    }
    if changes == Changes::NONE { Changes::default() } else { changes }
}

fn unknown(report: &mut Report<'_>, word: &str, node: &Node) {
    let help = match word {
        "put" => "a put creates or changes: write `[create, change]`".to_owned(),
        "update" | "updated" | "patch" => "write `change`".to_owned(),
        "insert" => "write `create`".to_owned(),
        "remove" | "removed" | "tombstone" => "write `delete`".to_owned(),
        "all" | "any" | "always" => "write `[create, change, delete]`".to_owned(),
        _ => report.suggest(word, CHANGES).unwrap_or_else(|| "write `create`, `change` or `delete`".to_owned()),
    };
    let message = format!("`{}` is not a kind of change", shorten(word));
    report.error(codes::BAD_CHANGE, &node.span, message).help(help);
}

/// Whether there is a state before such changes, and behind them.
const fn existence(on: Changes) -> [Existence; 2] {
    let old = match on {
        Changes { create: false, .. } => Existence::Always,
        Changes { change: false, delete: false, .. } => Existence::Never,
        Changes { .. } => Existence::Maybe,
    };
    let new = match on {
        Changes { delete: false, .. } => Existence::Always,
        Changes { change: false, create: false, .. } => Existence::Never,
        Changes { .. } => Existence::Maybe,
    };
    [old, new]
}

/// What the fields of a fact are filled from.
struct Given<'g> {
    source: Source<'g>,
    there: [Existence; 2],
    entries: &'g [Entry<'g>],
    slips: &'g [Slip<'g>],
}

/// Checks that each field that the fact requires is mapped, and none twice: nothing else fills them.
fn check_filled(report: &mut Report<'_>, at: &Range<usize>, fact: &EventType, given: &Given<'_>) {
    for wanted in fact.contract.fields.iter().filter(|field| !field.ty.is_unreadable()) {
        let mapped: Vec<&Entry<'_>> = given.entries.iter().filter(|entry| wanted.goes_by(entry.key)).collect();
        match mapped.as_slice() {
            [] if given.slips.iter().any(|(_, meant)| meant.name == wanted.name) => {}
            [] if wanted.presence == Presence::Required => {
                let message = format!("`{}` requires `{}`, and `map` does not give it", fact.name, wanted.name);
                report.error(codes::UNMAPPED_FIELD, at, message).help(given.mapping_of(wanted));
            }
            [_, second, ..] => {
                let message = format!("`map` gives `{}` twice, under two names", wanted.name);
                report.error(codes::DUPLICATE_KEY, second.at, message).hint("keep one of them");
            }
            [] | [_] => {}
        }
    }
}

impl Given<'_> {
    /// How a field could be filled.
    fn mapping_of(&self, wanted: &Field) -> String {
        let name = &wanted.name;
        let side = if self.there[1] == Existence::Never { "old" } else { "new" };
        match nearest(name, self.source.contract.fields.iter().map(|field| &*field.name)) {
            Some(near) => format!("map it from the nearest: `map: {{{name}: {}}}`", as_value(side, near)),
            None if name.ends_with("_id") && wanted.ty == Type::String => {
                format!("if it is the entity: `map: {{{name}: entity.id}}`")
            }
            None => format!("say what it is: `map: {{{name}: …}}`, or declare it optional"),
        }
    }
}
