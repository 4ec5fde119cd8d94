//! What a state entity answers, told without a line of the router's code.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Model;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    Put(Value),
    Patch(Value),
    Delete,
    Get,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It was done, and made this version.
    Done(u64),
    /// It was not: the entity had this version (0: was not there), and this state, where the answer says it.
    Conflict(u64, Option<Value>),
    /// What there is: version and state.
    Read(Option<(u64, Value)>),
    /// None came.
    Unknown,
}

/// A call on one entity.
#[derive(Debug, Clone)]
pub struct Call {
    pub ask: Ask,
    /// Which version it must have; 0: it must not be there.
    pub expected: Option<u64>,
    pub answer: Answer,
}

/// One entity: `None` while it is not there, else its version and its state.
pub struct Entity;

type State = Option<(u64, Arc<str>)>;

impl Model for Entity {
    type State = State;
    type Call = Call;

    fn step(state: &State, call: &Call) -> Option<State> {
        let version = state.as_ref().map_or(0, |(version, _)| *version);
        let is = |told: &Value| state.as_ref().is_some_and(|(_, text)| **text == *canonical(told));
        let agrees = call.expected.is_none_or(|expected| expected == version);
        let same = |fits: bool| fits.then(|| (version, state.clone()));
        match &call.answer {
            Answer::Read(None) => same(state.is_none()),
            Answer::Read(Some((told, value))) => same(version == *told && is(value)),
            Answer::Conflict(told, value) => {
                let refused = !agrees || (call.ask == Ask::Delete && state.is_none());
                same(refused && version == *told && value.as_ref().is_none_or(is))
            }
            Answer::Done(told) if agrees => made(state, &call.ask).filter(|(version, _)| version == told),
            Answer::Unknown if agrees => made(state, &call.ask),
            Answer::Done(_) | Answer::Unknown => None,
        }
        .map(|(_, after)| after)
    }

    /// A write raises the version; behind a delete it begins anew.
    fn explains(state: &State, call: &Call, next: &[&Call]) -> bool {
        let version = state.as_ref().map_or(0, |(version, _)| *version);
        let fits = |met: u64| if call.ask == Ask::Delete { met <= version } else { met > version };
        next.iter().any(|next| met(&next.answer).is_some_and(fits))
    }
}

/// The version that an answered call met.
fn met(answer: &Answer) -> Option<u64> {
    match answer {
        Answer::Done(made) => Some(made.saturating_sub(1)),
        Answer::Conflict(version, _) => Some(*version),
        Answer::Read(read) => Some(read.as_ref().map_or(0, |(version, _)| *version)),
        Answer::Unknown => None,
    }
}

/// What a write makes of an entity, and its version; nothing where there is nothing to do.
fn made(state: &State, ask: &Ask) -> Option<(u64, State)> {
    let version = state.as_ref().map_or(1, |(version, _)| version + 1);
    let after = match ask {
        Ask::Get => return None,
        Ask::Put(value) => Some(canonical(value)),
        Ask::Patch(patch) => {
            let before = state.as_ref().map(|(_, text)| serde_json::from_str(text).unwrap());
            Some(canonical(&merged(before.unwrap_or(Value::Null), patch)))
        }
        Ask::Delete => state.as_ref().map(|_| None)?,
    };
    Some((version, after.map(|text| (version, text.into()))))
}

/// RFC 7386, as its own text has it.
pub fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = if let Value::Object(target) = target { target } else { Map::new() };
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(name);
        } else {
            let before = target.get(name).cloned().unwrap_or(Value::Null);
            target.insert(name.clone(), merged(before, value));
        }
    }
    Value::Object(target)
}

/// One text for one value: names in their order.
pub fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
