//! Sample traffic: the events of a few tenants, one in twelve of them bad. Pure: a seed and the time of each event
//! give always the same events.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::fill::fill;
use super::flaw::Flaw;
use super::health::health;
use super::random::Random;
use super::story::{Draft, Story};
use crate::catalogue::{Catalogue, EventType, Tenants};
use crate::client::publish::{NewEvent, write_event};
use crate::ids::{TypeId, new_event_id, push_key};
use crate::schema::Presence;
use crate::time::Timestamp;

/// Of so many events one is bad.
const ONE_BAD_IN: u64 = 12;
/// Of so many events one is an update of an account, where the catalogue keeps them.
const ONE_UPDATE_IN: u64 = 5;
/// Whose events they are, where the catalogue names no tenants.
const TENANTS: [&str; 4] = ["tenant_001", "tenant_002", "tenant_003", "tenant_004"];
/// No module's name.
const NOBODY: &str = "mystery_module";
const YEAR: i64 = 365 * 86_400_000;

/// An event to publish, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The topic that it goes to.
    pub topic: Place,
    /// The record's key.
    pub key: Vec<u8>,
    /// The record's value.
    pub value: Option<Vec<u8>>,
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
}

/// A topic that sample events go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// That of an event type.
    Event(TypeId),
    /// That of updates of entities.
    Updates,
}

/// An endless sequence of events.
#[derive(Debug)]
pub struct Traffic {
    catalogue: Arc<Catalogue>,
    /// The facts, in the order of the file.
    facts: Vec<TypeId>,
    random: Random,
    story: Story,
    /// How many were made, and which of these twelve is the bad one.
    made: u64,
    bad: u64,
}

impl Traffic {
    /// The events of a seed. `None` for a catalogue without facts.
    #[must_use]
    pub fn new(catalogue: Arc<Catalogue>, seed: u64) -> Option<Self> {
        let facts: Vec<_> = catalogue.facts().map(|(id, ..)| id).collect();
        let story = Story::new(tenants(&catalogue));
        (!facts.is_empty()).then(|| Self { catalogue, facts, random: Random::new(seed), story, made: 0, bad: 0 })
    }

    /// The next event.
    pub fn next(&mut self, now: Timestamp) -> Sample {
        let place = self.made % ONE_BAD_IN;
        if place == 0 {
            self.bad = self.random.below(ONE_BAD_IN);
        }
        // One flaw after the other, so that a short run has several.
        let turn = usize::try_from(self.made / ONE_BAD_IN).unwrap_or(0);
        self.made += 1;
        let flaw = (place == self.bad).then(|| Flaw::ALL[turn % Flaw::ALL.len()]);
        if flaw.is_none()
            && self.made.is_multiple_of(ONE_UPDATE_IN)
            && let Some(update) = health(&self.catalogue, &self.story, &mut self.random, now)
        {
            return update;
        }
        let draft = self.story.step(&mut self.random, now);
        self.write(draft, flaw, now)
    }

    fn write(&mut self, draft: Draft, flaw: Option<Flaw>, now: Timestamp) -> Sample {
        let catalogue = Arc::clone(&self.catalogue);
        let (id, mut data) = self.fact(&draft);
        let event_type = catalogue.event_type(id);
        fill(&event_type.contract, &mut data, &mut self.random);
        let event_id = new_event_id(now, &self.random.bytes());
        let key = key(event_type, &draft.tenant, &data, &event_id);
        let flaw = flaw.map(|flaw| possible(flaw, event_type, self.facts.len()));
        if let Some(flaw) = flaw {
            flaw.spoil_data(&event_type.contract, &mut data, &mut self.random);
        }
        let ahead = Timestamp::from_millis(now.millis() + YEAR).to_rfc3339();
        let wrong_tenant = format!("{}/eu", draft.tenant);
        let event = NewEvent {
            event_type: id,
            event_id: &event_id,
            source_module: (flaw == Some(Flaw::WrongOwner)).then_some(NOBODY),
            tenant: if flaw == Some(Flaw::WrongTenant) { &wrong_tenant } else { &draft.tenant },
            user: Some(draft.user),
            timestamp: (flaw == Some(Flaw::FarAhead)).then_some(&*ahead),
            correlation: Some(&draft.correlation),
            data: &Value::Object(data).to_string(),
        };
        let text = write_event(&catalogue, &event, now);
        let topic = if flaw == Some(Flaw::WrongTopic) { self.other_than(id) } else { id };
        let value = match flaw {
            Some(flaw) => flaw.spoil_text(text),
            None => Some(text),
        };
        Sample { topic: Place::Event(topic), key, value, flaw }
    }

    /// The fact that a draft means, and its data; where the catalogue has none of that name, one of its own.
    fn fact(&mut self, draft: &Draft) -> (TypeId, Map<String, Value>) {
        let known = self.catalogue.resolve(draft.event_type).map(|name| name.id()).filter(|id| self.facts.contains(id));
        match (known, &draft.data) {
            (Some(id), Value::Object(data)) => (id, data.clone()),
            (Some(_) | None, _) => (self.facts[self.random.index(self.facts.len())], Map::new()),
        }
    }

    /// The next fact of the file.
    fn other_than(&self, id: TypeId) -> TypeId {
        let at = self.facts.iter().position(|one| *one == id).unwrap_or(0);
        self.facts[(at + 1) % self.facts.len()]
    }
}

fn tenants(catalogue: &Catalogue) -> Vec<Arc<str>> {
    match &catalogue.settings.tenants {
        Tenants::Listed(listed) if !listed.is_empty() => listed.iter().take(TENANTS.len()).map(Arc::clone).collect(),
        Tenants::Listed(_) | Tenants::Open => TENANTS.map(Arc::from).into(),
    }
}

/// `tenant/entity`, as producers write it.
fn key(event_type: &EventType, tenant: &str, data: &Map<String, Value>, event_id: &str) -> Vec<u8> {
    let field = event_type.key.and_then(|index| event_type.contract.fields.get(index));
    let names = field.into_iter().flat_map(|field| std::iter::once(&field.name).chain(&field.aliases));
    let entity = names.filter_map(|name| data.get(&**name)?.as_str()).next().unwrap_or(event_id);
    let mut key = Vec::new();
    push_key(&mut key, tenant, entity);
    key
}

/// The flaw, or another one where this event cannot have it.
fn possible(flaw: Flaw, event_type: &EventType, facts: usize) -> Flaw {
    let requires = event_type.contract.fields.iter().any(|field| field.presence == Presence::Required);
    let impossible = match flaw {
        Flaw::FieldMissing | Flaw::FieldOfOtherType => !requires,
        Flaw::WrongTopic => facts < 2,
        Flaw::CutShort | Flaw::NotUtf8 | Flaw::Tombstone | Flaw::WrongOwner | Flaw::WrongTenant | Flaw::FarAhead => {
            false
        }
    };
    if impossible { Flaw::CutShort } else { flaw }
}

#[cfg(test)]
mod tests;
