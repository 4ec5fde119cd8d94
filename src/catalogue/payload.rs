//! Payload contracts: `payload`, `reply`, the `fields` of a state entity, and objects inside them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::codes;
use super::fields::{Entry, Fields, entries, list};
use super::names::shorten;
use super::report::{Report, nearest};
use super::tree::{Node, Value};
use crate::schema::{Additional, Contract, Field, Presence, Type, parse_type};

/// How many fields a payload may have.
const MAX_FIELDS: usize = 512;
/// The longest name of a field, in bytes.
const MAX_FIELD_NAME: usize = 128;
/// The keys of a field's long form.
const FIELD_KEYS: &[&str] = &["type", "aliases", "description", "redact"];
/// The keys of a payload to which the envelope gives a meaning (decision 32).
const RESERVED_FIELDS: [&str; 3] = ["action", "data", "metadata"];

/// Where a contract stands: the names that it may use depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the payload of an event.
    Payload,
    /// It is an object in a payload, or a state.
    Inside,
}

/// Reads the fields of a payload or object.
pub(super) fn contract(report: &mut Report<'_>, node: &Node, what: &str, place: Place) -> Contract {
    let entries = entries(report, node, what).unwrap_or_default();
    if entries.len() > MAX_FIELDS {
        report.error(codes::TOO_LARGE, &node.span, format!("{what} has more than {MAX_FIELDS} fields"));
        return Contract::default();
    }
    let mut fields = Vec::with_capacity(entries.len());
    let mut names = HashMap::new();
    // Canonical names first, so that it is the alias that clashes, wherever it stands.
    for entry in &entries {
        check_field_name(report, entry.key, entry.at);
        check_reserved(report, place, entry.key, entry.at);
        names.insert(entry.key, entry.at);
    }
    for entry in &entries {
        // A field whose type cannot be read is a field all the same, so that nothing else is said about its name.
        let draft = field(report, entry).unwrap_or_else(|| Draft::of(Type::unreadable(), Presence::Required));
        for (alias, node) in &draft.aliases {
            check_field_name(report, alias, &node.span);
            check_reserved(report, place, alias, &node.span);
            if let Some(first) = names.insert(alias, &node.span) {
                let line = report.line(first.start);
                let message = format!("`{alias}` already names a field, in line {line}");
                report.error(codes::FIELD_ALIAS_CLASH, &node.span, message).hint("choose another name for one of them");
            }
        }
        fields.push(Field {
            name: entry.key.into(),
            aliases: draft.aliases.iter().map(|(alias, _)| Arc::from(*alias)).collect(),
            ..draft.field
        });
    }
    Contract { fields, additional: Additional::Allow }
}

/// Checks that a field can be named in expressions.
pub(super) fn check_field_name(report: &mut Report<'_>, name: &str, at: &Range<usize>) {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if first && name.len() <= MAX_FIELD_NAME && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return;
    }
    let fixed: String = name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let help = if name.ends_with('?') {
        "put the `?` behind the type".to_owned()
    } else if fixed.starts_with(|c: char| c.is_ascii_alphabetic()) && fixed.len() <= MAX_FIELD_NAME {
        format!("write `{fixed}`")
    } else {
        "use letters, digits and `_`, a letter first".to_owned()
    };
    report.error(codes::BAD_FIELD_NAME, at, format!("`{}` cannot be the name of a field", shorten(name))).help(help);
}

fn check_reserved(report: &mut Report<'_>, place: Place, name: &str, at: &Range<usize>) {
    if place == Place::Payload && RESERVED_FIELDS.contains(&name) {
        let help = format!("{} are the parts of a payload in the envelope", list(RESERVED_FIELDS));
        report.error(codes::RESERVED_FIELD, at, format!("a payload field cannot be called `{name}`")).help(help);
    }
}

/// A field whose aliases still know their places.
struct Draft<'n> {
    field: Field,
    aliases: Vec<(&'n str, &'n Node)>,
}

impl Draft<'_> {
    fn of(ty: Type, presence: Presence) -> Self {
        let name = Arc::from("");
        let field = Field { name, aliases: Vec::new(), ty, presence, description: None, redact: false };
        Self { field, aliases: Vec::new() }
    }
}

fn field<'n>(report: &mut Report<'_>, entry: &Entry<'n>) -> Option<Draft<'n>> {
    match &entry.value.value {
        Value::Scalar(_) => {
            let (ty, presence) = type_of(report, entry.value)?;
            Some(Draft::of(ty, presence))
        }
        Value::Map(pairs) if is_long_form(pairs) => long_form(report, entry),
        Value::Map(pairs) => {
            note_lone_slip(report, entry, pairs);
            let what = format!("the object `{}`", entry.key);
            let inner = contract(report, entry.value, &what, Place::Inside);
            Some(Draft::of(Type::Object(Some(Box::new(inner))), Presence::Required))
        }
        other @ (Value::Null | Value::List(_)) => {
            let message = format!("the field `{}` needs a type, and this is {}", entry.key, other.kind());
            report.error(codes::BAD_TYPE, entry.at, message).hint("`string`, `number`, `date?`, `array<string>` …");
            None
        }
    }
}

