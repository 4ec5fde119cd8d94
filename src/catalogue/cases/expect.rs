//! What a case expects.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use super::super::fields::Fields;
use super::super::names::shorten;
use super::super::report::Report;
use super::super::tree::{Node, Value};
use super::super::{Kind, codes};
use super::read::Context;
use super::update::Emits;
use super::{Expect, ExpectedDerived, ExpectedEvent, ExpectedLetter, Others, json as yaml};
use crate::ids::TypeId;
use crate::reason::{Outcome, ReasonCode};
use crate::state::{MAX_EXPECTED, Version};

const EXPECT_KEYS: &[&str] = &["derived", "others", "dead_letter", "outcome"];
const UPDATE_KEYS: &[&str] = &["version", "state"];
const EVENT_KEYS: &[&str] = &["data", "metadata", "envelope", "key"];
const LETTER_KEYS: &[&str] = &["reasons", "says"];
/// How a decision on one event alone can end.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("routed", Outcome::Routed),
    ("no_trigger", Outcome::NoTrigger),
    ("invalid", Outcome::Invalid),
    ("loop", Outcome::Loop),
    ("failed", Outcome::Failed),
];

/// How a decision on an update can end that was not seen before.
const UPDATE_OUTCOMES: &[(&str, Outcome)] = &[
    ("state_changed", Outcome::StateChanged),
    ("conflict", Outcome::Conflict),
    ("denied", Outcome::Denied),
    ("invalid", Outcome::Invalid),
    ("loop", Outcome::Loop),
    ("failed", Outcome::Failed),
];

/// What is expected, and where its events stand.
pub(super) struct Expected<'n> {
    pub(super) expect: Expect,
    places: Vec<&'n Range<usize>>,
}

/// Reads `expect`.
pub(super) fn read<'n>(report: &mut Report<'_>, node: &'n Node, context: Context<'_>, emits: Emits) -> Expected<'n> {
    let mut expected = Expected { expect: Expect::default(), places: Vec::new() };
    match &node.value {
        Value::Scalar(text) if text == "nothing" => {
            expected.derived_mut();
        }
        Value::Scalar(_) => event(report, node, (context, emits), &mut expected),
        Value::List(_) => events(report, node, (context, emits), &mut expected),
        Value::Null | Value::Map(_) => mapping(report, node, (context, emits), &mut expected),
    }
    // Where an update is not done, nothing changes and nothing comes out: nobody means that who does not say so.
    if emits == Emits::Facts && expected.expect.dead_letter.is_none() {
        expected.expect.outcome.get_or_insert(Outcome::StateChanged);
    }
    expected
}

fn mapping<'n>(
    report: &mut Report<'_>,
    node: &'n Node,
    (context, emits): (Context<'_>, Emits),
    expected: &mut Expected<'n>,
) {
    let (keys, outcomes) = match emits {
        Emits::Commands => (&[EXPECT_KEYS][..], OUTCOMES),
        Emits::Facts => (&[EXPECT_KEYS, UPDATE_KEYS][..], UPDATE_OUTCOMES),
    };
    let Some(fields) = Fields::open(report, node, "`expect`", keys) else { return };
    if let Some(node) = fields.get("derived") {
        events(report, node, (context, emits), expected);
    }
    if let Some(node) = fields.get("others") {
        let others = report.word(node, "`others`", &[("allow", Others::Allow), ("refuse", Others::Refuse)]);
        expected.derived_mut().others = others.unwrap_or_default();
    }
    let expect = &mut expected.expect;
    expect.outcome = fields.get("outcome").and_then(|node| report.word(node, "`outcome`", outcomes));
    expect.dead_letter = fields.get("dead_letter").map(|node| letter(report, node));
    let version = fields.get("version").and_then(|node| report.integer(node, "`version`", 0..=MAX_EXPECTED.0));
    expect.version = version.map(Version);
    expect.state = fields.get("state").map(|node| state(report, node));
    check_ends(report, &fields, expect);
}

/// Checks that one decision can end as a case expects it.
fn check_ends(report: &mut Report<'_>, fields: &Fields<'_>, expect: &Expect) {
    use Outcome as O;
    let emits = expect.derived.as_ref().is_some_and(|derived| !derived.events.is_empty());
    let ends_well =
        matches!(expect.outcome, Some(O::Routed | O::NoTrigger | O::StateChanged | O::Conflict | O::Denied));
    let dead = fields.entry("dead_letter").filter(|_| emits || ends_well);
    if let Some(entry) = dead {
        report
            .error(codes::BAD_EXPECTATION, entry.at, "what is a dead letter is not routed as well")
            .hint("an event is routed whole or dead-lettered whole: expect one of the two");
    } else if let Some(entry) = fields.entry("outcome")
        && emits
        && matches!(expect.outcome, Some(O::Conflict | O::Denied))
    {
        report
            .error(codes::BAD_EXPECTATION, entry.at, "an update that is not done emits nothing")
            .hint("expect one of the two");
    }
}

