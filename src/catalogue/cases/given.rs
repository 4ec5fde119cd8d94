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
use super::{Expect, json};
use crate::ids::TypeId;
use crate::json::push_string;
use crate::reason::ReasonCode;
use crate::time::Timestamp;

const GIVEN_KEYS: &[&str] =
    &["type", "tenant", "data", "metadata", "envelope", "event", "raw", "base64", "topic", "key"];
/// The forms of an event, of which a case has one.
const FORMS: &[&str] = &["type", "event", "raw", "base64"];
/// What only an event has that is described.
const DESCRIBED: &[&str] = &["tenant", "data", "metadata", "envelope"];
/// Whose event it is, where every tenant may take part.
const DEFAULT_TENANT: &str = "tenant_001";
const DEFAULT_ID: &str = "evt_test";

/// The record of a case.
pub(super) struct Given<'n> {
    pub(super) value: Vec<u8>,
    pub(super) topic: Option<TypeId>,
    pub(super) key: Option<String>,
    /// The event type's name, where the event is described.
    named: Option<(&'n str, &'n Range<usize>)>,
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
    let topic = fields.get("topic").and_then(|node| topic(report, node, context));
    let key = fields.get("key").and_then(|node| report.scalar(node, "`key`")).map(str::to_owned);
    let form_node = fields.get(form)?;
    let mut given = Given { value: Vec::new(), topic, key, named: None };
    match form {
        "type" => {
            let name = report.scalar(form_node, "`type`")?;
            given.named = Some((name, &form_node.span));
            given.value = described(report, &fields, context, (name, at));
        }
        "event" => given.value = json::object(report, form_node, "`event`"),
        "raw" => given.value = report.scalar(form_node, "`raw`")?.as_bytes().to_vec(),
        _ => {
            let text = report.scalar(form_node, "`base64`")?;
            let Ok(bytes) = STANDARD.decode(text) else {
                report.error(codes::BAD_CASE, &form_node.span, "`base64` is not base64").hint("`printf … | base64`");
                return None;
            };
            given.value = bytes;
        }
    }
    Some(given)
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
    (name, at): (&str, Timestamp),
) -> Vec<u8> {
    let (module, action) = name.split_once('.').unwrap_or((name, name));
    let listed = match &context.catalogue.settings.tenants {
        Tenants::Listed(tenants) => tenants.first().map(|tenant| &**tenant),
        Tenants::Open => None,
    };
    let tenant = fields.get("tenant").and_then(|node| report.scalar(node, "`tenant`"));
    let mut payload = b"{\"action\":".to_vec();
    push_string(&mut payload, action);
    for key in ["data", "metadata"] {
        let object = fields.get(key).map(|node| json::object(report, node, &format!("`{key}`")));
        payload.extend_from_slice(format!(",\"{key}\":").as_bytes());
        payload.extend_from_slice(&object.unwrap_or_else(|| b"{}".to_vec()));
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
        let Some((name, at)) = self.named else { return };
        let reasons = expect.dead_letter.as_ref().and_then(|letter| letter.reasons.as_deref()).unwrap_or_default();
        let meant = reasons.contains(&ReasonCode::UnknownType);
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
        let own = || self.named.and_then(|(name, _)| context.catalogue.resolve(name)).map(TypeName::id);
        let topic = self.topic.or_else(own)?;
        matches!(context.catalogue.event_type(topic).kind, Kind::Fact(_)).then_some(topic)
    }
}
