//! What a case expects.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use super::super::fields::Fields;
use super::super::names::shorten;
use super::super::report::Report;
use super::super::tree::{Node, Value};
use super::super::{Kind, codes};
use super::read::Context;
use super::{Expect, ExpectedDerived, ExpectedEvent, ExpectedLetter, Others, json as yaml};
use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};

const EXPECT_KEYS: &[&str] = &["derived", "others", "dead_letter", "outcome"];
const EVENT_KEYS: &[&str] = &["command", "trigger", "data", "metadata", "envelope", "key"];
const LETTER_KEYS: &[&str] = &["reasons", "says"];
/// How a decision on one event alone can end.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("routed", Outcome::Routed),
    ("no_trigger", Outcome::NoTrigger),
    ("invalid", Outcome::Invalid),
    ("loop", Outcome::Loop),
    ("failed", Outcome::Failed),
];

/// What is expected, and where its commands stand.
pub(super) struct Expected<'n> {
    pub(super) expect: Expect,
    places: Vec<&'n Range<usize>>,
}

/// Reads `expect`.
pub(super) fn read<'n>(report: &mut Report<'_>, node: &'n Node, context: Context<'_>) -> Expected<'n> {
    let mut expected = Expected { expect: Expect::default(), places: Vec::new() };
    match &node.value {
        Value::Scalar(text) if text == "nothing" => {
            expected.derived_mut();
        }
        Value::Scalar(_) => event(report, node, context, &mut expected),
        Value::List(_) => events(report, node, context, &mut expected),
        Value::Null | Value::Map(_) => mapping(report, node, context, &mut expected),
    }
    expected
}

fn mapping<'n>(report: &mut Report<'_>, node: &'n Node, context: Context<'_>, expected: &mut Expected<'n>) {
    let Some(fields) = Fields::open(report, node, "`expect`", &[EXPECT_KEYS]) else { return };
    if let Some(node) = fields.get("derived") {
        events(report, node, context, expected);
    }
    if let Some(node) = fields.get("others") {
        let others = report.word(node, "`others`", &[("allow", Others::Allow), ("refuse", Others::Refuse)]);
        expected.derived_mut().others = others.unwrap_or_default();
    }
    expected.expect.outcome = fields.get("outcome").and_then(|node| report.word(node, "`outcome`", OUTCOMES));
    expected.expect.dead_letter = fields.get("dead_letter").map(|node| letter(report, node));
    let commands = expected.expect.derived.as_ref().is_some_and(|derived| !derived.events.is_empty());
    let ends_well = matches!(expected.expect.outcome, Some(Outcome::Routed | Outcome::NoTrigger));
    if let Some(entry) = fields.entry("dead_letter").filter(|_| commands || ends_well) {
        report
            .error(codes::BAD_EXPECTATION, entry.at, "what is a dead letter is not routed as well")
            .hint("an event is routed whole or dead-lettered whole: expect one of the two");
    }
}

fn events<'n>(report: &mut Report<'_>, node: &'n Node, context: Context<'_>, expected: &mut Expected<'n>) {
    expected.derived_mut();
    for item in report.items(node, "`derived`") {
        event(report, item, context, expected);
    }
}

/// Reads one expected command.
fn event<'n>(report: &mut Report<'_>, item: &'n Node, context: Context<'_>, expected: &mut Expected<'n>) {
    let (name_node, fields) = match &item.value {
        Value::Map(_) => {
            let Some(fields) = Fields::open(report, item, "an expected command", &[EVENT_KEYS]) else { return };
            let Some(name) = fields.get("command") else {
                let message = "an expected command needs `command`";
                report.error(codes::MISSING_KEY, &item.span, message).hint("its name: `- command: forecast.validate`");
                return;
            };
            (name, fields)
        }
        Value::Null | Value::Scalar(_) | Value::List(_) => (item, Fields::default()),
    };
    let Some(name) = report.scalar(name_node, "an expected command") else { return };
    let value = value(report, &fields);
    let mut text = |key: &str| fields.get(key).and_then(|node| report.scalar(node, &format!("`{key}`")));
    let (trigger, key) = (text("trigger"), text("key").map(str::to_owned));
    if let Some(command) = command(report, name, &name_node.span, context) {
        expected.places.push(&name_node.span);
        expected.derived_mut().events.push(ExpectedEvent { command, trigger: trigger.map(Into::into), key, value });
    }
}

