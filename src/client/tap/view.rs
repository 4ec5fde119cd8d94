//! A record in one line, for people.

use std::borrow::Cow;

use serde_json::Value;

use super::Watched;
use crate::catalogue::ControlTopic;
use crate::diagnostic::one_line;
use crate::ids::is_tenant_id;
use crate::json;
use crate::kafka::reader::ReadRecord;

/// The longest text of a record's data.
const MAX_TEXT: usize = 160;

/// What is shown of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When it was written.
    pub time: String,
    /// Where it stands: topic/partition@offset.
    pub place: String,
    /// Whose it is.
    pub tenant: String,
    /// Its key.
    pub key: String,
    /// Its data in short, or a sentence.
    pub text: String,
}

/// What is shown of a record. Nothing in it moves a terminal's cursor.
#[must_use]
pub fn row(record: &ReadRecord, holds: Watched) -> Row {
    let text = match holds {
        Watched::Control(ControlTopic::DeadLetters) => dead_letter(record),
        Watched::Control(ControlTopic::Audit) => body(record).map_or_else(|| raw(record), |body| audit(&body)),
        Watched::Events(_) | Watched::Control(_) => event(record),
    };
    Row {
        time: record.timestamp.map_or_else(|| "-".to_owned(), crate::time::Timestamp::to_rfc3339),
        place: format!("{}/{}@{}", record.topic, record.partition, record.offset.0),
        tenant: clean(&tenant(record).unwrap_or_else(|| "-".to_owned())),
        key: record.key.as_deref().map_or_else(|| "-".to_owned(), |key| clean(&String::from_utf8_lossy(key))),
        text: clean(&text),
    }
}

/// The tenant, as far as it can be told: of the dead letter's header, or of the body, read as the router reads it; or of the
/// key, which begins with it.
#[must_use]
pub fn tenant(record: &ReadRecord) -> Option<String> {
    let told = record.header("revbus.dead.tenant");
    let body = || member(text(record)?, "tenant_id")?.text().map(Cow::into_owned);
    let key = || {
        let (tenant, _) = std::str::from_utf8(record.key.as_deref()?).ok()?.split_once('/')?;
        is_tenant_id(tenant).then(|| tenant.to_owned())
    };
    told.or_else(body).or_else(key)
}

/// Whether a record names something in its key, its value or a header: the whole word, so that `deal_1` is not `deal_10`.
#[must_use]
pub fn mentions(record: &ReadRecord, word: &str) -> bool {
    let headers = record.headers.iter().filter_map(|(_, value)| value.as_deref());
    let parts = record.key.as_deref().into_iter().chain(record.value.as_deref()).chain(headers);
    !word.is_empty() && parts.into_iter().any(|part| has_word(part, word.as_bytes()))
}

fn has_word(text: &[u8], word: &[u8]) -> bool {
    // What ids are made of, and every byte of a letter that is not ASCII.
    let inside = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte) || *byte > 127)
    };
    let starts = text.windows(word.len()).enumerate().filter(|(_, found)| *found == word).map(|(start, _)| start);
    starts.into_iter().any(|start| {
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        !inside(before) && !inside(text.get(start + word.len()))
    })
}

fn text(record: &ReadRecord) -> Option<&str> {
    std::str::from_utf8(record.value.as_deref()?).ok()
}

/// The first member of this name, whatever stands behind it.
fn member<'a>(object: &'a str, name: &str) -> Option<json::Value<'a>> {
    let mut found = None;
    json::members(json::Value { raw: object, kind: json::Kind::Object }, |member| {
        if member.name == name {
            found.get_or_insert(member.value);
        }
    });
    found
}

fn body(record: &ReadRecord) -> Option<Value> {
    serde_json::from_slice(record.value.as_deref()?).ok()
}

fn raw(record: &ReadRecord) -> String {
    record.value.as_deref().map_or_else(|| "(tombstone)".to_owned(), |v| String::from_utf8_lossy(v).into_owned())
}

/// The bytes of its data, as they stand there.
fn event(record: &ReadRecord) -> String {
    let payload = text(record).and_then(|text| member(text, "payload"));
    let data = payload.map(|payload| member(payload.raw, "data").unwrap_or(payload));
    data.map_or_else(|| raw(record), |data| data.raw.to_owned())
}

/// `pipeline.deal_won/3@120 of tenant_001: sentence (codes)`.
fn dead_letter(record: &ReadRecord) -> String {
    let header = |name: &str| record.header(&format!("revbus.dead.{name}")).unwrap_or_else(|| "?".to_owned());
    let tenant = record.header("revbus.dead.tenant").map_or_else(String::new, |tenant| format!(" of {tenant}"));
    let place = format!("{}/{}@{}", header("topic"), header("partition"), header("offset"));
    format!("{place}{tenant}: {} ({})", header("message"), header("reason"))
}

/// `pipeline.deal_won/3@120 of tenant_001: routed → compensation.calculate`.
fn audit(body: &Value) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "?".to_owned(),
    };
    let source = |name: &str| text(body.pointer(&format!("/source/{name}")));
    let list = |name: &str, member: &str| {
        let elements = body.get(name).and_then(Value::as_array).into_iter().flatten();
        elements.map(|element| text(element.get(member))).collect::<Vec<_>>().join(", ")
    };
    let tenant = body.get("tenant_id").and_then(Value::as_str).map_or_else(String::new, |t| format!(" of {t}"));
    let mut out = format!("{}/{}@{}{tenant}: ", source("topic"), source("partition"), source("offset"));
    out.push_str(&text(body.get("outcome")));
    let (derived, reasons) = (list("derived", "event_type"), list("reasons", "message"));
    if !derived.is_empty() {
        out.push_str(&format!(" → {derived}"));
    }
    if !reasons.is_empty() {
        out.push_str(&format!(" ({reasons})"));
    }
    out
}

/// One line that a terminal only shows, cut to a length that can be read.
fn clean(text: &str) -> String {
    one_line(text, MAX_TEXT)
}
