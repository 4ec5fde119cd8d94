//! Triggers at work: conditions, mappings, derived events. All or nothing (decision 37).

mod derived;
mod record;

use std::borrow::Cow;

use smallvec::SmallVec;
use uuid::Uuid;

pub(super) use self::derived::{Checked, check as check_derived};
pub(super) use self::record::{check_size, push_headers};
use super::admit::Admitted;
use super::rules::DerivedCheck;
use super::{Effects, Placement, Produce, Record, Rules, Topic};
use crate::catalogue::{Command, EventType, Kind};
use crate::envelope::{self, Derived, Event};
use crate::ids::{self, TypeId};
use crate::json::push_string;
use crate::reason::{Reason, ReasonCode};
use crate::schema::Rewrite;
use crate::time::Timestamp;
use crate::trigger::{ExpressionError, Facts, Mapping, Trigger};

/// One event derived by a trigger, for the audit record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fired<'r> {
    pub(super) trigger: &'r Trigger,
    pub(super) id: Uuid,
}

/// An event at its triggers.
pub(super) struct Firing<'r, 'e, 'a> {
    pub(super) rules: &'r Rules,
    pub(super) record: &'e Record<'a>,
    pub(super) source: &'r EventType,
    pub(super) admitted: &'e Admitted<'a>,
    pub(super) event: Event<'e, 'a>,
    pub(super) now: Timestamp,
}

/// The data and variables of an event as texts, for expressions.
pub(super) struct Texts {
    data: String,
    event: String,
}

impl<'r, 'a> Firing<'r, '_, 'a> {
    /// The texts that expressions see; only events with expressions pay for them.
    pub(super) fn texts(&self) -> Texts {
        let mut data = Vec::new();
        self.push_data(&mut data);
        let owner = &self.rules.catalogue.module(self.source.module).name;
        let event = event_text((&self.source.name, owner), self.event);
        Texts { data: String::from_utf8(data).unwrap_or_default(), event }
    }

    /// The variables of expressions over those texts.
    pub(super) fn facts<'t>(&'t self, texts: &'t Texts) -> Facts<'t> {
        let metadata = self.admitted.envelope.metadata.raw.unwrap_or("{}");
        Facts::new(&self.source.contract, &texts.data, &texts.event, metadata)
    }

    /// Derives the event of one trigger.
    pub(super) fn derive(
        &self,
        (index, trigger): (usize, &'r Trigger),
        facts: Option<&Facts<'_>>,
        out: &mut Effects,
        reasons: &mut Vec<Reason>,
    ) -> Option<Fired<'r>> {
        let target = self.rules.catalogue.event_type(trigger.emit);
        let Kind::Command(command) = &target.kind else { return None };
        let mapped = self.mapped(trigger, target, facts, reasons)?;
        let id = ids::derived_event_id(self.event.tenant, &self.source.name, self.event.id, &trigger.id);
        let derived = self.describe(trigger, target, command, id);
        let checked = self.checked_data((index, trigger), target, &mapped);
        let Checked { entity, data } = checked
            .map_err(|breaches| {
                reasons.extend(breaches.into_iter().map(|breach| {
                    let message = format!("trigger {}: the derived {}: {}", trigger.id, target.name, breach.message);
                    Reason::new(ReasonCode::DerivedInvalid, message)
                }));
            })
            .ok()?;
        let value = out.write(|bytes| {
            envelope::write(&derived, bytes, |bytes| match &data {
                Some(data) => bytes.extend_from_slice(data),
                None => self.push_data(bytes),
            });
        });
        let entity = entity.as_deref().or(self.admitted.entity.as_deref())?;
        let key = out.write(|bytes| ids::push_key(bytes, self.event.tenant, entity));
        let headers = push_headers(self.record, target, &derived, out);
        let produce =
            Produce { topic: Topic::Event(trigger.emit), placement: Placement::ByKey, key: Some(key), value, headers };
        check_size(&trigger.id, self.rules.topology.types[trigger.emit.index()], &produce, out)
            .map_err(|reason| reasons.push(reason))
            .ok()?;
        out.produce.push(produce);
        Some(Fired { trigger, id })
    }

    /// The entity that the command names, and its data where that is not the source's own.
    fn checked_data(
        &self,
        (index, trigger): (usize, &Trigger),
        target: &EventType,
        mapped: &[Vec<u8>],
    ) -> Result<Checked<'a>, Vec<Reason>> {
        // A flat payload lies one level deeper in what we write: only a check tells whether it is too deep.
        let nested = self.event.data.raw.is_some();
        if nested && self.rules.derived_check(self.record.topic, index) == DerivedCheck::Implied {
            return Ok(Checked { entity: self.implied_entity(target)?, data: None });
        }
        let mut data = Vec::new();
        self.push_derived_data(trigger, target, mapped, &mut data);
        let Checked { entity, data: canonical } = derived::check(target, &data)?;
        Ok(Checked { entity, data: canonical.or(Some(data)) })
    }

    fn describe<'d>(&'d self, trigger: &'d Trigger, target: &'d EventType, command: &Command, id: Uuid) -> Derived<'d> {
        let catalogue = &self.rules.catalogue;
        Derived {
            id,
            event_type: &target.name,
            action: &target.action,
            source_module: &catalogue.module(self.source.module).name,
            target_module: Some(&catalogue.module(target.module).name),
            tenant: self.event.tenant,
            user: self.event.user,
            timestamp: self.now,
            correlation: self.event.correlation,
            causation: self.event.id,
            root: self.event.root,
            hops: self.event.hops + 1,
            trigger: Some(&trigger.id),
            catalogue: catalogue.digest.as_str(),
            timeout_seconds: Some(command.timeout_seconds),
        }
    }

    /// The values of the trigger's mappings, as JSON, in their order.
    fn mapped(
        &self,
        trigger: &Trigger,
        target: &EventType,
        facts: Option<&Facts<'_>>,
        reasons: &mut Vec<Reason>,
    ) -> Option<SmallVec<[Vec<u8>; 4]>> {
        let mut values = SmallVec::new();
        for mapping in &trigger.map {
            match facts.map(|facts| mapped_value(mapping, target, facts)) {
                Some(Ok(value)) => values.push(value),
                Some(Err(error)) => {
                    let (field, text) = (&mapping.field, mapping.value.text());
                    let message = format!("trigger {}: `map.{field}: {text}` failed: {error}", trigger.id);
                    reasons.push(Reason::new(ReasonCode::MappingFailed, message));
                }
                None => {}
            }
        }
        (values.len() == trigger.map.len()).then_some(values)
    }

    /// The source's data under canonical names: its very bytes where no alias occurs.
    fn push_data(&self, out: &mut Vec<u8>) {
        let data = self.event.data;
        match data.raw {
            Some(raw) if !self.admitted.checked.aliased => out.extend_from_slice(raw.as_bytes()),
            _ => {
                out.push(b'{');
                Rewrite::Canonical.push_members(Some(&self.source.contract), &data.members, out);
                out.push(b'}');
            }
        }
    }

    /// The command's data: what passes, with what is mapped in its place or behind it.
    fn push_derived_data(&self, trigger: &Trigger, target: &EventType, mapped: &[Vec<u8>], out: &mut Vec<u8>) {
        if trigger.map.is_empty() && trigger.keep.is_none() {
            return self.push_data(out);
        }
        let contract = &self.source.contract;
        // What passes under an alias of the command's field would stand in the way of what is mapped.
        let meant = |name| target.contract.find(name, 0).map(|(index, _)| index).ok_or(name);
        out.push(b'{');
        let first = out.len();
        for member in &self.event.data.members {
            let name = contract.find(&member.name, 0).map_or(&*member.name, |(index, _)| &*contract.fields[index].name);
            let kept = trigger.keep.as_ref().is_none_or(|keep| keep.iter().any(|one| **one == *name));
            if kept && !trigger.map.iter().any(|mapping| meant(&mapping.field) == meant(name)) {
                separate(out, first);
                Rewrite::Canonical.push_member(Some(contract), member, out);
            }
        }
        for (mapping, value) in trigger.map.iter().zip(mapped) {
            separate(out, first);
            push_string(out, &mapping.field);
            out.push(b':');
            out.extend_from_slice(value);
        }
        out.push(b'}');
    }

    /// The command's entity, where the data passed unchanged.
    fn implied_entity(&self, target: &EventType) -> Result<Option<Cow<'a, str>>, Vec<Reason>> {
        let value = target.key.and_then(|index| {
            let position = self.source.contract.position(&target.contract.fields[index].name)?;
            self.admitted.checked.values[position]
        });
        derived::entity(target, value)
    }
}

