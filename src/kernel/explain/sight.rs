//! What the triggers of an event saw: the parts behind a condition's answer, the inputs of a mapping and its result.
//!
//! Values are shown, since it is the asker's own event, but never whole payloads, and never what the catalogue
//! redacts.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::Rules;
use super::super::fire::{self, Firing};
use crate::catalogue::EventType;
use crate::json::{self, Kind, members};
use crate::reason::cut;
use crate::schema::{Contract, Rewrite};
use crate::trigger::{Answer, Expression, Facts, Mapping, Part, Seen, StateChange, Trigger};

/// The longest value, and the longest part of an expression, that is shown, in bytes.
const MAX_SHOWN: usize = 200;
/// What stands in the place of a redacted value.
const REDACTED: &str = "[redacted]";

/// A part of a condition that made its answer.
#[derive(Debug, Serialize)]
pub struct ConditionPart {
    /// Its text.
    pub part: String,
    /// `true`, `false` or `failed`.
    pub answer: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The fields that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<SeenField>,
}

/// A field that an expression names, with the value it had.
#[derive(Debug, Serialize)]
pub struct SeenField {
    /// Its name from the variable on, such as `data.final_amount`.
    pub name: String,
    /// Its value; none where it is absent. A long one is a string that ends in `…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
}

/// A computed field of a command.
#[derive(Debug, Serialize)]
pub struct MappingResult {
    /// The field.
    pub field: String,
    /// How it is computed.
    pub expression: String,
    /// The fields that the expression names.
    pub inputs: Vec<SeenField>,
    /// What came of it, as the command has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<RawValue>>,
    /// Why nothing came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the expressions of an event see, and what of it is shown.
pub(super) struct Sight<'f> {
    facts: Facts<'f>,
    /// The variables that may hold secrets, as an audit record would have them: redacted.
    shown: Value,
}

impl<'f> Sight<'f> {
    pub(super) fn of(rules: &Rules, firing: &'f Firing<'_, '_, '_>, texts: &'f fire::Texts) -> Self {
        let rewrite = Rewrite::Redacted(rules.hidden());
        let mut shown = vec![b'{'];
        rewrite.push_members(Some(&firing.source.contract), &firing.event.data.members, &mut shown);
        shown.push(b'}');
        let data: Value = serde_json::from_slice(&shown).unwrap_or_default();
        Self { facts: firing.facts(texts), shown: serde_json::json!({ "data": data }) }
    }

    /// What the expressions about a change of state see; `old` and `new` are shown as an audit record would have them.
    pub(super) fn of_change(rules: &Rules, contract: &Contract, change: StateChange<'f>, facts: Facts<'f>) -> Self {
        let rewrite = Rewrite::Redacted(rules.hidden());
        let redacted = |state: Option<&str>| -> Value {
            let raw = state.unwrap_or("{}");
            let mut all = Vec::new();
            members(json::Value { raw, kind: Kind::Object }, |member| all.push(member));
            let mut shown = vec![b'{'];
            rewrite.push_members(Some(contract), &all, &mut shown);
            shown.push(b'}');
            serde_json::from_slice(&shown).unwrap_or_default()
        };
        let shown = serde_json::json!({ "old": redacted(change.old), "new": redacted(change.new) });
        Self { facts, shown }
    }

    /// Whether a trigger's condition holds.
    pub(super) fn holds(&self, trigger: &Trigger) -> bool {
        self.is_true(trigger.when.as_ref())
    }

    /// Whether a condition holds; without one, it does.
    pub(super) fn is_true(&self, when: Option<&Expression>) -> bool {
        when.is_none_or(|when| when.holds(&self.facts) == Ok(true))
    }

    /// The parts behind the answer of a condition.
    pub(super) fn condition(&self, when: &Expression) -> Vec<ConditionPart> {
        let shown = |part: Part| {
            let (answer, error) = match part.answer {
                Answer::True => ("true", None),
                Answer::False => ("false", None),
                Answer::Failed(why) => ("failed", Some(why)),
            };
            let saw = part.saw.into_iter().map(|seen| self.field(seen)).collect();
            ConditionPart { part: short(&part.text), answer, error, saw }
        };
        when.parts(&self.facts).into_iter().map(shown).collect()
    }

    /// The mappings of a trigger, or of what else makes an event.
    pub(super) fn mappings(&self, map: &[Mapping], target: &EventType) -> Vec<MappingResult> {
        let result = |mapping: &Mapping| {
            let inputs: Vec<_> = mapping.value.inputs(&self.facts).into_iter().map(|seen| self.field(seen)).collect();
            let hidden = inputs.iter().filter_map(|input| input.value.as_deref());
            let hidden = hidden.map(RawValue::get).any(|value| value.contains(REDACTED));
            let made = fire::mapped_value(mapping, target, &self.facts);
            let (result, error) = match made {
                Ok(_) if hidden => (raw(&Value::from(REDACTED)), None),
                Ok(value) => (bounded(&String::from_utf8_lossy(&value)), None),
                Err(error) => (None, Some(error.message)),
            };
            MappingResult {
                field: mapping.field.to_string(),
                expression: short(mapping.value.text()),
                inputs,
                result,
                error,
            }
        };
        map.iter().map(result).collect()
    }

    fn field(&self, seen: Seen) -> SeenField {
        let value = seen.json.as_deref().and_then(|json| match self.redacted(&seen.path) {
            Some(redacted) => bounded(&redacted.to_string()),
            None => bounded(json),
        });
        SeenField { name: seen.path.join("."), value }
    }

    /// What is shown of a field of the data in place of its value: nothing for a plain value.
    fn redacted(&self, path: &[String]) -> Option<&Value> {
        let [variable, names @ ..] = path else { return None };
        let mut at = self.shown.get(variable)?;
        for name in names {
            if at.as_str() == Some(REDACTED) {
                break;
            }
            at = at.get(name)?;
        }
        (at.as_str() == Some(REDACTED) || at.is_object() || at.is_array()).then_some(at)
    }
}

/// A JSON text, or where that is long its beginning as a string.
fn bounded(json: &str) -> Option<Box<RawValue>> {
    if json.len() > MAX_SHOWN {
        return raw(&Value::from(short(json)));
    }
    RawValue::from_string(json.to_owned()).ok()
}

fn raw(value: &Value) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(value).ok()
}

/// A text on one line, its end cut off where it is long.
fn short(text: &str) -> String {
    let shown = cut(text, MAX_SHOWN);
    let mut line = shown.replace(crate::diagnostic::is_hidden, " ");
    line.push_str(if shown.len() < text.len() { "…" } else { "" });
    line
}
