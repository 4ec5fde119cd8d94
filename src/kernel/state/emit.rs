//! The facts that a change of state emits: whatever holds is derived, all or nothing (decision 37).

use smallvec::SmallVec;
use uuid::Uuid;

use super::super::fire::{self, Checked};
use crate::catalogue::{Catalogue, Emission, EntityType, EventType};
use crate::envelope::{self, Derived, Event, push_field, push_number};
use crate::ids;
use crate::json::push_string;
use crate::kernel::decide::Case;
use crate::kernel::{Effects, Placement, Produce, StateUpdates, Topic};
use crate::reason::{Outcome, Reason, ReasonCode};
use crate::state::{Operation, Update, Version};
use crate::trigger::{Facts, StateChange};

/// A fact that is emitted, for the audit record.
#[derive(Debug)]
pub(in crate::kernel) struct Emitted<'r> {
    pub(in crate::kernel) trigger: String,
    pub(in crate::kernel) id: Uuid,
    pub(in crate::kernel) fact: &'r EventType,
}

/// A change of an entity, on its way to its facts.
pub(in crate::kernel) struct Change<'r, 'e, 'a> {
    pub(in crate::kernel) case: &'e Case<'r, 'e, 'a, StateUpdates>,
    pub(in crate::kernel) entity_type: &'r EntityType,
    pub(in crate::kernel) event: Event<'e, 'a>,
    pub(in crate::kernel) metadata: &'e str,
    pub(in crate::kernel) operation: Operation,
    pub(in crate::kernel) update: &'e Update<'a>,
    pub(in crate::kernel) version: Version,
    pub(in crate::kernel) old: Option<&'e str>,
    pub(in crate::kernel) new: Option<&'e str>,
}

impl<'r> Change<'r, '_, '_> {
    /// Derives every fact whose condition holds.
    ///
    /// # Errors
    /// How it ended instead, with the reasons added.
    pub(super) fn emit(
        &self,
        out: &mut Effects,
        reasons: &mut Vec<Reason>,
    ) -> Result<SmallVec<[Emitted<'r>; 2]>, Outcome> {
        let on = |one: &&Emission| one.on.include(self.old.is_some(), self.new.is_some());
        let possible: SmallVec<[&Emission; 4]> = self.entity_type.emits.iter().filter(on).collect();
        if possible.is_empty() {
            return Ok(SmallVec::new());
        }
        let (entity, event) = (self.entity(), self.event_text());
        let change =
            StateChange { old: self.old, new: self.new, entity: &entity, event: &event, metadata: self.metadata };
        let facts = Facts::change(&self.entity_type.contract, change);
        let holding: SmallVec<[&Emission; 4]> =
            possible.into_iter().filter(|one| self.holds(one, &facts, reasons)).collect();
        let (hops, limit) = (self.event.hops, self.catalogue().settings.max_hops);
        if hops >= limit && !(holding.is_empty() && reasons.is_empty()) {
            reasons.clear();
            let message =
                format!("the update has {hops} hops behind it, and the limit is {limit}: what it emits closes a loop");
            reasons.push(Reason::new(ReasonCode::HopLimit, message));
            return Err(Outcome::Loop);
        }
        let emitted = holding.into_iter().filter_map(|one| self.derive(one, &facts, out, reasons)).collect();
        if reasons.is_empty() { Ok(emitted) } else { Err(Outcome::Failed) }
    }

    fn holds(&self, emission: &Emission, facts: &Facts<'_>, reasons: &mut Vec<Reason>) -> bool {
        let Some(when) = &emission.when else { return true };
        when.holds(facts).unwrap_or_else(|error| {
            let (fact, text) = (&self.catalogue().event_type(emission.fact).name, when.text());
            let message = format!("emits {fact}: `when: {text}` failed: {error}");
            reasons.push(Reason::new(ReasonCode::ConditionFailed, message));
            false
        })
    }

