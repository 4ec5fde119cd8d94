//! Event types: what facts and commands have in common, and what each has of its own.

use super::drafts::TypeDraft;
use super::fields::{Entry, Fields, list};
use super::names::{MAX_TOPIC, split};
use super::payload::{Place, contract};
use super::report::Report;
use super::topics::{TOPIC_KEYS, TopicKeys};
use super::{Command, EventType, Fact, Kind, codes};
use crate::ids::ModuleId;
use crate::schema::{Contract, Presence, Type};

const FACT_KEYS: &[&str] = &["description", "key", "payload", "triggers", "aliases", "deprecated", "assumed"];
const COMMAND_KEYS: &[&str] = &["description", "key", "payload", "reply", "timeout_seconds", "may_emit", "aliases"];
/// How long a sender may wait (decision 53).
pub(super) const TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;
/// How long it waits where nothing is said (decision 18).
const DEFAULT_TIMEOUT_SECONDS: u32 = 30;

/// What holds for every event type of the file.
pub(super) struct Rules {
    pub(super) defaults: TopicKeys,
    pub(super) topic_prefix: String,
}

/// The module under which an event type stands.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) id: ModuleId,
    pub(super) name: &'a str,
}

/// The section in which it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Facts.
    Outbound,
    /// Commands.
    Actions,
}

impl Section {
    const fn noun(self) -> &'static str {
        match self {
            Self::Outbound => "fact",
            Self::Actions => "command",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Actions => "actions",
        }
    }
}

/// Reads an event type.
pub(super) fn event<'n>(
    report: &mut Report<'_>,
    rules: &Rules,
    owner: Owner<'_>,
    section: Section,
    entry: Entry<'n>,
) -> TypeDraft<'n> {
    let action = check_name(report, rules, owner, section, &entry);
    let what = format!("the {} `{}`", section.noun(), entry.key);
    let own_keys = if section == Section::Outbound { FACT_KEYS } else { COMMAND_KEYS };
    let fields = Fields::below(report, &entry, &what, &[own_keys, TOPIC_KEYS]).unwrap_or_default();
    let topic = rules.defaults.with(report, &fields);
    let mut payload = fields.get("payload");
    let mut contract =
        payload.take().map(|node| contract(report, node, "`payload`", Place::Payload)).unwrap_or_default();
    contract.additional = topic.additional;
    let key = key(report, &fields, &contract, section, &entry);
    let description = fields.get("description").and_then(|node| report.scalar(node, "`description`"));
    let deprecated = fields.get("deprecated").and_then(|node| report.boolean(node, "`deprecated`"));
    let aliases = fields.get("aliases").map(|node| report.scalars(node, "`aliases`")).unwrap_or_default();
    let kind = match section {
        Section::Outbound => Kind::Fact(fact(report, &fields)),
        Section::Actions => Kind::Command(command(report, &fields)),
    };
    let event_type = EventType {
        name: entry.key.into(),
        action: action.into(),
        module: owner.id,
        description: description.map(str::to_owned),
        contract,
        key,
        aliases: aliases.iter().map(|(alias, _)| (*alias).into()).collect(),
        deprecated: deprecated.unwrap_or(false),
        topic: topic.spec(format!("{}{}", rules.topic_prefix, entry.key)),
        record_key: topic.record_key,
        cloudevents: topic.cloudevents,
        kind,
    };
    let (triggers, may_emit) = (fields.get("triggers"), fields.get("may_emit"));
    TypeDraft { event_type, at: entry.at, aliases, triggers, may_emit }
}

