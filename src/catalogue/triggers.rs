//! Triggers: which command a fact emits, when, and with what.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::drafts::Drafts;
use super::expressions::{Within, condition, mapping};
use super::fields::{Fields, entries};
use super::names::{is_trigger_id, shorten};
use super::passing::{self, Passing};
use super::report::Report;
use super::tree::{Node, Value};
use super::{EventType, Kind, TypeName, codes};
use crate::ids::{ModuleId, TypeId};
use crate::schema::Contract;
use crate::trigger::Trigger;
use crate::trigger::types::{About, Envelope, Facts, Scope};

const TRIGGER_KEYS: &[&str] = &["emit", "id", "when", "map", "keep", "enrich"];
/// How many triggers a fact may have: each is an event in the same transaction.
const MAX_TRIGGERS: usize = 100;

/// A row and where it stands.
pub(super) struct Placed {
    /// None where its command is not declared.
    pub(super) trigger: Option<Trigger>,
    /// The command, as written.
    pub(super) emit: String,
    /// The module into which it goes, by the command's name where nothing else is known.
    pub(super) into: Option<ModuleId>,
    pub(super) at: Range<usize>,
}

/// Reads the triggers of a fact.
pub(super) fn triggers(report: &mut Report<'_>, drafts: &Drafts<'_>, fact: TypeId) -> Vec<Placed> {
    let draft = &drafts.types[fact.index()];
    let Some(node) = draft.triggers else { return Vec::new() };
    let items = report.items(node, "`triggers`");
    if items.len() > MAX_TRIGGERS {
        report.error(codes::TOO_LARGE, &node.span, format!("a fact has at most {MAX_TRIGGERS} triggers"));
    }
    let module = &drafts.modules[draft.event_type.module.index()].module.name;
    let envelope = Envelope::of(&draft.event_type.name, module);
    let mut seen: HashMap<Arc<str>, usize> = HashMap::new();
    let mut placed = Vec::with_capacity(items.len());
    for item in items.into_iter().take(MAX_TRIGGERS) {
        let Some(row) = Row::read(report, item) else { continue };
        let emit = target(report, drafts, row.emit, row.at);
        // The canonical name: an id must not change when a deprecated name is put right.
        let name = emit.map_or(row.emit, |command| &drafts.event_type(command).name);
        let id: Arc<str> = row.id.unwrap_or(name).into();
        if let Some(first) = seen.insert(id.clone(), row.at.start) {
            let line = report.line(first);
            let message =
                format!("two triggers of `{}` have the id `{id}`: the other is in line {line}", draft.event_type.name);
            report.error(codes::DUPLICATE_TRIGGER, row.at, message).hint("give one of them an `id` of its own");
        }
        let target = emit.map(|command| drafts.event_type(command));
        let (when, map, keep) = row.details(report, Ends { source: &draft.event_type, envelope: &envelope, target });
        let into = match emit {
            Some(command) => Some(drafts.event_type(command).module),
            None => row.emit.split_once('.').and_then(|(module, _)| drafts.module(module)),
        };
        let trigger = emit.map(|emit| Trigger { id, emit, when, map, keep });
        placed.push(Placed { trigger, emit: row.emit.to_owned(), into, at: row.at.clone() });
    }
    placed
}

/// One row, as written.
struct Row<'n> {
    emit: &'n str,
    /// Where the command's name stands.
    at: &'n Range<usize>,
    id: Option<&'n str>,
    fields: Fields<'n>,
}

impl<'n> Row<'n> {
    fn read(report: &mut Report<'_>, item: &'n Node) -> Option<Self> {
        if let Value::Scalar(emit) = &item.value {
            return Some(Self { emit, at: &item.span, id: None, fields: Fields::default() });
        }
        let fields = Fields::open(report, item, "a trigger", &[TRIGGER_KEYS])?;
        fields.note_no_effect(report, &["enrich"]);
        let Some(emit) = fields.get("emit") else {
            report
                .error(codes::MISSING_KEY, &item.span, "a trigger needs `emit`")
                .hint("name the command: `- emit: forecast.validate`");
            return None;
        };
        let id = fields.get("id").and_then(|node| {
            let id = report.scalar(node, "`id`")?;
            if !is_trigger_id(id) {
                let message = format!("`{}` cannot be the id of a trigger", shorten(id));
                report.error(codes::BAD_NAME, &node.span, message).hint("up to 200 letters, digits, `.`, `_` and `-`");
            }
            Some(id)
        });
        Some(Self { emit: report.scalar(emit, "`emit`")?, at: &emit.span, id, fields })
    }

