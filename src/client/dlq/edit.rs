//! `--edit 'data.amount = 5'`: one member of the envelope gets another value, and no other byte changes.
//!
//! The event keeps its id. The ids of its commands come of it (decision 38), so that whoever saw them before knows them
//! again; and a dead letter never filled the ledger against duplicates (decision 61), so the id is still free. Only what
//! has no id that can be read is given one.

use std::fmt;
use std::str::FromStr;

use crate::envelope::{self, member_names};
use crate::json::{Kind, Member, Scanner, Value, members, set_member};

/// A change of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    path: Vec<String>,
    value: String,
}

impl FromStr for Edit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected PATH = JSON, such as 'data.final_amount = 5'".to_owned();
        let (path, value) = text.split_once('=').ok_or_else(expected)?;
        let (path, value) = (path.trim(), value.trim());
        let path: Vec<_> = path.split('.').map(str::to_owned).collect();
        if path.iter().any(|name| name.is_empty() || name.contains(char::is_whitespace)) {
            return Err(expected());
        }
        if path.iter().any(|name| name.contains(['[', ']'])) {
            return Err("only a member of an object can be named; a list is given whole, such as 'data.tags = [1, 2]'"
                .to_owned());
        }
        // Whatever else stands beside them is read by nobody: it would be a slip for `data.NAME`.
        if !path.first().is_some_and(|first| first == "data" || member_names().any(|name| name == *first)) {
            let names = member_names().collect::<Vec<_>>().join(", ");
            return Err(format!("an event has no `{}`, but data, {names}: is data.{} meant?", path[0], path.join(".")));
        }
        let mut scanner = Scanner::new(value);
        if scanner.value().and_then(|_| scanner.end()).is_err() || scanner.lone_surrogate().is_some() {
            return Err(format!("`{value}` is not JSON; a text stands in quotes: {} = \"{value}\"", path.join(".")));
        }
        Ok(Self { path, value: value.to_owned() })
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.path.join("."), self.value)
    }
}

impl Edit {
    /// Whether it gives the event its id.
    #[must_use]
    pub fn gives_id(&self) -> bool {
        self.path == ["event_id"]
    }

    /// The member that says whose event it is, or of whom, where this changes it.
    #[must_use]
    pub fn gives_owner(&self) -> Option<&'static str> {
        let [member] = &self.path[..] else { return None };
        ["tenant_id", "source_module", "user_id"].into_iter().find(|one| one == member)
    }

    /// The event with the change.
    ///
    /// # Errors
    /// Why it cannot be changed so.
    pub fn apply(&self, event: &[u8]) -> Result<String, String> {
        let text = std::str::from_utf8(event).map_err(|_| "it is not UTF-8".to_owned())?;
        if self.gives_id() && envelope::read(text, &mut Vec::new()).event_id.is_some() {
            return Err("an event keeps its id: the ids of its commands come of it".to_owned());
        }
        let mut path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let set = |path: &[&str], value: &str| set_member(text, path, value).map_err(|fault| fault.to_string());
        if path.first() == Some(&"data") {
            let flat = flat_payload(text);
            if let (Some(payload), ["data"]) = (flat, &*path) {
                return set(&["payload"], &self.nested(payload));
            }
            let data: &[&str] = if flat.is_some() { &["payload"] } else { &["payload", "data"] };
            path.splice(..1, data.iter().copied());
        }
        set(&path, &self.value)
    }

    /// A flat payload whose data is replaced as a whole: what is no data stays, and the data is a member beside it.
    fn nested(&self, payload: Value<'_>) -> String {
        let mut text = "{".to_owned();
        members(payload, |Member { name, value }| {
            if matches!(&*name, "action" | "metadata") {
                text.push_str(&format!("\"{name}\":{},", value.raw));
            }
        });
        text + "\"data\":" + &self.value + "}"
    }
}

/// The payload of an event, where it is its data itself (decision 32).
fn flat_payload(event: &str) -> Option<Value<'_>> {
    let payload =
        member(Scanner::new(event).value().ok()?, "payload").filter(|payload| payload.kind == Kind::Object)?;
    let nested = member(payload, "data").is_some_and(|data| data.kind == Kind::Object);
    let mut others = false;
    members(payload, |one| others |= !["action", "data", "metadata"].contains(&&*one.name));
    (!nested || others).then_some(payload)
}

fn member<'a>(object: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut found = None;
    members(object, |member| {
        if member.name == name {
            found = found.or(Some(member.value));
        }
    });
    found
}
