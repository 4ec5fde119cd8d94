//! The event of a case: described, whole, or as bytes.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::fields::{Fields, entries};
use super::super::names::shorten;
use super::super::report::Report;
use super::super::tree::{Node, Value};
use super::super::{Kind, Tenants, TypeName, codes};
use super::read::Context;
use super::update::{self, Emits};
use super::{Expect, Subject, json};
use crate::ids::TypeId;
use crate::json::push_string;
use crate::reason::ReasonCode;
use crate::state::Operation;
use crate::time::Timestamp;

const GIVEN_KEYS: &[&str] =
    &["type", "entity", "before", "tenant", "data", "metadata", "envelope", "event", "raw", "base64", "topic", "key"];
/// The forms of an event, of which a case has one.
const FORMS: &[&str] = &["type", "event", "raw", "base64"];
/// What only an event has that is described.
const DESCRIBED: &[&str] = &["entity", "tenant", "data", "metadata", "envelope"];
/// Whose event it is, where every tenant may take part.
const DEFAULT_TENANT: &str = "tenant_001";
const DEFAULT_ID: &str = "evt_test";

/// The record of a case.
pub(super) struct Given<'n> {
    pub(super) value: Vec<u8>,
    pub(super) subject: Subject,
    /// What it is about, where the event is described.
    pub(super) named: Option<Named<'n>>,
}

/// What an event is about that is described.
pub(super) enum Named<'n> {
    /// Its type's name.
    Type(&'n str, &'n Range<usize>),
    /// The entity of an update.
    Entity(update::Named<'n>),
}

/// An event that is described, as far as that depends on what it is.
struct Described<'d> {
    name: &'d str,
    module: &'d str,
    data: Vec<u8>,
    at: Timestamp,
}

/// Reads `given`.
pub(super) fn read<'n>(
    report: &mut Report<'_>,
    node: &'n Node,
    context: Context<'_>,
    at: Timestamp,
) -> Option<Given<'n>> {
    let fields = Fields::open(report, node, "`given`", &[GIVEN_KEYS])?;
    let form = form(report, node, &fields)?;
    let form_node = fields.get(form)?;
    let mut named = None;
    let value = match form {
        "type" => {
            let name = report.scalar(form_node, "`type`")?;
            let data = fields.get("data").map(|node| json::object(report, node, "`data`"));
            let data = data.unwrap_or_else(|| b"{}".to_vec());
            if Operation::of_event_type(name).is_some() {
                let entity = update::entity(report, node, &fields)?;
                let (module, data) = (entity.module(), entity.data(&data));
                let value = described(report, &fields, context, Described { name, module, data, at });
                named = Some(Named::Entity(entity));
                value
            } else {
                let module = name.split_once('.').map_or(name, |(module, _)| module);
                named = Some(Named::Type(name, &form_node.span));
                described(report, &fields, context, Described { name, module, data, at })
            }
        }
        "event" => json::object(report, form_node, "`event`"),
        "raw" => report.scalar(form_node, "`raw`")?.as_bytes().to_vec(),
        _ => {
            let text = report.scalar(form_node, "`base64`")?;
            let Ok(bytes) = STANDARD.decode(text) else {
                report.error(codes::BAD_CASE, &form_node.span, "`base64` is not base64").hint("`printf … | base64`");
                return None;
            };
            bytes
        }
    };
    let subject = subject(report, &fields, context, &value)?;
    Some(Given { value, subject, named })
}

/// Where the record stands, and what is there before it.
fn subject(report: &mut Report<'_>, fields: &Fields<'_>, context: Context<'_>, value: &[u8]) -> Option<Subject> {
    let is_update = Operation::of_value(value).is_some();
    // An update under the topic of an event type is a record that does not belong there.
    if is_update && (fields.get("entity").is_some() || fields.get("topic").is_none()) {
        if let Some(entry) = ["topic", "key"].iter().find_map(|key| fields.entry(key)) {
            let message = format!("`{}` has no place beside an update", entry.key);
            report.error(codes::BAD_CASE, entry.at, message).hint("an update stands under the key of its entity");
            return None;
        }
        return match fields.get("before") {
            Some(node) => Some(Subject::Update(Some(update::before(report, node)?))),
            None => Some(Subject::Update(None)),
        };
    }
    if let Some(entry) = ["entity", "before"].iter().find_map(|key| fields.entry(key)) {
        let message = format!("`{}` is of updates alone", entry.key);
        report.error(codes::BAD_CASE, entry.at, message).hint("`type` is then state.put, state.patch or state.delete");
        return None;
    }
    let topic = fields.get("topic").and_then(|node| topic(report, node, context));
    let key = fields.get("key").and_then(|node| report.scalar(node, "`key`")).map(str::to_owned);
    Some(Subject::Event { topic, key })
}