    fn details(&self, report: &mut Report<'_>, ends: Ends<'_>) -> Details {
        let before =
            Scope { about: About::Fact(&ends.source.contract), event: ends.envelope, facts: &Facts::default() };
        let node = self.fields.get("when");
        let condition = node.map(|node| condition(report, node, &before));
        let (when, facts) = match condition {
            // What holds where the condition does is not known of a broken one.
            Some(None) => (None, None),
            Some(Some((when, facts))) => (Some(when), Some(facts)),
            None => (None, Some(Facts::default())),
        };
        let keep = self.fields.get("keep").map(|node| keep(report, node, &ends.source.contract));
        let entries = self.fields.get("map").and_then(|node| entries(report, node, "`map`")).unwrap_or_default();
        let scope = facts.as_ref().map(|facts| Scope { facts, ..before });
        let within = scope.as_ref().map_or(Within::Broken(before.about.subject()), Within::Scope);
        let mut map = Vec::with_capacity(entries.len());
        for entry in &entries {
            let field = ends.target.and_then(|target| passing::mapped_field(report, entry, target));
            map.extend(mapping(report, entry, within, field));
        }
        if let (Some(target), Some(facts)) = (ends.target, &facts) {
            let mapped = entries.iter().map(|entry| entry.key).collect();
            let ends = passing::Ends { source: ends.source, target };
            passing::check(report, self.at, ends, &Passing { facts, mapped, keep: keep.as_deref() });
        }
        (when, map, keep)
    }
}

/// Where a row leads from and to, as far as it is known.
#[derive(Clone, Copy)]
struct Ends<'t> {
    source: &'t EventType,
    envelope: &'t Envelope,
    target: Option<&'t EventType>,
}

type Details = (Option<crate::trigger::Expression>, Vec<crate::trigger::Mapping>, Option<Vec<Arc<str>>>);

fn keep(report: &mut Report<'_>, node: &Node, source: &Contract) -> Vec<Arc<str>> {
    let mut kept: Vec<Arc<str>> = Vec::new();
    for (name, node) in report.scalars(node, "`keep`") {
        if source.position(name).is_none() {
            let canonical = source.fields.iter().find(|field| field.aliases.iter().any(|alias| &**alias == name));
            let help = match canonical {
                Some(field) => Some(format!("`{name}` is an alias: write `{}`", field.name)),
                None => report.suggest(name, source.fields.iter().map(|field| &*field.name)),
            };
            let message = format!("the fact declares no field `{}` to keep", shorten(name));
            report.error(codes::UNKNOWN_FIELD, &node.span, message).help(help);
        } else if !kept.iter().any(|kept| &**kept == name) {
            kept.push(name.into());
        }
    }
    kept
}

/// The command of this name, or what is wrong with the name.
fn target(report: &mut Report<'_>, drafts: &Drafts<'_>, name: &str, at: &Range<usize>) -> Option<TypeId> {
    let Some(found) = drafts.names.get(name).copied() else {
        undeclared(report, drafts, name, at);
        return None;
    };
    let command = drafts.event_type(found.id());
    if matches!(command.kind, Kind::Fact(_)) {
        let message = format!("`{name}` is a fact: a trigger emits commands");
        report.error(codes::TARGET_IS_FACT, at, message).hint("facts are published by the module that owns them");
        return None;
    }
    if matches!(found, TypeName::Alias(_)) {
        let message = format!("`{name}` is a deprecated name");
        report.warning(codes::ALIAS_USED, at, message).help(format!("write `{}`", command.name));
    }
    Some(found.id())
}

fn undeclared(report: &mut Report<'_>, drafts: &Drafts<'_>, name: &str, at: &Range<usize>) {
    let near = report.suggest_event(name, || drafts.command_names());
    let help = match name.split_once('.') {
        _ if near.is_some() => near,
        Some((module, _)) if drafts.has_module(module) => Some(format!("declare it under `modules.{module}.actions`")),
        Some((module, _)) => Some(format!("no module `{}` is declared", shorten(module))),
        None => Some("a command is named `module.name`".to_owned()),
    };
    report.error(codes::UNDECLARED_TARGET, at, format!("no command `{}` is declared", shorten(name))).help(help);
}