/// Decision 14: a mapping whose key `type` has a scalar value is the long form of one field. So is one that says what
/// only the long form does, and has `type` misspelt, or nothing beside: as an object, it would be said to be wrong where
/// it is right.
fn is_long_form(pairs: &[(Node, Node)]) -> bool {
    let named = || pairs.iter().filter_map(|(key, value)| Some((name_of(key)?, value)));
    let typed = named().any(|(name, value)| name == "type" && matches!(value.value, Value::Scalar(_)));
    let tells = || named().any(|(name, value)| FIELD_KEYS[1..].contains(&name) && !is_type(value));
    let slips = || named().any(|(name, value)| is_slip(name) && matches!(value.value, Value::Scalar(_)));
    typed || tells() && (slips() || named().all(|(name, _)| FIELD_KEYS.contains(&name)))
}

fn name_of(key: &Node) -> Option<&str> {
    let Value::Scalar(name) = &key.value else { return None };
    Some(name)
}

/// Whether a name is `type` but for a typing error.
fn is_slip(name: &str) -> bool {
    name != "type" && nearest(name, ["type"]).is_some()
}

/// Whether a value could be the type of a field.
fn is_type(value: &Node) -> bool {
    match &value.value {
        Value::Scalar(text) => parse_type(text).is_ok(),
        Value::Map(_) => true,
        Value::Null | Value::List(_) => false,
    }
}

/// An object with one field that is called nearly `type` is one, but hardly what was meant.
fn note_lone_slip(report: &mut Report<'_>, entry: &Entry<'_>, pairs: &[(Node, Node)]) {
    let [(key, value)] = pairs else { return };
    if let Some(name) = name_of(key).filter(|name| is_slip(name))
        && matches!(value.value, Value::Scalar(_))
    {
        let message = format!("`{}` is an object whose only field is `{}`", entry.key, shorten(name));
        report.warning(codes::LONE_SLIP, &key.span, message).hint("did you mean `type`?");
    }
}

fn long_form<'n>(report: &mut Report<'_>, entry: &Entry<'n>) -> Option<Draft<'n>> {
    let what = format!("the field `{}`", entry.key);
    let fields = Fields::open(report, entry.value, &what, &[FIELD_KEYS])?;
    if let (None, Value::Map(pairs)) = (fields.get("type"), &entry.value.value)
        && !pairs.iter().filter_map(|(key, _)| name_of(key)).any(is_slip)
    {
        report
            .error(codes::MISSING_KEY, entry.at, format!("{what} needs `type`"))
            .hint("say what it is: `type: string`");
    }
    let aliases = fields.get("aliases").map(|node| report.scalars(node, "`aliases`")).unwrap_or_default();
    let description = fields.get("description").and_then(|node| report.scalar(node, "`description`"));
    let redact = fields.get("redact").and_then(|node| report.boolean(node, "`redact`"));
    let unread = (Type::unreadable(), Presence::Required);
    let (ty, presence) = fields.get("type").and_then(|node| type_of(report, node)).unwrap_or(unread);
    let mut draft = Draft { aliases, ..Draft::of(ty, presence) };
    draft.field.description = description.map(str::to_owned);
    draft.field.redact = redact.unwrap_or(false);
    Some(draft)
}

fn type_of(report: &mut Report<'_>, node: &Node) -> Option<(Type, Presence)> {
    let text = report.scalar(node, "a type")?;
    if in_braces(report.text(), node) && text.contains(['?', ',']) {
        report
            .warning(codes::FLOW_TYPE, &node.span, format!("`{}` stands unquoted between braces", shorten(text)))
            .hint("YAML readers differ here: put the field on lines of its own, or quote its type");
    }
    match parse_type(text) {
        Ok(read) => Some(read),
        Err(error) => {
            let cut = in_braces(report.text(), node) && text.contains('(') && !text.contains(')');
            let help = cut.then(|| "a comma ends a value between braces: put the field on lines of its own".to_owned());
            report.error(codes::BAD_TYPE, &node.span, error.message).help(help.or(error.help));
            None
        }
    }
}

/// Whether an unquoted scalar stands between braces (decision 58): on its line, an opening one is before it.
fn in_braces(text: &str, node: &Node) -> bool {
    /// How far back an opening brace is looked for, in bytes.
    const BACK: usize = 4096;
    let before = text.as_bytes().get(..node.span.start).unwrap_or_default();
    let line = || before.iter().rev().take(BACK).take_while(|byte| **byte != b'\n');
    let braces = |wanted: u8| line().filter(|byte| **byte == wanted).count();
    let quoted = text.get(node.span.clone()).is_some_and(|written| written.starts_with(['"', '\'']));
    !quoted && braces(b'{') > braces(b'}')
}