/// What the state must hold behind an update.
fn state(report: &mut Report<'_>, node: &Node) -> Json {
    match &node.value {
        Value::Scalar(text) if text == "nothing" => Json::Null,
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Map(_) => {
            let text = yaml::object(report, node, "`state`, where it is not `nothing`,");
            serde_json::from_slice(&text).unwrap_or_default()
        }
    }
}

fn events<'n>(report: &mut Report<'_>, node: &'n Node, what: (Context<'_>, Emits), expected: &mut Expected<'n>) {
    expected.derived_mut();
    for item in report.items(node, "`derived`") {
        event(report, item, what, expected);
    }
}

/// Reads one expected command or fact.
fn event<'n>(
    report: &mut Report<'_>,
    item: &'n Node,
    (context, emits): (Context<'_>, Emits),
    expected: &mut Expected<'n>,
) {
    let key = emits.key();
    let what = format!("an expected {key}");
    let (name_node, fields) = match &item.value {
        Value::Map(_) => {
            let own: &[&str] = if emits == Emits::Commands { &["command", "trigger"] } else { &["fact"] };
            let Some(fields) = Fields::open(report, item, &what, &[own, EVENT_KEYS]) else { return };
            let Some(name) = fields.get(key) else {
                let message = format!("{what} needs `{key}`");
                let help = format!("its name: `- {key}: {}`", emits.example());
                report.error(codes::MISSING_KEY, &item.span, message).help(help);
                return;
            };
            (name, fields)
        }
        Value::Null | Value::Scalar(_) | Value::List(_) => (item, Fields::default()),
    };
    let Some(name) = report.scalar(name_node, &what) else { return };
    let value = value(report, &fields);
    let mut text = |key: &str| fields.get(key).and_then(|node| report.scalar(node, &format!("`{key}`")));
    let (trigger, key) = (text("trigger"), text("key").map(str::to_owned));
    if let Some(event_type) = resolve(report, name, &name_node.span, (context, emits)) {
        expected.places.push(&name_node.span);
        expected.derived_mut().events.push(ExpectedEvent { event_type, trigger: trigger.map(Into::into), key, value });
    }
}

/// What the event's value must hold, in the form of the envelope.
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

/// The command or fact of this name, or what is wrong with the name.
fn resolve(
    report: &mut Report<'_>,
    name: &str,
    at: &Range<usize>,
    (context, emits): (Context<'_>, Emits),
) -> Option<TypeId> {
    let catalogue = context.catalogue;
    let found = catalogue.resolve(name).map(|name| name.id());
    let found = found.filter(|id| emits.is(&catalogue.event_type(*id).kind));
    if found.is_none() && context.whole {
        let known = || catalogue.types.iter().filter(|one| emits.is(&one.kind)).map(|one| &*one.name);
        let help = report.suggest_event(name, known);
        let help = help.unwrap_or_else(|| format!("what comes out is a {}, or `nothing`", emits.key()));
        let message = format!("the catalogue has no {} `{}`", emits.key(), shorten(name));
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
    /// The events that are named, and where.
    pub(super) fn events(&self) -> impl Iterator<Item = (&ExpectedEvent, &Range<usize>)> {
        let events = self.expect.derived.iter().flat_map(|derived| &derived.events);
        events.zip(self.places.iter().copied())
    }

    /// The expected events; from now on there are such, though perhaps none.
    fn derived_mut(&mut self) -> &mut ExpectedDerived {
        self.expect.derived.get_or_insert_default()
    }

    /// Checks that a trigger of the fact emits each command.
    pub(super) fn check_triggers(&self, report: &mut Report<'_>, context: Context<'_>, fact: Option<TypeId>) {
        let Some(source) = fact.filter(|_| context.whole).map(|fact| context.catalogue.event_type(fact)) else {
            return;
        };
        let Kind::Fact(fact) = &source.kind else { return };
        for (event, at) in self.events() {
            let command = &context.catalogue.event_type(event.event_type).name;
            let mut rows = fact.triggers.iter().filter(|trigger| trigger.emit == event.event_type).peekable();
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