/// Checks grammar, ownership and length, and gives the part behind the point.
fn check_name<'n>(
    report: &mut Report<'_>,
    rules: &Rules,
    owner: Owner<'_>,
    section: Section,
    entry: &Entry<'n>,
) -> &'n str {
    let Some((module, action)) = split(report, owner.name, entry.key, entry.at) else { return entry.key };
    if module != owner.name {
        let (name, owner, noun) = (entry.key, owner.name, section.noun());
        let message = format!("`{name}` is a {noun} of the module `{module}`, and stands under `{owner}`");
        let key = section.key();
        let help = format!("move it under `modules.{module}.{key}`, or call it `{owner}.{action}`");
        report.error(codes::WRONG_OWNER, entry.at, message).help(help);
    }
    let topic = rules.topic_prefix.len() + entry.key.len();
    if topic > MAX_TOPIC {
        let message = format!("the topic's name has {topic} bytes, and Kafka takes {MAX_TOPIC}");
        report.error(codes::TOPIC_CLASH, entry.at, message);
    }
    action
}

fn fact(report: &mut Report<'_>, fields: &Fields<'_>) -> Fact {
    let assumed = fields.get("assumed").and_then(|node| report.boolean(node, "`assumed`"));
    Fact { triggers: Vec::new(), assumed: assumed.unwrap_or(false) }
}

fn command(report: &mut Report<'_>, fields: &Fields<'_>) -> Command {
    let reply = fields.get("reply").map(|node| contract(report, node, "`reply`", Place::Payload));
    let timeout = fields.get("timeout_seconds");
    let timeout = timeout.and_then(|node| report.integer(node, "`timeout_seconds`", TIMEOUT_SECONDS));
    Command { reply, timeout_seconds: timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS), may_emit: Vec::new() }
}

/// The field that names the entity (decisions 67 and 80).
fn key(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    contract: &Contract,
    section: Section,
    entry: &Entry<'_>,
) -> Option<usize> {
    match fields.get("key") {
        Some(node) => {
            let name = report.scalar(node, "`key`")?;
            let position = contract.position(name);
            let wrong = match position.map(|at| &contract.fields[at]) {
                None => Some("is not a field of the payload"),
                Some(field) if field.ty != Type::String && !field.ty.is_unreadable() => Some("is not a string"),
                // A command without the field falls back on its source's entity; a fact has nothing behind it.
                Some(field) if section == Section::Outbound && field.presence == Presence::Optional => {
                    Some("is optional")
                }
                Some(_) => None,
            };
            if let Some(wrong) = wrong {
                let help = match position {
                    None => report.suggest(name, contract.fields.iter().map(|field| &*field.name)),
                    Some(_) => None,
                };
                let help = help.unwrap_or_else(|| possible_keys(contract));
                report.error(codes::BAD_KEY_FIELD, &node.span, format!("the key `{name}` {wrong}")).help(help);
            }
            position
        }
        None if section == Section::Outbound => default_key(report, contract, entry),
        None => None,
    }
}

/// The fields that can be a key.
fn possible_keys(contract: &Contract) -> String {
    /// How many are named.
    const MOST: usize = 5;
    let fit = contract.fields.iter().filter(|field| field.ty == Type::String && field.presence == Presence::Required);
    let names: Vec<_> = fit.map(|field| &*field.name).take(MOST).collect();
    let what = "the key is a required field of type `string`";
    if names.is_empty() { what.to_owned() } else { format!("{what}, such as {}", list(names).replace(" and ", " or ")) }
}

fn default_key(report: &mut Report<'_>, contract: &Contract, entry: &Entry<'_>) -> Option<usize> {
    let position = contract.fields.iter().position(|field| {
        field.name.ends_with("_id") && field.ty == Type::String && field.presence == Presence::Required
    });
    let (stands_in, help) = match position.map(|at| &contract.fields[at].name) {
        Some(id) => (format!("its first required id, `{id}`, is taken"), format!("write `key: {id}` if that is meant")),
        None => (
            "each event is an entity of its own, without order among them".to_owned(),
            "name the field whose events must keep their order".to_owned(),
        ),
    };
    report.note(codes::DEFAULT_KEY, entry.at, format!("the fact `{}` has no `key`: {stands_in}", entry.key)).help(help);
    position
}