/// What the command's value must hold, in the form of the envelope.
fn value(report: &mut Report<'_>, fields: &Fields<'_>) -> Json {
    let mut object = |key: &str| {
        let text = fields.get(key).map(|node| yaml::object(report, node, &format!("`{key}`")));
        text.and_then(|text| serde_json::from_slice::<Map<String, Json>>(&text).ok())
    };
    let mut whole = object("envelope").unwrap_or_default();
    for key in ["data", "metadata"] {
        let payload = whole.get("payload").is_none_or(Json::is_object);
        if let (Some(part), true) = (object(key), payload) {
            let payload = whole.entry("payload").or_insert_with(|| json!({}));
            payload[key] = Json::Object(part);
        }
    }
    Json::Object(whole)
}

/// The command of this name, or what is wrong with the name.
fn command(report: &mut Report<'_>, name: &str, at: &Range<usize>, context: Context<'_>) -> Option<TypeId> {
    let catalogue = context.catalogue;
    let found = catalogue.resolve(name).map(|name| name.id());
    let found = found.filter(|id| matches!(catalogue.event_type(*id).kind, Kind::Command(_)));
    if found.is_none() && context.whole {
        let commands = || catalogue.commands().map(|(_, event_type, _)| &*event_type.name);
        let help = report.suggest_event(name, commands);
        let help = help.unwrap_or_else(|| "what comes out is a command, or `nothing`".to_owned());
        let message = format!("the catalogue has no command `{}`", shorten(name));
        report.error(codes::CASE_NAME, at, message).help(help);
    }
    found
}

fn letter(report: &mut Report<'_>, node: &Node) -> ExpectedLetter {
    match &node.value {
        Value::Scalar(_) => {
            ExpectedLetter { reasons: Some(reason(report, node).into_iter().collect()), says: Vec::new() }
        }
        Value::List(_) => {
            let items = report.items(node, "`reasons`");
            let reasons = items.into_iter().filter_map(|item| reason(report, item)).collect();
            ExpectedLetter { reasons: Some(reasons), says: Vec::new() }
        }
        Value::Null | Value::Map(_) => {
            let fields = Fields::open(report, node, "`dead_letter`", &[LETTER_KEYS]).unwrap_or_default();
            let reasons = fields.get("reasons").and_then(|node| letter(report, node).reasons);
            let says = fields.get("says").map(|node| match &node.value {
                Value::List(_) => report.scalars(node, "`says`").into_iter().map(|(text, _)| text).collect(),
                Value::Null | Value::Scalar(_) | Value::Map(_) => report.scalar(node, "`says`").into_iter().collect(),
            });
            let says: Vec<&str> = says.unwrap_or_default();
            ExpectedLetter { reasons, says: says.into_iter().map(str::to_owned).collect() }
        }
    }
}

fn reason(report: &mut Report<'_>, node: &Node) -> Option<ReasonCode> {
    let text = report.scalar(node, "a reason code")?;
    let found = ReasonCode::ALL.iter().find(|code| code.code() == text).copied();
    if found.is_none() {
        let help = report.suggest(text, ReasonCode::ALL.iter().map(|code| code.code()));
        let help = help.unwrap_or_else(|| "`revbus explain` names the codes of an event".to_owned());
        let message = format!("there is no reason code `{}`", shorten(text));
        report.error(codes::BAD_EXPECTATION, &node.span, message).help(help);
    }
    found
}

impl Expected<'_> {
    /// The expected commands; from now on there are such, though perhaps none.
    fn derived_mut(&mut self) -> &mut ExpectedDerived {
        self.expect.derived.get_or_insert_default()
    }

    /// Checks that a trigger of the fact emits each command.
    pub(super) fn check_triggers(&self, report: &mut Report<'_>, context: Context<'_>, fact: Option<TypeId>) {
        let Some(source) = fact.filter(|_| context.whole).map(|fact| context.catalogue.event_type(fact)) else {
            return;
        };
        let Kind::Fact(fact) = &source.kind else { return };
        let events = self.expect.derived.iter().flat_map(|derived| &derived.events);
        for (event, at) in events.zip(&self.places) {
            let command = &context.catalogue.event_type(event.command).name;
            let mut rows = fact.triggers.iter().filter(|trigger| trigger.emit == event.command).peekable();
            if rows.peek().is_none() {
                let emits = fact.triggers.iter().map(|trigger| &*context.catalogue.event_type(trigger.emit).name);
                let message = format!("no trigger of `{}` emits `{command}`", source.name);
                let help = format!("it emits {}", super::super::fields::list(emits));
                report.error(codes::NEVER_EMITTED, at, message).help(Some(help).filter(|_| !fact.triggers.is_empty()));
            } else if let Some(id) = &event.trigger
                && !rows.clone().any(|row| row.id == *id)
            {
                let help = report.suggest(id, rows.map(|row| &*row.id));
                let message = format!("`{}` has no trigger `{}` that emits `{command}`", source.name, shorten(id));
                report.error(codes::NEVER_EMITTED, at, message).help(help);
            }
        }
    }
}