/// The one form in which the event is given.
fn form(report: &mut Report<'_>, node: &Node, fields: &Fields<'_>) -> Option<&'static str> {
    let mut forms = FORMS.iter().copied().filter(|form| fields.get(form).is_some());
    let Some(form) = forms.next() else {
        report
            .error(codes::BAD_CASE, &node.span, "`given` has no event")
            .hint("describe it with `type` and `data`, or give it whole: `event`, `raw` or `base64`");
        return None;
    };
    let strange = forms.chain(DESCRIBED.iter().copied().filter(|_| form != "type")).find_map(|key| fields.entry(key));
    if let Some(entry) = strange {
        let message = format!("`{}` has no place beside `{form}`", entry.key);
        report.error(codes::BAD_CASE, entry.at, message).hint("an event is given in one way");
        return None;
    }
    Some(form)
}

/// The event type of a topic's name, with or without the catalogue's prefix.
fn topic(report: &mut Report<'_>, node: &Node, context: Context<'_>) -> Option<TypeId> {
    let name = report.scalar(node, "`topic`")?;
    let catalogue = context.catalogue;
    let by_topic = || catalogue.iter().find(|(_, event_type)| *event_type.topic.name == *name).map(|(id, _)| id);
    let found = by_topic().or_else(|| catalogue.resolve(name).map(TypeName::id));
    if found.is_none() && context.whole {
        let help = report.suggest_event(name, || catalogue.types.iter().map(|event_type| &*event_type.name));
        let message = format!("no event type has the topic `{}`", shorten(name));
        report.error(codes::CASE_NAME, &node.span, message).help(help);
    }
    found
}

/// An event in the Standard Event Format, with something sensible wherever nothing is said.
fn described(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    context: Context<'_>,
    Described { name, module, data, at }: Described<'_>,
) -> Vec<u8> {
    let action = name.split_once('.').map_or(name, |(_, action)| action);
    let listed = match &context.catalogue.settings.tenants {
        Tenants::Listed(tenants) => tenants.first().map(|tenant| &**tenant),
        Tenants::Open => None,
    };
    let tenant = fields.get("tenant").and_then(|node| report.scalar(node, "`tenant`"));
    let mut payload = b"{\"action\":".to_vec();
    push_string(&mut payload, action);
    let metadata = fields.get("metadata").map(|node| json::object(report, node, "`metadata`"));
    for (key, object) in [("data", data), ("metadata", metadata.unwrap_or_else(|| b"{}".to_vec()))] {
        payload.extend_from_slice(format!(",\"{key}\":").as_bytes());
        payload.extend_from_slice(&object);
    }
    payload.push(b'}');
    let mut members = vec![
        ("event_id", quoted(DEFAULT_ID)),
        ("event_type", quoted(name)),
        ("source_module", quoted(module)),
        ("tenant_id", quoted(tenant.or(listed).unwrap_or(DEFAULT_TENANT))),
        ("timestamp", quoted(&at.to_rfc3339())),
        ("payload", payload),
    ];
    let envelope = fields.get("envelope").and_then(|node| entries(report, node, "`envelope`"));
    for entry in envelope.unwrap_or_default() {
        members.retain(|(name, _)| *name != entry.key);
        // What is set to nothing is taken away.
        if !matches!(entry.value.value, Value::Null) {
            let mut value = Vec::new();
            json::push(report, entry.value, &mut value);
            members.push((entry.key, value));
        }
    }
    let mut out = Vec::new();
    for (name, value) in members {
        out.push(if out.is_empty() { b'{' } else { b',' });
        push_string(&mut out, name);
        out.push(b':');
        out.extend_from_slice(&value);
    }
    out.push(b'}');
    out
}

fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    push_string(&mut out, text);
    out
}

impl Given<'_> {
    /// Checks that the event's type exists, unless that is what the case is about.
    pub(super) fn check_type(&self, report: &mut Report<'_>, context: Context<'_>, expect: &Expect) {
        let (name, at) = match &self.named {
            Some(Named::Type(name, at)) => (name, at),
            Some(Named::Entity(entity)) => return entity.check_type(report, context, expect),
            None => return,
        };
        let meant = expect.reasons().contains(&ReasonCode::UnknownType);
        if context.whole && !meant && context.catalogue.resolve(name).is_none() {
            let help =
                report.suggest_event(name, || context.catalogue.types.iter().map(|event_type| &*event_type.name));
            let help = help.unwrap_or_else(|| "if that is the point, expect `dead_letter: unknown_type`".to_owned());
            let message = format!("the catalogue has no event type `{}`", shorten(name));
            report.error(codes::CASE_NAME, at, message).help(help);
        }
    }

    /// The fact on whose topic it stands, where that is known.
    pub(super) fn fact(&self, context: Context<'_>) -> Option<TypeId> {
        let Subject::Event { topic, .. } = self.subject else { return None };
        let own = || match self.named {
            Some(Named::Type(name, _)) => context.catalogue.resolve(name).map(TypeName::id),
            Some(Named::Entity(_)) | None => None,
        };
        let topic = topic.or_else(own)?;
        matches!(context.catalogue.event_type(topic).kind, Kind::Fact(_)).then_some(topic)
    }

    /// What a decision on it emits.
    pub(super) fn emits(&self) -> Emits {
        match self.subject {
            Subject::Event { .. } => Emits::Commands,
            Subject::Update(_) => Emits::Facts,
        }
    }
}