    fn derive(
        &self,
        emission: &Emission,
        facts: &Facts<'_>,
        out: &mut Effects,
        reasons: &mut Vec<Reason>,
    ) -> Option<Emitted<'r>> {
        let fact = self.catalogue().event_type(emission.fact);
        let data = self.data(emission, (fact, facts), reasons)?;
        let invalid = |breaches: Vec<Reason>| {
            reasons.extend(breaches.into_iter().map(|breach| {
                let message = format!("emits {}: the fact is not valid: {}", fact.name, breach.message);
                Reason::new(ReasonCode::DerivedInvalid, message)
            }));
        };
        let Checked { entity, data: canonical } = fire::check_derived(fact, &data).map_err(invalid).ok()?;
        let data = canonical.unwrap_or(data);
        let (tenant, event_type) = (self.event.tenant, self.operation.event_type());
        let id = ids::derived_event_id(tenant, event_type, self.event.id, &fact.name);
        let trigger = format!("state:{}", self.entity_type.name);
        let derived = self.describe(fact, &trigger, id);
        let value = out.write(|bytes| envelope::write(&derived, bytes, |bytes| bytes.extend_from_slice(&data)));
        let entity = match (entity, fact.key) {
            (Some(entity), _) => entity.into_owned(),
            // As for every fact: its own id where it declares no key.
            (None, None) => format!("evt_{id}"),
            (None, Some(index)) => {
                let message = format!(
                    "emits {}: the fact is not valid: `{}` is its key and is empty",
                    fact.name, fact.contract.fields[index].name
                );
                reasons.push(Reason::new(ReasonCode::DerivedInvalid, message));
                return None;
            }
        };
        let key = out.write(|bytes| ids::push_key(bytes, tenant, &entity));
        let headers = fire::push_headers(self.case.record, fact, &derived, out);
        let topic = Topic::Event(emission.fact);
        let produce = Produce { topic, placement: Placement::ByKey, key: Some(key), value, headers };
        let takes = self.case.rules.topology.types[emission.fact.index()];
        fire::check_size(&trigger, takes, &produce, out).map_err(|reason| reasons.push(reason)).ok()?;
        // It comes back as a record like any other.
        let most = self.catalogue().settings.max_event_bytes as usize;
        if value.len() > most {
            let message =
                format!("emits {}: the fact has {} bytes, and max_event_bytes is {most}", fact.name, value.len());
            reasons.push(Reason::new(ReasonCode::DerivedTooLarge, message));
            return None;
        }
        out.produce.push(produce);
        Some(Emitted { trigger, id, fact })
    }

    /// The fact's data: what is mapped, in its order.
    fn data(
        &self,
        emission: &Emission,
        (fact, facts): (&EventType, &Facts<'_>),
        reasons: &mut Vec<Reason>,
    ) -> Option<Vec<u8>> {
        let (mut data, mut failed) = (vec![b'{'], false);
        for mapping in &emission.map {
            match fire::mapped_value(mapping, fact, facts) {
                Ok(value) => {
                    if data.len() > 1 {
                        data.push(b',');
                    }
                    push_string(&mut data, &mapping.field);
                    data.push(b':');
                    data.extend_from_slice(&value);
                }
                Err(error) => {
                    failed = true;
                    let (field, text) = (&mapping.field, mapping.value.text());
                    let message = format!("emits {}: `map.{field}: {text}` failed: {error}", fact.name);
                    reasons.push(Reason::new(ReasonCode::MappingFailed, message));
                }
            }
        }
        data.push(b'}');
        (!failed).then_some(data)
    }

    fn describe<'d>(&'d self, fact: &'d EventType, trigger: &'d str, id: Uuid) -> Derived<'d> {
        Derived {
            id,
            event_type: &fact.name,
            action: &fact.action,
            source_module: &self.update.module,
            target_module: None,
            tenant: self.event.tenant,
            user: self.event.user,
            timestamp: self.case.now,
            correlation: self.event.correlation,
            causation: self.event.id,
            root: self.event.root,
            hops: self.event.hops + 1,
            trigger: Some(trigger),
            catalogue: self.catalogue().digest.as_str(),
            timeout_seconds: None,
        }
    }

    pub(in crate::kernel) fn event_text(&self) -> String {
        fire::event_text((self.operation.event_type(), &self.update.module), self.event)
    }

    pub(in crate::kernel) fn entity(&self) -> String {
        let mut entity = Vec::from(b"{\"id\":");
        push_string(&mut entity, &self.update.entity_id);
        push_field(&mut entity, "type", &self.entity_type.name);
        push_field(&mut entity, "module", &self.update.module);
        push_field(&mut entity, "tenant_id", self.event.tenant);
        push_number(&mut entity, "version", self.version.0);
        entity.push(b'}');
        String::from_utf8(entity).unwrap_or_default()
    }

    fn catalogue(&self) -> &'r Catalogue {
        &self.case.rules.catalogue
    }
}
