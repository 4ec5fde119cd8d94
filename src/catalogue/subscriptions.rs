//! `inbound`: the facts that a module reads itself (decisions 2, 8 and 10), and `may_emit`.

use std::ops::Range;

use super::drafts::Drafts;
use super::fields::{Entry, Fields, entries};
use super::names::{is_snake, shorten};
use super::report::Report;
use super::tree::{Node, Value};
use super::{Kind, Subscription, TypeName, codes};
use crate::ids::{ModuleId, TypeId};

const SUBSCRIPTION_KEYS: &[&str] = &["action", "include_commands", "include_own"];

/// A subscription and where its pattern stands.
pub(super) struct Placed {
    pub(super) subscription: Subscription,
    pub(super) wildcard: bool,
    pub(super) at: Range<usize>,
}

/// Reads the subscriptions of a module.
pub(super) fn subscriptions(report: &mut Report<'_>, drafts: &Drafts<'_>, module: ModuleId) -> Vec<Placed> {
    let Some(node) = drafts.modules[module.index()].inbound else { return Vec::new() };
    let entries = entries(report, node, "`inbound`").unwrap_or_default();
    entries.into_iter().map(|entry| subscription(report, drafts, module, &entry)).collect()
}

/// What a wildcard covers beside the facts of other modules.
#[derive(Clone, Copy, Default)]
struct Includes {
    commands: bool,
    own: bool,
}

fn subscription(report: &mut Report<'_>, drafts: &Drafts<'_>, module: ModuleId, entry: &Entry<'_>) -> Placed {
    let what = format!("the subscription `{}`", shorten(entry.key));
    let fields = match &entry.value.value {
        Value::Scalar(_) => {
            let message = format!("{what} must be a mapping, and this is {}", entry.value.value.kind());
            report
                .error(codes::WRONG_KIND, &entry.value.span, message)
                .hint("put the text behind `action: `, a line below");
            Fields::default()
        }
        Value::Null | Value::List(_) | Value::Map(_) => {
            Fields::below(report, entry, &what, &[SUBSCRIPTION_KEYS]).unwrap_or_default()
        }
    };
    let action = fields.get("action").and_then(|node| report.scalar(node, "`action`")).map(str::to_owned);
    let mut flag = |key: &str| fields.get(key).and_then(|node| report.boolean(node, &format!("`{key}`")));
    let includes =
        Includes { commands: flag("include_commands").unwrap_or(false), own: flag("include_own").unwrap_or(false) };
    let wildcard = entry.key.contains('*');
    let (pattern, types) = if wildcard {
        let (pattern, parts) = pattern(report, entry);
        (pattern, parts.map(|parts| covered(report, drafts, (module, includes), entry, parts)).unwrap_or_default())
    } else {
        (entry.key, named(report, drafts, includes, entry).into_iter().collect())
    };
    let subscription = Subscription { pattern: pattern.to_owned(), action, types };
    Placed { subscription, wildcard, at: entry.at.clone() }
}

/// The pattern of an entry and its two parts. Words behind it are an error, and do not change what it means.
fn pattern<'n>(report: &mut Report<'_>, entry: &Entry<'n>) -> (&'n str, Option<(&'n str, &'n str)>) {
    let part = |part: &str| part == "*" || is_snake(part);
    let word = entry.key.split_whitespace().next().unwrap_or(entry.key);
    let parts = word.split_once('.').filter(|(module, name)| part(module) && part(name));
    if parts.is_none() || word != entry.key {
        let help = match parts {
            Some(_) => format!("write `\"{word}\"` alone"),
            None => "patterns are `\"*.*\"`, `module.*` and `\"*.name\"`".to_owned(),
        };
        let message = format!("`{}` is not a pattern", shorten(entry.key));
        report.error(codes::BAD_PATTERN, entry.at, message).help(help);
    }
    (word, parts)
}

fn covered(
    report: &mut Report<'_>,
    drafts: &Drafts<'_>,
    (subscriber, includes): (ModuleId, Includes),
    entry: &Entry<'_>,
    (module, name): (&str, &str),
) -> Vec<TypeId> {
    let matches = |part: &str, word: &str| part == "*" || part == word;
    let types: Vec<TypeId> = drafts
        .iter()
        .filter(|(_, draft)| {
            let event_type = &draft.event_type;
            matches(module, drafts.module_name(event_type.module))
                && matches(name, &event_type.action)
                && (includes.own || event_type.module != subscriber)
                && (includes.commands || matches!(event_type.kind, Kind::Fact(_)))
        })
        .map(|(id, _)| id)
        .collect();
    if module != "*" && !drafts.has_module(module) {
        let help = report.suggest(module, drafts.modules.iter().map(|draft| &*draft.module.name));
        report.error(codes::UNKNOWN_MODULE, entry.at, format!("no module `{module}` is declared")).help(help);
    } else if types.is_empty() {
        let message = format!("`{}` covers no fact of another module", entry.key);
        let alike: Vec<String> = match name {
            "*" => Vec::new(),
            _ => drafts.iter().map(|(_, draft)| format!("{module}.{}", draft.event_type.action)).collect(),
        };
        let near = report.suggest(entry.key, alike.iter().map(String::as_str));
        let widen = || "`include_own` and `include_commands` widen a pattern".to_owned();
        report.warning(codes::MATCHES_NOTHING, entry.at, message).help(near.unwrap_or_else(widen));
    }
    types
}

