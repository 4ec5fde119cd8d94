//! The rows of the table: what comes in, under which catalogue, and what must come of it.

use std::rc::Rc;

use serde_json::Value;

use super::seen::{Seen, limited, record, rules};

pub(super) const EDGE: &str = include_str!("edge.yaml");
pub(super) const SHIPPED: &str = include_str!("../../../topics.yaml");

/// The text of an event, member by member.
#[derive(Debug, Clone)]
pub(super) struct Event(pub(super) Vec<(String, String)>);

impl Event {
    /// A good event of a type: its data stands where the Standard Event Format has it.
    pub(super) fn of(event_type: &str, data: &str) -> Self {
        let (module, action) = event_type.split_once('.').unwrap();
        let payload = format!("{{\"action\":\"{action}\",\"data\":{data},\"metadata\":{{}}}}");
        let quoted = |text: &str| format!("\"{text}\"");
        Self(Vec::new())
            .set("event_id", &quoted("evt_1"))
            .set("event_type", &quoted(event_type))
            .set("source_module", &quoted(module))
            .set("tenant_id", &quoted("acme"))
            .set("timestamp", &quoted("2024-01-15T10:30:00Z"))
            .set("payload", &payload)
    }

    /// Sets a member to a JSON text; an empty one takes it away.
    pub(super) fn set(mut self, name: &str, json: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(member) => member.1 = json.to_owned(),
            None => self.0.push((name.to_owned(), json.to_owned())),
        }
        self.0.retain(|(_, json)| !json.is_empty());
        self
    }

    /// Adds a member, also a second of the same name.
    pub(super) fn add(mut self, name: &str, json: &str) -> Self {
        self.0.push((name.to_owned(), json.to_owned()));
        self
    }

    pub(super) fn text(&self) -> String {
        let members: Vec<_> = self.0.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

pub(super) type OwnedHeader = (Vec<u8>, Option<Vec<u8>>);

/// A record, and what becomes of it.
pub(super) struct Row {
    pub(super) decision: u32,
    pub(super) what: String,
    catalogue: String,
    topic: String,
    value: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    headers: Vec<OwnedHeader>,
    limit: usize,
    outcome: &'static str,
    reasons: &'static str,
    says: Vec<&'static str>,
    derived: Vec<(&'static str, Value)>,
    keys: Option<Vec<&'static str>>,
    derived_headers: Option<&'static str>,
    audit: Value,
    letter: Vec<(&'static str, &'static str)>,
    observed: &'static str,
}

/// A row over the edge catalogue, on the topic of the event's type.
pub(super) fn row(decision: u32, what: &str, event: &Event) -> Row {
    let topic =
        event.0.iter().find(|(name, _)| name == "event_type").map_or("sales.won", |(_, json)| json.trim_matches('"'));
    Row {
        decision,
        what: what.to_owned(),
        catalogue: EDGE.to_owned(),
        topic: topic.to_owned(),
        value: Some(event.text().into_bytes()),
        key: None,
        headers: Vec::new(),
        limit: usize::MAX,
        outcome: "routed",
        reasons: "",
        says: Vec::new(),
        derived: Vec::new(),
        keys: None,
        derived_headers: None,
        audit: Value::Object(serde_json::Map::new()),
        letter: Vec::new(),
        observed: "",
    }
}

impl Row {
    pub(super) fn shipped(mut self) -> Self {
        SHIPPED.clone_into(&mut self.catalogue);
        self
    }

    /// Changes the catalogue's text.
    pub(super) fn patch(mut self, from: &str, to: &str) -> Self {
        assert!(self.catalogue.contains(from), "{from}");
        self.catalogue = self.catalogue.replacen(from, to, 1);
        self
    }

    pub(super) fn on(mut self, topic: &str) -> Self {
        topic.clone_into(&mut self.topic);
        self
    }

    pub(super) fn bytes(mut self, value: Option<&[u8]>) -> Self {
        self.value = value.map(<[u8]>::to_vec);
        self
    }

    pub(super) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.as_bytes().to_vec());
        self
    }

    pub(super) fn header(mut self, name: &[u8], value: Option<&[u8]>) -> Self {
        self.headers.push((name.to_vec(), value.map(<[u8]>::to_vec)));
        self
    }

    /// What every topic takes.
    pub(super) fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The dead letter: outcome and reason codes.
    pub(super) fn dies(mut self, outcome: &'static str, reasons: &'static str) -> Self {
        (self.outcome, self.reasons) = (outcome, reasons);
        self
    }

    pub(super) fn invalid(self, reasons: &'static str) -> Self {
        self.dies("invalid", reasons)
    }

    pub(super) fn ends(mut self, outcome: &'static str) -> Self {
        self.outcome = outcome;
        self
    }

    /// A part of the dead letter's sentence.
    pub(super) fn says(mut self, part: &'static str) -> Self {
        self.says.push(part);
        self
    }

    /// A derived event: what must be in it; `null` for what must not.
    pub(super) fn derives(mut self, command: &'static str, part: Value) -> Self {
        self.derived.push((command, part));
        self
    }

    /// The keys of all derived events, in order.
    pub(super) fn keys(mut self, keys: &[&'static str]) -> Self {
        self.keys = Some(keys.to_vec());
        self
    }

    pub(super) fn derived_headers(mut self, headers: &'static str) -> Self {
        self.derived_headers = Some(headers);
        self
    }

    pub(super) fn audit(mut self, part: Value) -> Self {
        self.audit = part;
        self
    }

    pub(super) fn letter(mut self, header: &'static str, value: &'static str) -> Self {
        self.letter.push((header, value));
        self
    }

    pub(super) fn observed(mut self, words: &'static str) -> Self {
        self.observed = words;
        self
    }

    /// Decides, and gives everything that is not as expected.
    pub(super) fn wrong(&self) -> Vec<String> {
        let rules = match self.limit {
            usize::MAX => rules(&self.catalogue),
            limit => Rc::new(limited(&self.catalogue, limit)),
        };
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
        let record = record(&rules.catalogue, &self.topic, (self.key.as_deref(), self.value.as_deref()), &headers);
        let seen = Seen::of(&rules, record);
        let mut wrong = Vec::new();
        let mut expect = |what: &str, found: String, expected: String| {
            if found != expected {
                wrong.push(format!("  {what}\n    expected {expected}\n    found    {found}"));
            }
        };
        expect("outcome", seen.outcome.to_owned(), self.outcome.to_owned());
        expect("reasons", seen.letter("revbus.dead.reason"), self.reasons.to_owned());
        for part in &self.says {
            let message = seen.letter("revbus.dead.message");
            expect("sentence", if message.contains(part) { (*part).to_owned() } else { message }, (*part).to_owned());
        }
        if !self.derived.is_empty() || !self.reasons.is_empty() {
            let names = |list: Vec<&str>| list.join(" ");
            expect(
                "derived",
                names(seen.derived.iter().map(|(name, _, _)| name.as_str()).collect()),
                names(self.derived.iter().map(|(name, _)| *name).collect()),
            );
        }
        for ((command, part), (_, _, event)) in self.derived.iter().zip(&seen.derived) {
            differences(part, event, command, &mut expect);
        }
        if let Some(keys) = &self.keys {
            expect("keys", seen.derived.iter().map(|(_, key, _)| &**key).collect::<Vec<_>>().join(" "), keys.join(" "));
        }
        if let Some(headers) = self.derived_headers {
            expect("derived headers", seen.derived_headers.join(" "), headers.to_owned());
        }
        differences(&self.audit, &seen.audit, "audit", &mut expect);
        for (name, value) in &self.letter {
            expect(name, seen.letter(name), (*value).to_owned());
        }
        expect("observed", seen.observed.clone(), self.observed.to_owned());
        wrong
    }
}

/// Every member of `part` must be in `whole`; `null` must not.
fn differences(part: &Value, whole: &Value, path: &str, expect: &mut impl FnMut(&str, String, String)) {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            for (name, part) in part {
                differences(part, whole.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"), expect);
            }
        }
        (part, whole) => expect(path, whole.to_string(), part.to_string()),
    }
}