/// The variable `event` of expressions.
pub(super) fn event_text((event_type, source_module): (&str, &str), event: Event<'_, '_>) -> String {
    let mut text = Vec::from(b"{\"event_id\":");
    push_string(&mut text, event.id);
    envelope::push_field(&mut text, "event_type", event_type);
    envelope::push_field(&mut text, "source_module", source_module);
    envelope::push_field(&mut text, "tenant_id", event.tenant);
    if let Some(user) = event.user {
        envelope::push_field(&mut text, "user_id", user);
    }
    envelope::push_field(&mut text, "timestamp", &event.timestamp.to_rfc3339());
    envelope::push_field(&mut text, "correlation_id", event.correlation);
    text.push(b'}');
    String::from_utf8(text).unwrap_or_default()
}

fn separate(out: &mut Vec<u8>, first: usize) {
    if out.len() > first {
        out.push(b',');
    }
}

/// The value of a mapping as JSON, as its field declares it.
pub(super) fn mapped_value(
    mapping: &Mapping,
    target: &EventType,
    facts: &Facts<'_>,
) -> Result<Vec<u8>, ExpressionError> {
    let mut value = Vec::new();
    mapping.value.write_json(facts, &mut value)?;
    Ok(derived::as_declared(target, &mapping.field, value))
}

/// Whether any trigger of a fact has an expression, so that its data must be converted.
pub(super) fn needs_facts(triggers: &[Trigger]) -> bool {
    triggers.iter().any(|trigger| trigger.when.is_some() || !trigger.map.is_empty())
}

/// The event type of a record's topic.
pub(super) fn source(rules: &Rules, topic: TypeId) -> &EventType {
    rules.catalogue.event_type(topic)
}