fn named(report: &mut Report<'_>, drafts: &Drafts<'_>, includes: Includes, entry: &Entry<'_>) -> Option<TypeId> {
    let Some(found) = drafts.names.get(entry.key).copied() else {
        let near = report.suggest_event(entry.key, || drafts.fact_names());
        let help = match entry.key.split_once('.') {
            _ if near.is_some() => near,
            Some((module, name)) if drafts.has_module(module) && is_question(name) => Some(format!(
                "a question is a request: a command with a `reply` under `actions` of who answers it, of which `{}` can be an alias",
                shorten(entry.key)
            )),
            Some((module, _)) if drafts.has_module(module) => {
                Some(format!("declare it under `modules.{module}.outbound`, or as an alias of a fact there"))
            }
            Some((module, _)) => Some(format!("no module `{}` is declared", shorten(module))),
            None => Some("a fact is named `module.name`".to_owned()),
        };
        let message = format!("no module emits `{}`", shorten(entry.key));
        report.error(codes::EMITTED_BY_NOBODY, entry.at, message).help(help);
        return None;
    };
    let event_type = drafts.event_type(found.id());
    if matches!(found, TypeName::Alias(_)) {
        let message = format!("`{}` is a deprecated name", entry.key);
        report.warning(codes::ALIAS_USED, entry.at, message).help(format!("write `{}`", event_type.name));
    }
    if event_type.deprecated {
        let owner = drafts.module_name(event_type.module);
        report
            .warning(codes::DEPRECATED_USED, entry.at, format!("`{}` is deprecated", event_type.name))
            .help(format!("its `description` may say what takes its place; `{owner}` owns it"));
    }
    if matches!(event_type.kind, Kind::Command(_)) && !includes.commands {
        let owner = drafts.module_name(event_type.module);
        let message = format!("`{}` is a command of `{owner}`, and `inbound` lists facts", event_type.name);
        report
            .error(codes::INBOUND_COMMAND, entry.at, message)
            .hint("a module receives its `actions` anyway; to watch those of others, add `include_commands: true`");
    }
    Some(found.id())
}

/// Whether a name is worded as something to be answered, and not as something that has happened (decision 4).
fn is_question(name: &str) -> bool {
    let first = ["get", "list", "find", "check", "request"];
    let last = ["check", "query", "request", "lookup"];
    let ends = |words: &[&str], word: Option<&str>| word.is_some_and(|word| words.contains(&word));
    ends(&first, name.split('_').next()) || ends(&last, name.rsplit('_').next())
}

/// Reads the facts that a command may be answered with (decision 28), or that a change of state emits.
pub(super) fn own_fact(
    report: &mut Report<'_>,
    drafts: &Drafts<'_>,
    owner: ModuleId,
    (name, at): (&str, &Range<usize>),
) -> Option<TypeId> {
    let module = drafts.module_name(owner);
    let Some(found) = drafts.names.get(name).copied() else {
        let help = report.suggest_event(name, || drafts.fact_names());
        report.error(codes::BAD_EMITS, at, format!("no module emits `{}`", shorten(name))).help(help);
        return None;
    };
    let event_type = drafts.event_type(found.id());
    if matches!(event_type.kind, Kind::Command(_)) || event_type.module != owner {
        report
            .error(codes::BAD_EMITS, at, format!("`{name}` is not a fact of the module `{module}`"))
            .help(format!("name a fact from `modules.{module}.outbound`"));
        return None;
    }
    if matches!(found, TypeName::Alias(_)) {
        let message = format!("`{name}` is a deprecated name");
        report.warning(codes::ALIAS_USED, at, message).help(format!("write `{}`", event_type.name));
    }
    Some(found.id())
}

/// An entry of `may_emit`, and where it stands.
pub(super) struct Emitted {
    pub(super) fact: TypeId,
    pub(super) at: Range<usize>,
}

/// Reads `may_emit` of a command.
pub(super) fn may_emit(report: &mut Report<'_>, drafts: &Drafts<'_>, owner: ModuleId, node: &Node) -> Vec<Emitted> {
    let names = report.scalars(node, "`may_emit`");
    let facts = names.into_iter().filter_map(|(name, node)| {
        let fact = own_fact(report, drafts, owner, (name, &node.span))?;
        Some(Emitted { fact, at: node.span.clone() })
    });
    facts.collect()
}
