//! Module state: an update, the value that it made, and whether a fact is one that a change emitted.

use super::{Reading, Seen, blank, cause, key_digest, keyed, read, time_of};
use crate::catalogue::AuditMode;
use crate::envelope::Envelope;
use crate::ids;
use crate::state::{Entity, NewerState, Operation, OwnedEntityKey, TOMBSTONE_HEADER, Update, Written};
use crate::verify::values::group;
use crate::verify::{Entry, Out, Pile, What, Write};

impl Reading<'_> {
    pub(super) fn update(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let envelope = read(seen.value);
        let cause = cause(envelope.tenant_id.as_deref(), envelope.event_id.as_deref());
        let more = entity(&envelope).map_or(0, |key| key_digest(&key));
        let source = blank(seen, What::Source, seen.place.group());
        let content = seen.content(&time_of(seen));
        let source = Entry { source: seen.place, cause, more, content, ..source };
        out.put(Pile::Sources, Entry { said: self.said_again(seen), ..source });
    }

    pub(super) fn value(&self, seen: &Seen<'_>, out: &mut impl Out) {
        let Some(key) = seen.key.and_then(|key| OwnedEntityKey::parse(key).ok()) else {
            return self.torn(seen, "is no state: its key names no entity".to_owned(), out);
        };
        let written = match written(seen) {
            Ok(written) => written,
            Err(error) => return self.torn(seen, format!("cannot be read: {error}"), out),
        };
        if self.scope.is_older(seen.time, written.at.millis()) {
            return self.older(seen, None, written.at.millis(), out);
        }
        let write = Write { version: written.version.0, deletes: seen.value.is_none() };
        let cause = cause(Some(&key.tenant), Some(&written.event_id));
        let source = keyed(seen.key);
        let value = Entry { source, cause, more: write.pack(), ..blank(seen, What::Value, group(cause, write)) };
        match self.scope.audit {
            AuditMode::On => out.put(Pile::Values, value),
            // Only its versions can be judged.
            AuditMode::Off => out.put(Pile::Entities, value.of_entity()),
        }
    }

    /// Whether a fact is one that a change of state emitted, under this catalogue or an earlier one: no module could give it
    /// this id by chance.
    pub(super) fn is_emitted(&self, seen: &Seen<'_>, envelope: &Envelope<'_>) -> bool {
        let Some(fact) = self.scope.topics.event_type(seen.place.topic) else { return false };
        let (Some(tenant), Some(id)) = (envelope.tenant_id.as_deref(), envelope.event_id.as_deref()) else {
            return false;
        };
        let Some(update) = envelope.metadata.causation_id.as_deref() else { return false };
        let name = &self.rules.catalogue.event_type(fact).name;
        let of = |operation: Operation| ids::derived_event_id(tenant, operation.event_type(), update, name);
        Operation::ALL.into_iter().any(|operation| super::id_group(id) == of(operation).as_u128())
    }
}

/// The key of the entity that an update means, as far as that can be read.
fn entity(envelope: &Envelope<'_>) -> Option<Vec<u8>> {
    let operation = Operation::of_event_type(envelope.event_type.as_deref()?)?;
    let update = Update::read(operation, envelope.data.as_ref()?, &mut Vec::new())?;
    Some(update.key(envelope.tenant_id.as_deref()?).ok()?.to_bytes())
}

/// What a value or a tombstone says of its write.
fn written<'a>(seen: &Seen<'a>) -> Result<Written<'a>, NewerState> {
    if let Some(value) = seen.value {
        return Entity::read(value).map(|entity| entity.written);
    }
    let header = seen.headers.iter().rev().find(|(name, _)| name == TOMBSTONE_HEADER.as_bytes());
    let header = header.and_then(|(_, value)| value.as_deref()).ok_or(NewerState::Foreign)?;
    Written::read(header)
}
